//! Retries, probes, and receivers that are switched off.

use gatewright_core::Timestamp;
use gatewright_core::channel::{DeliveryOutcome, FailCode, RetryScope};
use gatewright_core::config::DeliveryConfig;
use gatewright_core::event::EventName;
use gatewright_core::ids::ReceiverId;
use sea_orm::Set;

use crate::support::{World, accept, config, on_each, refuse, retry, seconds};

async fn state(world: &World, receiver: ReceiverId) -> (i16, i32) {
    let row = world.receiver_row(receiver).await;
    (row.state, row.failures)
}

#[tokio::test]
async fn attempts_follow_the_schedule_and_end_in_a_dead_letter() {
    on_each(|db| async move {
        let mut config = config();
        config.delivery.probe_after = 100;
        let world = World::with(db, config).await;
        let (inbox, receiver) = world.inbox("messages").await;
        world.channel.always(inbox, retry());
        let id = world.queue(inbox, receiver, Some(1)).await;
        let engine = world.engine().await;
        let mut pauses = Vec::new();
        loop {
            engine.settle_all().await;
            let row = world.row(id).await;
            if row.state != 0 {
                break;
            }
            let pause = Timestamp(row.due_at).since(world.now());
            pauses.push(pause);
            world.advance(pause.saturating_sub(seconds(1)));
            engine.settle_all().await;
            assert_eq!(
                world.channel.calls().len(),
                pauses.len(),
                "not before it is due"
            );
            world.advance(seconds(1));
        }
        assert_eq!(pauses, DeliveryConfig::default().schedule[1..]);
        let row = world.row(id).await;
        assert_eq!(
            (row.state, row.attempts, row.last_status),
            (3, 10, Some(500))
        );
        assert_eq!(
            row.last_error.as_deref(),
            Some("exhausted: 500 Internal Server Error")
        );
        let attempts = world.attempts(id).await;
        let numbers: Vec<i32> = attempts.iter().map(|attempt| attempt.number).collect();
        assert_eq!(numbers, (1..=10).collect::<Vec<_>>());
        assert_eq!(attempts[9].outcome, "exhausted");
        engine.drain(seconds(5)).await;
    })
    .await;
}

#[tokio::test]
async fn a_receiver_that_fails_five_times_in_a_row_is_probed_by_one_delivery_at_a_time() {
    on_each(|db| async move {
        let world = World::new(db).await;
        let (inbox, receiver) = world.inbox("messages").await;
        world.channel.always(inbox, retry());
        let mut ids = Vec::new();
        for lane in 1..=5 {
            ids.push(world.queue(inbox, receiver, Some(lane)).await);
        }
        let engine = world.engine().await;
        engine.settle_all().await;
        assert_eq!(state(&world, receiver).await, (1, 5));
        assert!(
            world.kernel.dispatch().reserve(receiver).is_none(),
            "nothing is born for it"
        );
        for lane in 1..=5 {
            ids.push(world.queue(inbox, receiver, Some(lane)).await);
        }
        // 5 s after the last failure, then 10, 20, 40, 80, 160, 300, 300 ...
        for (index, pause) in [5, 10, 20, 40, 80, 160, 300, 300].into_iter().enumerate() {
            world.advance(seconds(pause - 1));
            engine.settle_all().await;
            assert_eq!(
                world.channel.calls().len(),
                5 + index,
                "not before {pause} s"
            );
            world.advance(seconds(1));
            engine.settle_all().await;
            assert_eq!(
                world.channel.calls().len(),
                6 + index,
                "one probe after {pause} s"
            );
        }
        for id in &ids[5..] {
            assert_eq!(
                world.row(*id).await.attempts,
                0,
                "who waits uses up no attempt"
            );
        }
        world.channel.always(inbox, accept());
        world.advance(seconds(300));
        engine.settle_all().await;
        assert_eq!(state(&world, receiver).await, (0, 0));
        assert!(world.states(&ids).await.iter().all(|state| *state == 2));
        let order = world.channel.order();
        for lane in 0..5 {
            let place = |id: i64| order.iter().rposition(|known| *known == id).unwrap();
            assert!(
                place(ids[lane].get()) < place(ids[lane + 5].get()),
                "in order after all"
            );
        }
        assert!(world.channel.calls().iter().all(|call| !call.late));
        engine.drain(seconds(5)).await;
    })
    .await;
}

#[tokio::test]
async fn a_probe_that_is_not_due_uses_up_no_attempt() {
    on_each(|db| async move {
        let world = World::new(db).await;
        let (inbox, receiver) = world.inbox("messages").await;
        world.channel.always(inbox, retry());
        let id = world.queue(inbox, receiver, Some(1)).await;
        world
            .change(id, |row| {
                row.attempts = Set(1);
                row.due_at = Set(world.now().0 + 7_000_000);
            })
            .await;
        world
            .change_receiver(receiver, |row| {
                row.state = Set(1);
                row.failures = Set(5);
                row.first_failure_at = Set(Some(world.now().0));
                row.probe_due_at = Set(Some(world.now().0));
                row.probe_interval_ms = Set(Some(5000));
            })
            .await;
        let engine = world.engine().await;
        engine.settle_all().await;
        assert_eq!(world.channel.calls().len(), 1);
        let row = world.row(id).await;
        assert_eq!((row.attempts, row.due_at), (1, world.now().0 + 7_000_000));
        assert!(world.attempts(id).await.is_empty());
        world.advance(seconds(10));
        engine.settle_all().await;
        assert_eq!(world.row(id).await.attempts, 2, "now it was due");
        engine.drain(seconds(5)).await;
    })
    .await;
}

#[tokio::test]
async fn one_indigestible_delivery_does_not_keep_its_receiver_closed() {
    on_each(|db| async move {
        let world = World::new(db).await;
        let (inbox, receiver) = world.inbox("messages").await;
        let poison = world.queue(inbox, receiver, Some(1)).await;
        world.channel.poison(poison);
        let engine = world.engine().await;
        while state(&world, receiver).await.0 == 0 {
            let due_at = Timestamp(world.row(poison).await.due_at);
            world.advance(due_at.since(world.now()));
            engine.settle_all().await;
        }
        let fresh = world.queue(inbox, receiver, Some(2)).await;
        world.advance(seconds(5));
        engine.settle_all().await;
        assert_eq!(world.row(fresh).await.state, 2);
        assert_eq!(state(&world, receiver).await.0, 0);
        engine.drain(seconds(5)).await;
    })
    .await;
}

#[tokio::test]
async fn an_outage_of_hours_is_over_within_minutes() {
    on_each(|db| async move {
        let world = World::new(db).await;
        let (inbox, receiver) = world.inbox("messages").await;
        world.channel.always(inbox, retry());
        let mut ids = Vec::new();
        let engine = world.engine().await;
        for minute in 0..240 {
            if minute % 10 == 0 {
                ids.push(world.queue(inbox, receiver, Some(minute % 3)).await);
            }
            world.advance(seconds(60));
            engine.settle_all().await;
        }
        world.channel.always(inbox, accept());
        world.advance(seconds(300));
        engine.settle_all().await;
        assert!(world.states(&ids).await.iter().all(|state| *state == 2));
        engine.drain(seconds(5)).await;
    })
    .await;
}

#[tokio::test]
async fn a_rate_limit_of_the_inbox_makes_all_of_it_wait_as_long_as_asked() {
    on_each(|db| async move {
        let world = World::new(db).await;
        let (inbox, receiver) = world.inbox("messages").await;
        let limited = DeliveryOutcome::Retry {
            reason: "429 Too Many Requests".to_owned(),
            after_ms: Some(60_000),
            scope: RetryScope::Inbox,
            status: Some(429),
        };
        world.channel.answer(inbox, [limited]);
        let first = world.queue(inbox, receiver, Some(1)).await;
        let engine = world.engine().await;
        engine.settle_all().await;
        let second = world.queue(inbox, receiver, Some(2)).await;
        world.advance(seconds(59));
        engine.settle_all().await;
        assert_eq!(world.channel.calls().len(), 1);
        world.advance(seconds(1));
        engine.settle_all().await;
        assert_eq!(world.states(&[first, second]).await, [2, 2]);
        engine.drain(seconds(5)).await;
    })
    .await;
}

#[tokio::test]
async fn five_days_of_failures_switch_a_receiver_off_and_say_so() {
    on_each(|db| async move {
        let world = World::new(db).await;
        let (inbox, receiver) = world.inbox("messages").await;
        let watcher = world.webhook("http://192.0.2.1/").await;
        world.channel.always(inbox, retry());
        let mut ids = Vec::new();
        for lane in 1..=3 {
            ids.push(world.queue(inbox, receiver, Some(lane)).await);
            ids.push(world.queue(inbox, receiver, Some(lane)).await);
        }
        world
            .change_receiver(receiver, |row| {
                row.failures = Set(30);
                row.first_failure_at = Set(Some(world.now().0 - 5 * 86_400_000_000));
            })
            .await;
        let claimed = world.ledger.claim(receiver, 1).await.unwrap();
        let settlement = world
            .ledger
            .settle(&[settled(&claimed[0], retry())])
            .await
            .unwrap();
        assert_eq!(settlement.receivers.len(), 1);
        let row = world.receiver_row(receiver).await;
        assert_eq!(row.state, 2);
        assert_eq!(
            row.state_reason.as_deref(),
            Some("nothing but failures for too long")
        );
        assert!(world.states(&ids).await.iter().all(|state| *state == 3));
        let failed = world.failures.all();
        assert_eq!(
            failed.len(),
            ids.len(),
            "their messages failed, each once: {failed:?}"
        );
        assert!(failed.iter().all(|(_, _, except)| *except == receiver));
        let events = world.events(EventName::ReceiverDisabled).await;
        assert_eq!(events.len(), 1);
        assert!(
            events[0]
                .snapshot
                .contains("nothing but failures for too long")
        );
        let backlog = world.ledger.backlog().await.unwrap();
        assert_eq!(backlog.len(), 1, "the account's other receivers are told");
        assert_eq!(backlog[0].receiver_id, watcher);
        assert!(world.ledger.claim(receiver, 9).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_refused_message_is_dead_at_once_and_its_lane_goes_on() {
    on_each(|db| async move {
        let world = World::new(db).await;
        let (inbox, receiver) = world.inbox("messages").await;
        let first = world.queue(inbox, receiver, Some(1)).await;
        let second = world.queue(inbox, receiver, Some(1)).await;
        world
            .channel
            .answer(inbox, [refuse(FailCode::InvalidRecipient)]);
        let engine = world.engine().await;
        engine.settle_all().await;
        assert_eq!(world.states(&[first, second]).await, [3, 2]);
        assert_eq!(
            state(&world, receiver).await,
            (0, 0),
            "it works, it only refused one"
        );
        let failed = world.failures.all();
        assert_eq!(failed.len(), 1);
        assert_eq!(failed[0].1, "no such recipient");
        engine.drain(seconds(5)).await;
    })
    .await;
}

#[tokio::test]
async fn what_is_queued_for_a_removed_receiver_is_swept_into_the_dead_letters() {
    on_each(|db| async move {
        let world = World::new(db).await;
        let (inbox, receiver) = world.inbox("messages").await;
        let mut ids = Vec::new();
        for _ in 0..120 {
            ids.push(world.queue(inbox, receiver, Some(1)).await);
        }
        world
            .change_receiver(receiver, |row| row.state = Set(3))
            .await;
        let swept = world.ledger.sweep().await.unwrap();
        assert_eq!(swept.dead.len(), 120);
        assert!(world.states(&ids).await.iter().all(|state| *state == 3));
        assert_eq!(
            world.row(ids[0]).await.last_error.as_deref(),
            Some("receiver removed")
        );
    })
    .await;
}

pub(crate) fn settled(
    claimed: &gatewright_core::delivery::Claimed,
    outcome: DeliveryOutcome,
) -> gatewright_core::delivery::Settled {
    gatewright_core::delivery::Settled {
        claimed: claimed.clone(),
        outcome,
        idempotent: true,
        started_at: Timestamp(claimed.due_at.0),
        duration: seconds(1),
        excerpt: None,
        release: true,
    }
}

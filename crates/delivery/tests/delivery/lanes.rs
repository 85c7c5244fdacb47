//! Order within a lane, and freedom beside it.

use std::sync::Arc;

use gatewright_core::channel::{Delivery, DeliveryOutcome};
use gatewright_core::dispatch::Born;
use gatewright_core::ids::DeliveryId;
use gatewright_store::entity::message_provider_ids;
use sea_orm::{EntityTrait, Set};
use tokio::time::Instant;

use crate::outages::settled;

use crate::support::{World, on_each, retry, seconds};

fn ids(ids: &[DeliveryId]) -> Vec<i64> {
    ids.iter().map(|id| id.get()).collect()
}

#[tokio::test]
async fn a_lane_flows_in_order_without_polling() {
    on_each(|db| async move {
        let world = World::new(db).await;
        let (inbox, receiver) = world.inbox("messages").await;
        let mut queued = Vec::new();
        for _ in 0..40 {
            queued.push(world.queue(inbox, receiver, Some(7)).await);
        }
        let engine = world.engine().await;
        engine.poke().await;
        engine.idle().await;
        assert_eq!(world.channel.order(), ids(&queued));
        assert!(world.states(&queued).await.iter().all(|state| *state == 2));
        engine.drain(seconds(5)).await;
    })
    .await;
}

#[tokio::test]
async fn a_failing_head_holds_its_lane_for_four_attempts_and_goes_on_late() {
    on_each(|db| async move {
        let world = World::new(db).await;
        let (inbox, receiver) = world.inbox("messages").await;
        let first = world.queue(inbox, receiver, Some(7)).await;
        let second = world.queue(inbox, receiver, Some(7)).await;
        let other = world.queue(inbox, receiver, Some(8)).await;
        let third = world.queue(inbox, receiver, Some(7)).await;
        world.channel.poison(first);
        let engine = world.engine().await;
        for pause in [0, 5, 300] {
            world.advance(seconds(pause));
            engine.settle_all().await;
            assert_eq!(world.states(&[second, third, other]).await, [0, 0, 2]);
        }
        world.advance(seconds(1800));
        engine.settle_all().await;
        assert_eq!(world.states(&[first, second, third]).await, [0, 2, 2]);
        let late = world.row(first).await;
        assert!(late.late);
        assert_eq!(late.attempts, 4);
        let order = world.channel.order();
        assert_eq!(order[order.len() - 3..], ids(&[first, second, third]));

        world.advance(seconds(2 * 3600));
        engine.settle_all().await;
        let last = world.channel.calls().pop().unwrap();
        assert!(last.late, "it says that it left its order");
        assert_eq!(last.attempt, 5);
        engine.drain(seconds(5)).await;
    })
    .await;
}

#[tokio::test]
async fn what_has_no_lane_waits_for_nothing() {
    on_each(|db| async move {
        let world = World::new(db).await;
        let (inbox, receiver) = world.inbox("messages").await;
        let first = world.queue(inbox, receiver, None).await;
        let second = world.queue(inbox, receiver, None).await;
        world.channel.poison(first);
        let engine = world.engine().await;
        engine.settle_all().await;
        assert_eq!(world.states(&[first, second]).await, [0, 2]);
        engine.drain(seconds(5)).await;
    })
    .await;
}

#[tokio::test]
async fn a_receiver_that_hangs_delays_no_other() {
    on_each(|db| async move {
        let mut config = crate::support::config();
        config.delivery.concurrency_per_receiver = 2;
        let world = World::with(db, config).await;
        let (slow, slow_receiver) = world.inbox("messages").await;
        let (quick, quick_receiver) = world.inbox("messages").await;
        world.channel.shut(slow);
        let mut stuck = Vec::new();
        for lane in 1..=5 {
            stuck.push(world.queue(slow, slow_receiver, Some(lane)).await);
        }
        let engine = world.engine().await;
        engine.poke().await;
        world.channel.called(2).await;
        for lane in 1..=5 {
            world.queue(quick, quick_receiver, Some(lane)).await;
        }
        engine.poke().await;
        world.channel.called(7).await;
        let to_slow = world
            .channel
            .calls()
            .iter()
            .filter(|call| call.inbox_id == slow)
            .count();
        assert_eq!(to_slow, 2, "no more than its places");
        world.channel.open(slow, 5);
        engine.settle_all().await;
        assert!(world.states(&stuck).await.iter().all(|state| *state == 2));
        engine.drain(seconds(5)).await;
    })
    .await;
}

#[tokio::test]
async fn what_is_born_here_is_sent_without_a_claim_and_keeps_its_lane() {
    on_each(|db| async move {
        let world = World::new(db).await;
        let (inbox, receiver) = world.inbox("messages").await;
        let engine = world.engine().await;
        let dispatch = world.kernel.dispatch();
        let slot = dispatch.reserve(receiver).unwrap();
        let first = world.queue(inbox, receiver, Some(7)).await;
        let second = world.queue(inbox, receiver, Some(7)).await;
        let claimed = world
            .ledger
            .claim(receiver, 1)
            .await
            .unwrap()
            .pop()
            .unwrap();
        assert_eq!(claimed.id, first);
        world.channel.answer(inbox, [retry()]);
        dispatch.born(vec![Born {
            id: first,
            receiver_id: receiver,
            event: Arc::clone(&claimed.event),
            lane: Some(7),
            lease_token: claimed.lease_token,
            lease_until: claimed.lease_until,
            slot,
        }]);
        dispatch.wake(&[receiver]);
        engine.idle().await;
        assert_eq!(
            world.channel.order(),
            ids(&[first]),
            "the second waits behind the first"
        );
        world.advance(seconds(5));
        engine.settle_all().await;
        assert_eq!(world.channel.order(), ids(&[first, first, second]));
        engine.drain(seconds(5)).await;
    })
    .await;
}

#[tokio::test]
async fn a_lease_that_is_too_short_to_send_under_is_given_back() {
    on_each(|db| async move {
        let world = World::new(db).await;
        let (inbox, receiver) = world.inbox("messages").await;
        let engine = world.engine().await;
        let dispatch = world.kernel.dispatch();
        let slot = dispatch.reserve(receiver).unwrap();
        let id = world.queue(inbox, receiver, None).await;
        let claimed = world
            .ledger
            .claim(receiver, 1)
            .await
            .unwrap()
            .pop()
            .unwrap();
        // Not due again, so that nothing takes it up after it was given back.
        world
            .change(id, |row| row.due_at = Set(world.now().0 + 1))
            .await;
        dispatch.born(vec![Born {
            id,
            receiver_id: receiver,
            event: Arc::clone(&claimed.event),
            lane: None,
            lease_token: claimed.lease_token,
            lease_until: Instant::now() + seconds(19),
            slot,
        }]);
        engine.idle().await;
        assert!(
            world.channel.calls().is_empty(),
            "timeout and margin are 20 s"
        );
        let row = world.row(id).await;
        assert_eq!((row.state, row.attempts, row.lease_token), (0, 0, None));
        engine.drain(seconds(5)).await;
    })
    .await;
}

#[tokio::test]
async fn channels_are_given_messages_or_events_as_they_declare() {
    on_each(|db| async move {
        let world = World::new(db).await;
        let (messages, of_messages) = world.inbox("messages").await;
        let (events, of_events) = world.inbox("events").await;
        let message = world.queue(messages, of_messages, None).await;
        let event = world.queue(events, of_events, None).await;
        world.channel.answer(events, [retry()]);
        let engine = world.engine().await;
        engine.settle_all().await;
        world.advance(seconds(5));
        engine.settle_all().await;
        let (mut given, mut told) = (Vec::new(), Vec::new());
        for call in world.channel.calls() {
            match call.delivery {
                Delivery::Message(message) => given.push(*message),
                Delivery::Event(event) => told.push(event),
            }
        }
        assert_eq!(given.len(), 1);
        assert_eq!(given[0].id, format!("dlv_local_{message}"));
        assert_eq!(
            (given[0].source_id.as_str(), given[0].attempt),
            ("crm-42", 1)
        );
        assert!(given[0].content.as_deref().unwrap().starts_with("Hallo "));
        assert_eq!(
            told.iter().map(|event| event.attempt).collect::<Vec<_>>(),
            [1, 2]
        );
        assert_eq!(told[0].id, format!("dlv_local_{event}"));
        assert_eq!(told[0].body, told[1].body, "a retry has the same bytes");
        let body: serde_json::Value = serde_json::from_slice(&told[0].body.0).unwrap();
        assert_eq!(body["event"], "message_created");
        engine.drain(seconds(5)).await;
    })
    .await;
}

#[tokio::test]
async fn ids_that_a_provider_gave_are_kept_with_the_message() {
    on_each(|db| async move {
        let world = World::new(db).await;
        let (inbox, receiver) = world.inbox("messages").await;
        let id = world.queue(inbox, receiver, None).await;
        let message = world.message_of(id, inbox).await;
        let gone = world.queue(inbox, receiver, None).await;
        let ids = |names: &[&str]| DeliveryOutcome::Accepted {
            provider_ids: names.iter().map(|name| (*name).to_owned()).collect(),
            status: None,
        };
        let claimed = world.ledger.claim(receiver, 2).await.unwrap();
        let outcomes = [
            settled(&claimed[0], ids(&["wamid.1", "wamid.2"])),
            settled(&claimed[1], ids(&["wamid.3"])),
        ];
        world.ledger.settle(&outcomes).await.unwrap();
        assert_eq!(world.states(&[id, gone]).await, [2, 2]);
        let kept = message_provider_ids::Entity::find()
            .all(world.kernel.db.read())
            .await
            .unwrap();
        assert_eq!(kept.len(), 2, "a message that is gone has no ids");
        assert!(kept.iter().all(|row| row.message_id == message.get()));
    })
    .await;
}

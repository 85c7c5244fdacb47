//! Leases that are lost, run out, or end with their process.

use sea_orm::Set;

use crate::outages::settled;
use crate::support::{World, accept, on_each, retry, seconds, uncertain};

#[tokio::test]
async fn an_outcome_under_a_lost_lease_changes_nothing() {
    on_each(|db| async move {
        let world = World::new(db).await;
        let (inbox, receiver) = world.inbox("messages").await;
        let id = world.queue(inbox, receiver, Some(1)).await;
        let next = world.queue(inbox, receiver, Some(1)).await;
        let claimed = world
            .ledger
            .claim(receiver, 5)
            .await
            .unwrap()
            .pop()
            .unwrap();
        world
            .change(id, |row| {
                row.lease_token = Set(Some(claimed.lease_token + 1));
            })
            .await;
        let before = world.row(id).await;
        let failed = world
            .ledger
            .settle(&[settled(&claimed, retry())])
            .await
            .unwrap();
        let accepted = world
            .ledger
            .settle(&[settled(&claimed, accept())])
            .await
            .unwrap();
        for settlement in [failed, accepted] {
            assert_eq!(settlement.lost, [id]);
            assert!(settlement.released.is_empty() && settlement.settled.is_empty());
        }
        assert_eq!(world.row(id).await, before);
        assert_eq!(world.row(next).await.state, 0);
        assert!(world.attempts(id).await.is_empty());
        let receiver = world.receiver_row(receiver).await;
        assert_eq!((receiver.failures, receiver.state), (0, 0));
    })
    .await;
}

#[tokio::test]
async fn only_heads_are_claimed_and_each_once() {
    on_each(|db| async move {
        let world = World::new(db).await;
        let (inbox, receiver) = world.inbox("messages").await;
        let a = world.queue(inbox, receiver, Some(1)).await;
        world.queue(inbox, receiver, Some(1)).await;
        let b = world.queue(inbox, receiver, Some(2)).await;
        let c = world.queue(inbox, receiver, None).await;
        let claimed = world.ledger.claim(receiver, 2).await.unwrap();
        assert_eq!(claimed.iter().map(|c| c.id).collect::<Vec<_>>(), [a, b]);
        let claimed = world.ledger.claim(receiver, 9).await.unwrap();
        assert_eq!(claimed.iter().map(|c| c.id).collect::<Vec<_>>(), [c]);
        assert!(world.ledger.claim(receiver, 9).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn an_expired_lease_is_queued_again_unless_an_attempt_was_noted() {
    on_each(|db| async move {
        let world = World::new(db).await;
        let (inbox, receiver) = world.inbox("careless").await;
        let quiet = world.queue(inbox, receiver, Some(1)).await;
        let noted = world.queue(inbox, receiver, Some(2)).await;
        let claimed = world.ledger.claim(receiver, 2).await.unwrap();
        assert!(world.ledger.start(&claimed[1], seconds(20)).await.unwrap());
        assert!(
            world.ledger.sweep().await.unwrap().queued.is_empty(),
            "the leases hold"
        );
        for id in [quiet, noted] {
            world.change(id, |row| row.lease_until = Set(Some(1))).await;
        }
        let swept = world.ledger.sweep().await.unwrap();
        assert_eq!(swept.queued.into_iter().collect::<Vec<_>>(), [receiver]);
        assert_eq!(swept.dead, [noted]);
        assert_eq!(world.states(&[quiet, noted]).await, [0, 3]);
        assert!(
            world
                .row(noted)
                .await
                .last_error
                .unwrap()
                .starts_with("uncertain: ")
        );
        assert_eq!(world.failures.all().len(), 1, "its message failed");
    })
    .await;
}

#[tokio::test]
async fn an_attempt_is_not_noted_under_a_lease_that_is_gone_or_too_short() {
    on_each(|db| async move {
        let world = World::new(db).await;
        let (inbox, receiver) = world.inbox("careless").await;
        let id = world.queue(inbox, receiver, None).await;
        let claimed = world
            .ledger
            .claim(receiver, 1)
            .await
            .unwrap()
            .pop()
            .unwrap();
        assert!(!world.ledger.start(&claimed, seconds(31)).await.unwrap());
        world.change(id, |row| row.lease_token = Set(Some(1))).await;
        assert!(!world.ledger.start(&claimed, seconds(1)).await.unwrap());
        assert!(!world.row(id).await.started);
    })
    .await;
}

#[tokio::test]
async fn an_uncertain_end_is_repeated_only_where_that_does_no_harm() {
    on_each(|db| async move {
        let world = World::new(db).await;
        let (safe, safe_receiver) = world.inbox("messages").await;
        let (careless, careless_receiver) = world.inbox("careless").await;
        world.channel.answer(safe, [uncertain()]);
        world.channel.answer(careless, [uncertain()]);
        let repeated = world.queue(safe, safe_receiver, Some(1)).await;
        let dead = world.queue(careless, careless_receiver, Some(1)).await;
        let engine = world.engine().await;
        engine.settle_all().await;
        world.advance(seconds(5));
        engine.settle_all().await;
        assert_eq!(world.states(&[repeated, dead]).await, [2, 3]);
        let row = world.row(dead).await;
        assert_eq!(
            row.last_error.as_deref(),
            Some("uncertain: Connection reset by peer")
        );
        assert_eq!(world.channel.calls().len(), 3);
        engine.drain(seconds(5)).await;
    })
    .await;
}

#[tokio::test]
async fn on_sqlite_a_start_drops_the_leases_of_earlier_processes() {
    on_each(|db| async move {
        let world = World::new(db).await;
        let sqlite = world.kernel.db.dialect() == gatewright_store::Dialect::Sqlite;
        let (inbox, receiver) = world.inbox("careless").await;
        let id = world.queue(inbox, receiver, Some(1)).await;
        let noted = world.queue(inbox, receiver, Some(2)).await;
        let claimed = world.ledger.claim(receiver, 2).await.unwrap();
        assert!(world.ledger.start(&claimed[1], seconds(1)).await.unwrap());
        world.ledger.drop_leases().await.unwrap();
        let expected = if sqlite { [0, 3] } else { [1, 1] };
        assert_eq!(world.states(&[id, noted]).await, expected);
    })
    .await;
}

#[tokio::test]
async fn on_sqlite_what_was_never_tried_is_due_at_a_start_whose_clock_was_set_back() {
    on_each(|db| async move {
        let world = World::new(db).await;
        if world.kernel.db.dialect() == gatewright_store::Dialect::Postgres {
            return;
        }
        let (inbox, receiver) = world.inbox("messages").await;
        let leased = world.queue(inbox, receiver, Some(1)).await;
        let queued = world.queue(inbox, receiver, Some(2)).await;
        world.ledger.claim(receiver, 1).await.unwrap();
        let an_hour_ago = world.now().minus(seconds(3600));
        world.clock.set(an_hour_ago);
        world.ledger.drop_leases().await.unwrap();
        let claimed = world.ledger.claim(receiver, 5).await.unwrap();
        let ids: Vec<_> = claimed.iter().map(|claimed| claimed.id).collect();
        assert_eq!(ids, [leased, queued]);
    })
    .await;
}

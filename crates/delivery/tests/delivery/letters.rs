//! What administrators see and do.

use std::sync::Arc;

use gatewright_core::delivery::{
    Deliveries, DeliveryFilter, DeliveryState, HopKind, Ledger, ReplayRange,
};
use gatewright_core::error::{Denied, Error};
use gatewright_core::event::EventName;
use gatewright_core::ids::AccountId;
use gatewright_core::model::Role;
use gatewright_store::entity::messages;
use sea_orm::{EntityTrait, Set};
use serde_json::json;

use crate::outages::settled;
use crate::support::{World, accept, on_each, retry, seconds};

#[tokio::test]
async fn deliveries_are_listed_newest_first_by_what_is_asked() {
    on_each(|db| async move {
        let world = World::new(db).await;
        let (inbox, receiver) = world.inbox("messages").await;
        let (other_inbox, other) = world.inbox("messages").await;
        let mut ids = Vec::new();
        for _ in 0..5 {
            ids.push(world.queue(inbox, receiver, None).await);
        }
        let elsewhere = world.queue(other_inbox, other, None).await;
        world.change(ids[1], |row| row.state = Set(3)).await;
        let deliveries = Deliveries::new(Arc::clone(&world.kernel));
        let caller = World::caller(world.account, Role::Administrator);
        let list = async |filter: DeliveryFilter| {
            let found = deliveries.list(&caller, &filter).await.unwrap();
            found.iter().map(|record| record.id).collect::<Vec<_>>()
        };
        let all = list(DeliveryFilter::default()).await;
        assert_eq!(all.len(), 6);
        assert!(all.is_sorted_by(|a, b| a > b));
        let page = DeliveryFilter {
            receiver_id: Some(receiver),
            limit: 2,
            before: Some(ids[3]),
            ..DeliveryFilter::default()
        };
        assert_eq!(list(page).await, [ids[2], ids[1]]);
        let dead = DeliveryFilter {
            state: Some(DeliveryState::Dead),
            ..DeliveryFilter::default()
        };
        assert_eq!(list(dead).await, [ids[1]]);
        let of_inbox = DeliveryFilter {
            inbox_id: Some(other_inbox),
            ..DeliveryFilter::default()
        };
        assert_eq!(list(of_inbox).await, [elsewhere]);
        let named = DeliveryFilter {
            event: Some(EventName::ContactCreated),
            ..DeliveryFilter::default()
        };
        assert!(list(named).await.is_empty());
        let later = DeliveryFilter {
            since: Some(world.now().plus(seconds(1))),
            ..DeliveryFilter::default()
        };
        assert!(list(later).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn only_administrators_of_the_account_see_and_replay() {
    on_each(|db| async move {
        let world = World::new(db).await;
        let (inbox, receiver) = world.inbox("messages").await;
        let id = world.queue(inbox, receiver, None).await;
        let deliveries = Deliveries::new(Arc::clone(&world.kernel));
        let agent = World::caller(world.account, Role::Agent);
        let stranger = World::caller(AccountId(99), Role::Administrator);
        let filter = DeliveryFilter::default();
        let denied = deliveries.list(&agent, &filter).await;
        assert!(matches!(denied, Err(Error::Denied(Denied::Policy))));
        assert!(matches!(
            deliveries.replay(&agent, id).await,
            Err(Error::Denied(_))
        ));
        assert!(
            deliveries
                .list(&stranger, &filter)
                .await
                .unwrap()
                .is_empty()
        );
        assert!(matches!(
            deliveries.show(&stranger, id).await,
            Err(Error::NotFound)
        ));
        assert!(matches!(
            deliveries.replay(&stranger, id).await,
            Err(Error::NotFound)
        ));
        let range = ReplayRange {
            receiver_id: Some(receiver),
            ..ReplayRange::default()
        };
        let nobody = deliveries.replay_range(&stranger, &range).await;
        assert!(matches!(nobody, Err(Error::NotFound)));
        let nobody = deliveries.purge(&stranger, receiver).await;
        assert!(matches!(nobody, Err(Error::NotFound)));
        let denied = deliveries.purge(&agent, receiver).await;
        assert!(matches!(denied, Err(Error::Denied(Denied::Policy))));
    })
    .await;
}

#[tokio::test]
async fn a_replay_needs_an_end_and_a_receiver_that_is_served() {
    on_each(|db| async move {
        let world = World::new(db).await;
        let (inbox, receiver) = world.inbox("messages").await;
        let id = world.queue(inbox, receiver, None).await;
        let deliveries = Deliveries::new(Arc::clone(&world.kernel));
        let caller = World::caller(world.account, Role::Administrator);
        let refused = deliveries.replay(&caller, id).await;
        assert!(matches!(refused, Err(Error::Unprocessable(_))));
        world
            .change(id, |row| {
                row.state = Set(3);
                row.attempts = Set(10);
                row.finished_at = Set(Some(5));
            })
            .await;
        world
            .change_receiver(receiver, |row| row.state = Set(2))
            .await;
        let refused = deliveries.replay(&caller, id).await;
        assert!(
            matches!(refused, Err(Error::Unprocessable(text)) if text == "Receiver is disabled")
        );
        world
            .change_receiver(receiver, |row| row.state = Set(0))
            .await;
        let shown = deliveries.replay(&caller, id).await.unwrap().delivery;
        assert_eq!(shown.state, DeliveryState::Queued);
        assert_eq!((shown.attempts, shown.replays, shown.late), (0, 1, true));
        assert_eq!(shown.next_attempt_at, Some(world.now()));
        assert_eq!(shown.finished_at, None);
    })
    .await;
}

#[tokio::test]
async fn all_dead_letters_of_a_receiver_are_replayed_since_a_time() {
    on_each(|db| async move {
        let world = World::new(db).await;
        let (inbox, receiver) = world.inbox("messages").await;
        let old = world.queue(inbox, receiver, Some(1)).await;
        let since = world.now().plus(seconds(1));
        world.advance(seconds(1));
        let mut ids = Vec::new();
        for _ in 0..3 {
            ids.push(world.queue(inbox, receiver, Some(1)).await);
        }
        for id in ids.iter().chain([&old]) {
            world.change(*id, |row| row.state = Set(3)).await;
        }
        let engine = world.engine().await;
        let deliveries = Deliveries::new(Arc::clone(&world.kernel));
        let caller = World::caller(world.account, Role::Administrator);
        let range = ReplayRange {
            receiver_id: Some(receiver),
            since: Some(since),
            ..ReplayRange::default()
        };
        let replayed = deliveries.replay_range(&caller, &range).await.unwrap();
        assert_eq!((replayed.queued, replayed.next), (3, None));
        engine.settle_all().await;
        assert_eq!(world.states(&ids).await, [2, 2, 2]);
        assert_eq!(world.row(old).await.state, 3);
        assert!(
            world
                .channel
                .calls()
                .iter()
                .all(|call| call.replay && call.late)
        );
        engine.drain(seconds(5)).await;
    })
    .await;
}

#[tokio::test]
async fn a_delivery_shows_its_failed_attempts() {
    on_each(|db| async move {
        let world = World::new(db).await;
        let (inbox, receiver) = world.inbox("messages").await;
        let id = world.queue(inbox, receiver, None).await;
        world.channel.answer(inbox, [retry(), accept()]);
        let engine = world.engine().await;
        engine.settle_all().await;
        world.advance(seconds(5));
        engine.settle_all().await;
        let deliveries = Deliveries::new(Arc::clone(&world.kernel));
        let caller = World::caller(world.account, Role::Administrator);
        let shown = deliveries.show(&caller, id).await.unwrap();
        assert_eq!(shown.delivery.state, DeliveryState::Delivered);
        assert_eq!(shown.delivery.attempts, 2);
        assert_eq!(shown.delivery.webhook_id, format!("dlv_local_{id}"));
        assert_eq!(shown.attempts.len(), 1);
        assert_eq!(
            shown.attempts[0].error.as_deref(),
            Some("500 Internal Server Error")
        );
        let unknown = gatewright_core::ids::MessageId(4711);
        assert!(matches!(
            deliveries.trace(&caller, unknown).await,
            Err(Error::NotFound)
        ));
        engine.drain(seconds(5)).await;
    })
    .await;
}

#[tokio::test]
async fn a_trace_shows_every_hop_in_the_order_of_time() {
    on_each(|db| async move {
        let world = World::new(db).await;
        let (inbox, receiver) = world.inbox("messages").await;
        let id = world.queue(inbox, receiver, None).await;
        let message = world.message_of(id, inbox).await;
        world.channel.answer(inbox, [retry(), accept()]);
        let engine = world.engine().await;
        engine.settle_all().await;
        world.advance(seconds(5));
        engine.settle_all().await;
        let deliveries = Deliveries::new(Arc::clone(&world.kernel));
        let caller = World::caller(world.account, Role::Administrator);
        let trace = deliveries.trace(&caller, message).await.unwrap();
        let names: Vec<&str> = trace
            .hops
            .iter()
            .map(|hop| match &hop.kind {
                HopKind::Stored => "stored",
                HopKind::Event { .. } => "event",
                HopKind::Queued(_) => "queued",
                HopKind::Attempt(..) => "attempt",
                HopKind::Delivered(_) => "delivered",
                HopKind::Dead(_) => "dead",
            })
            .collect();
        assert_eq!(names, ["stored", "event", "queued", "attempt", "delivered"]);
        assert_eq!(trace.deliveries.len(), 1);
        engine.drain(seconds(5)).await;
    })
    .await;
}

#[tokio::test]
async fn old_events_go_when_nothing_needs_them() {
    on_each(|db| async move {
        let world = World::new(db).await;
        let (inbox, receiver) = world.inbox("messages").await;
        let delivered = world.queue(inbox, receiver, None).await;
        let failed = world.queue(inbox, receiver, None).await;
        let claimed = world.ledger.claim(receiver, 2).await.unwrap();
        let refused = crate::support::refuse(gatewright_core::channel::FailCode::Blocked);
        let outcomes = [
            settled(&claimed[0], accept()),
            settled(&claimed[1], refused),
        ];
        world.ledger.settle(&outcomes).await.unwrap();
        let open = world.queue(inbox, receiver, None).await;
        let day = seconds(86_400);
        world.advance(day * 6);
        assert_eq!(world.ledger.prune().await.unwrap(), 0);
        world.advance(day * 2);
        assert_eq!(world.ledger.prune().await.unwrap(), 1);
        assert!(world.exists(failed).await && world.exists(open).await);
        assert!(!world.exists(delivered).await);
        world.advance(day * 30);
        assert_eq!(world.ledger.prune().await.unwrap(), 1);
        assert!(
            !world.exists(failed).await,
            "a dead letter goes after 30 days"
        );
        assert!(world.exists(open).await, "what is open never goes");
    })
    .await;
}

#[tokio::test]
async fn a_message_fails_with_its_dead_letter_and_counts_as_sent_when_that_is_replayed() {
    on_each(|db| async move {
        let world = World::new(db).await;
        let (inbox, receiver) = world.inbox("messages").await;
        let id = world.queue(inbox, receiver, Some(1)).await;
        let message = world.message_of(id, inbox).await;
        let status = async || {
            let row = messages::Entity::find_by_id(message.get());
            let row = row.one(world.kernel.db.read()).await.unwrap().unwrap();
            (row.status, row.content_attributes["external_error"].clone())
        };
        let ledger = Ledger::new(Arc::clone(&world.kernel));
        let claimed = ledger.claim(receiver, 1).await.unwrap();
        let refused = crate::support::refuse(gatewright_core::channel::FailCode::Blocked);
        ledger
            .settle(&[settled(&claimed[0], refused)])
            .await
            .unwrap();
        assert_eq!(status().await, (3, json!("no such recipient")));
        assert_eq!(world.events(EventName::MessageUpdated).await.len(), 1);

        let deliveries = Deliveries::new(Arc::clone(&world.kernel));
        let caller = World::caller(world.account, Role::Administrator);
        deliveries.replay(&caller, id).await.unwrap();
        assert_eq!(status().await, (0, json!(null)));
        assert_eq!(world.events(EventName::MessageUpdated).await.len(), 2);
    })
    .await;
}

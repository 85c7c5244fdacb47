//! Reading events by a cursor.

use std::sync::Arc;

use gatewright_core::delivery::EventLog;
use gatewright_core::event::EventName;
use gatewright_core::ids::EventId;
use gatewright_core::model::Role;
use gatewright_store::entity::accounts;
use gatewright_store::sequence::{self, Sequence};
use sea_orm::EntityTrait;
use sea_orm::sea_query::Expr;

use crate::support::{World, on_each, on_postgres};

#[tokio::test]
async fn a_cursor_reads_every_event_once_in_order() {
    on_each(|db| async move {
        let world = World::new(db).await;
        let (inbox, receiver) = world.inbox("messages").await;
        let log = EventLog::new(Arc::clone(&world.kernel));
        let caller = World::caller(world.account, Role::Administrator);
        let start = log.events(&caller, EventId(0), 10, &[]).await.unwrap();
        assert!(start.events.is_empty());
        assert_eq!(start.next, EventId(0));
        for _ in 0..5 {
            world.queue(inbox, receiver, None).await;
        }
        reach(&log, 5).await;
        let first = log.events(&caller, start.next, 3, &[]).await.unwrap();
        let second = log.events(&caller, first.next, 3, &[]).await.unwrap();
        let third = log.events(&caller, second.next, 3, &[]).await.unwrap();
        let ids: Vec<i64> = first
            .events
            .iter()
            .chain(&second.events)
            .map(|event| event.id.get())
            .collect();
        assert_eq!(ids, [1, 2, 3, 4, 5]);
        assert!(first.more && !second.more && third.events.is_empty());
        let named = [EventName::ContactCreated];
        let none = log.events(&caller, EventId(0), 3, &named).await.unwrap();
        assert!(none.events.is_empty());
        assert_eq!(
            none.next,
            EventId(5),
            "what does not match is not looked at again"
        );
        let agent = World::caller(world.account, Role::Agent);
        assert!(log.events(&agent, EventId(0), 3, &[]).await.is_err());
    })
    .await;
}

/// Waits until all events up to this id may be read. Transactions of a whole PostgreSQL server hold
/// the horizon back, those of other tests among them.
async fn reach(log: &EventLog, id: i64) {
    while log.horizon().await.unwrap() < EventId(id) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn an_event_that_is_committed_after_a_higher_id_is_not_skipped() {
    on_postgres(|db| async move {
        let world = World::new(db).await;
        let (inbox, receiver) = world.inbox("messages").await;
        let log = EventLog::new(Arc::clone(&world.kernel));
        let caller = World::caller(world.account, Role::Administrator);
        world.queue(inbox, receiver, None).await;
        reach(&log, 1).await;
        let first = log.events(&caller, EventId(0), 10, &[]).await.unwrap();
        assert_eq!(first.events.len(), 1);

        // A writer holds its lock, draws the id 2 and is slow to commit.
        let slow = world.kernel.db.begin_write().await.unwrap();
        accounts::Entity::update_many()
            .col_expr(accounts::Column::Name, Expr::value("Slow"))
            .exec(&slow)
            .await
            .unwrap();
        let dialect = world.kernel.db.dialect();
        let drawn = sequence::draw(&slow, dialect, &[(Sequence::Events, 1)])
            .await
            .unwrap();
        assert_eq!(drawn, [[2]]);
        world.queue(inbox, receiver, None).await;
        let during = log.events(&caller, first.next, 10, &[]).await.unwrap();
        assert!(during.events.is_empty(), "3 is there, but 2 may still come");
        assert_eq!(during.next, first.next);

        world.write_event(&slow, (2, 2), inbox, 1).await;
        slow.commit().await.unwrap();
        reach(&log, 3).await;
        let after = log.events(&caller, during.next, 10, &[]).await.unwrap();
        let ids: Vec<i64> = after.events.iter().map(|event| event.id.get()).collect();
        assert_eq!(ids, [2, 3]);
    })
    .await;
}

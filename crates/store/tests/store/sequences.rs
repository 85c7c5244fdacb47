//! Ids are drawn in one call, once each, and ascend.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::on_each;
use gatewright_store::hot::intake::{Expected, lock};
use gatewright_store::sequence::Sequence::{
    Attachments, Blobs, ContactInboxes, Contacts, Conversations, Deliveries, Events, Messages,
};
use gatewright_store::sequence::{Sequence, draw};
use gatewright_store::{Database, Dialect};

const TASKS: usize = 8;
const DRAWS: usize = 20;

#[tokio::test]
async fn each_sequence_begins_at_one() {
    on_each(|database| async move {
        let wanted = [
            (Messages, 3),
            (Events, 2),
            (Deliveries, 1),
            (Conversations, 0),
            (Contacts, 1),
            (ContactInboxes, 2),
            (Blobs, 2),
            (Attachments, 1),
        ];
        let first = draw(database.write(), database.dialect(), &wanted)
            .await
            .unwrap();
        assert_eq!(
            first,
            [
                vec![1, 2, 3],
                vec![1, 2],
                vec![1],
                vec![],
                vec![1],
                vec![1, 2],
                vec![1, 2],
                vec![1]
            ]
        );
        let next = draw(
            database.write(),
            database.dialect(),
            &[(Conversations, 1), (Events, 1)],
        );
        assert_eq!(next.await.unwrap(), [[1], [3]]);
    })
    .await;
}

#[tokio::test]
async fn a_sequence_may_be_named_twice() {
    on_each(|database| async move {
        let wanted = [(Events, 2), (Messages, 1), (Events, 1)];
        let ids = draw(database.write(), database.dialect(), &wanted)
            .await
            .unwrap();
        assert_eq!(ids, [vec![1, 2], vec![1], vec![3]]);
    })
    .await;
}

#[tokio::test]
async fn a_draw_is_one_call_and_an_empty_one_none() {
    on_each(|database| async move {
        let calls = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&calls);
        let mut connection = database.write().clone();
        connection.set_metric_callback(move |_| {
            counter.fetch_add(1, Ordering::SeqCst);
        });
        let wanted = [(Messages, 256), (Events, 512), (Deliveries, 1024)];
        draw(&connection, database.dialect(), &wanted)
            .await
            .unwrap();
        assert_eq!(calls.load(Ordering::SeqCst), 1);
        let none = draw(&connection, database.dialect(), &[(Contacts, 0)])
            .await
            .unwrap();
        assert_eq!((none, calls.load(Ordering::SeqCst)), (vec![vec![]], 1));
    })
    .await;
}

#[tokio::test]
async fn what_was_drawn_with_the_locks_comes_first() {
    on_each(|database| async move {
        let dialect = database.dialect();
        let calls = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&calls);
        let mut connection = database.write().clone();
        connection.set_metric_callback(move |_| {
            counter.fetch_add(1, Ordering::SeqCst);
        });
        let expected = Expected {
            messages: 2,
            events: 1,
            deliveries: 3,
        };
        let exact = [(Messages, 2), (Events, 1), (Deliveries, 3)];
        let more = [(Messages, 1), (Events, 4), (Blobs, 1), (Deliveries, 0)];
        let mut drawn = Vec::new();
        for wanted in [&exact[..], &more] {
            let ahead = lock(&connection, dialect, &[], &[], expected)
                .await
                .unwrap();
            drawn.extend(ahead.draw(&connection, dialect, wanted).await.unwrap());
        }
        let ids: [&[i64]; 7] = [&[1, 2], &[1], &[1, 2, 3], &[3], &[2, 3, 4, 5], &[1], &[]];
        assert_eq!(drawn, ids);
        // SQLite draws when it is known how many, PostgreSQL again only what was not expected.
        let needed = if dialect == Dialect::Sqlite { 2 } else { 3 };
        assert_eq!(calls.load(Ordering::SeqCst), needed);
        // What was left over is not given again.
        let rest = draw_one(&database, Messages).await;
        assert_eq!(rest, if dialect == Dialect::Sqlite { 4 } else { 5 });
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ids_drawn_at_the_same_time_are_unique_and_ascend() {
    on_each(|database| async move {
        let tasks: Vec<_> = (0..TASKS)
            .map(|_| tokio::spawn(draw_often(database.clone())))
            .collect();
        let (mut messages, mut deliveries) = (HashSet::new(), HashSet::new());
        for task in tasks {
            let (drawn_messages, drawn_deliveries) = task.await.unwrap();
            assert!(drawn_messages.is_sorted() && drawn_deliveries.is_sorted());
            messages.extend(drawn_messages);
            deliveries.extend(drawn_deliveries);
        }
        assert_eq!(messages.len(), TASKS * DRAWS * 5);
        assert_eq!(deliveries.len(), TASKS * DRAWS * 3);
    })
    .await;
}

#[tokio::test]
async fn a_rolled_back_draw_gives_no_id_twice() {
    on_each(|database| async move {
        let kept = draw_one(&database, Events).await;
        let transaction = database.begin_write().await.unwrap();
        draw(&transaction, database.dialect(), &[(Events, 5)])
            .await
            .unwrap();
        transaction.rollback().await.unwrap();
        assert!(draw_one(&database, Events).await > kept);
    })
    .await;
}

/// Draws in write transactions, as a batch does.
async fn draw_often(database: Database) -> (Vec<i64>, Vec<i64>) {
    let (mut messages, mut deliveries) = (Vec::new(), Vec::new());
    for _ in 0..DRAWS {
        let transaction = database.begin_write().await.unwrap();
        let wanted = [(Messages, 5), (Deliveries, 3)];
        let mut ids = draw(&transaction, database.dialect(), &wanted)
            .await
            .unwrap();
        transaction.commit().await.unwrap();
        deliveries.append(&mut ids[1]);
        messages.append(&mut ids[0]);
    }
    (messages, deliveries)
}

async fn draw_one(database: &Database, sequence: Sequence) -> i64 {
    draw(database.write(), database.dialect(), &[(sequence, 1)])
        .await
        .unwrap()[0][0]
}

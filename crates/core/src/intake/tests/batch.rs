use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use gatewright_store::entity::{conversations, deliveries, events, messages};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};

use super::fixture::{Fixture, NOW, lee, new_message};
use crate::error::Error;
use crate::intake::shard::run_jobs;
use crate::intake::{Actor, Command, Job, NewMessage, Outcome, SetStatus};
use crate::model::{ConversationStatus, MessageType};

#[tokio::test]
async fn a_batch_of_256_conversations_takes_at_most_seven_driver_calls() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let fixture = Fixture::prepared(256, move |db| {
        db.on_statement(move |_| {
            counted.fetch_add(1, Ordering::SeqCst);
        });
    })
    .await;
    let jobs: Vec<Job> = (1..=256)
        .map(|n| fixture.message(n, MessageType::Incoming, "Hello"))
        .collect();
    calls.store(0, Ordering::SeqCst);
    let outcomes = run_jobs(&fixture.kernel, &jobs).await.unwrap();
    assert!(outcomes.iter().all(Result::is_ok));
    let begin_and_commit = 2;
    let driver_calls = calls.load(Ordering::SeqCst) + begin_and_commit;
    assert!(driver_calls <= 7, "{driver_calls} driver calls");
    assert!(driver_calls >= 5, "the counter counts: {driver_calls}");
    let conn = fixture.kernel.db.read();
    assert_eq!(messages::Entity::find().count(conn).await.unwrap(), 256);
    assert_eq!(deliveries::Entity::find().count(conn).await.unwrap(), 512);
    // A message, and the contact's last activity.
    assert_eq!(events::Entity::find().count(conn).await.unwrap(), 512);
}

#[tokio::test]
async fn seq_is_gapless_and_ids_rise_with_it() {
    let fixture = Fixture::new(2).await;
    for round in 0..3 {
        let jobs: Vec<Job> = (0..20)
            .map(|n| fixture.message(1 + n % 2, MessageType::Outgoing, &format!("{round}-{n}")))
            .collect();
        run_jobs(&fixture.kernel, &jobs).await.unwrap();
    }
    for conversation in 1..=2 {
        let rows = messages::Entity::find()
            .filter(messages::Column::ConversationId.eq(conversation))
            .order_by_asc(messages::Column::Seq)
            .all(fixture.kernel.db.read())
            .await
            .unwrap();
        let seqs: Vec<i64> = rows.iter().map(|row| row.seq).collect();
        assert_eq!(seqs, (1..=30).collect::<Vec<i64>>());
        assert!(rows.windows(2).all(|pair| pair[0].id < pair[1].id));
    }
}

#[tokio::test]
async fn a_repeat_within_and_after_a_batch_answers_the_stored_message() {
    let fixture = Fixture::new(1).await;
    let new = NewMessage {
        source_id: Some("m-1".to_owned()),
        ..new_message(MessageType::Incoming, "Hello")
    };
    let job = fixture.job(1, Command::AddMessage(Box::new(new)));
    let mut ids = Vec::new();
    for jobs in [vec![job.clone(), job.clone()], vec![job]] {
        for outcome in run_jobs(&fixture.kernel, &jobs).await.unwrap() {
            match outcome.unwrap() {
                Outcome::Message {
                    message, replayed, ..
                } => ids.push((message.id, replayed)),
                other => panic!("{other:?}"),
            }
        }
    }
    assert_eq!(
        ids.iter()
            .map(|(_, replayed)| *replayed)
            .collect::<Vec<_>>(),
        [false, true, true]
    );
    assert!(ids.iter().all(|(id, _)| *id == ids[0].0 && id.get() > 0));
    let conn = fixture.kernel.db.read();
    assert_eq!(messages::Entity::find().count(conn).await.unwrap(), 1);
    let row = conversations::Entity::find_by_id(1)
        .one(conn)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((row.last_seq, row.unread_count), (1, 1));
}

#[tokio::test]
async fn the_flood_limit_counts_a_sliding_minute_across_batches() {
    let fixture = Fixture::new(1).await;
    let limit = fixture.kernel.config.intake.flood_per_minute;
    let mut stored = 0;
    for _ in 0..3 {
        let jobs: Vec<Job> = (0..90)
            .map(|_| fixture.message(1, MessageType::Incoming, "x"))
            .collect();
        for outcome in run_jobs(&fixture.kernel, &jobs).await.unwrap() {
            match outcome {
                Ok(_) => stored += 1,
                Err(Error::Unprocessable(text)) => {
                    assert_eq!(text, "Validation failed: Too many messages");
                }
                Err(other) => panic!("{other}"),
            }
        }
    }
    assert_eq!(stored, limit);
    fixture
        .clock
        .set(NOW + i64::try_from(Duration::from_secs(61).as_micros()).unwrap());
    let job = fixture.message(1, MessageType::Incoming, "later");
    assert!(run_jobs(&fixture.kernel, &[job]).await.unwrap()[0].is_ok());
}

#[tokio::test]
async fn a_refused_job_leaves_the_others_of_its_batch_alone() {
    let fixture = Fixture::new(1).await;
    let jobs = [
        fixture.message(1, MessageType::Incoming, "one"),
        fixture.job(99, Command::AnnounceConversation),
        fixture.message(1, MessageType::Incoming, "two"),
    ];
    let outcomes = run_jobs(&fixture.kernel, &jobs).await.unwrap();
    assert!(outcomes[0].is_ok() && outcomes[2].is_ok());
    assert!(matches!(outcomes[1], Err(Error::NotFound)));
    let conn = fixture.kernel.db.read();
    assert_eq!(messages::Entity::find().count(conn).await.unwrap(), 2);
}

#[tokio::test]
async fn resolving_and_reopening_keeps_the_rules() {
    let fixture = Fixture::new(1).await;
    let set = SetStatus {
        status: Some(ConversationStatus::Resolved),
        snoozed_until: None,
        actor: Actor::User {
            user: lee(),
            takes_over: false,
        },
    };
    let resolve = fixture.job(1, Command::SetStatus(set));
    run_jobs(&fixture.kernel, &[resolve]).await.unwrap()[0]
        .as_ref()
        .unwrap();
    let read = || async {
        let conn = fixture.kernel.db.read();
        conversations::Entity::find_by_id(1)
            .one(conn)
            .await
            .unwrap()
            .unwrap()
    };
    let resolved = read().await;
    assert_eq!(
        (resolved.status, resolved.waiting_since, resolved.last_seq),
        (1, None, 1)
    );

    let hesitant = NewMessage {
        unless_resolved: true,
        ..new_message(MessageType::Incoming, "Hello")
    };
    let job = fixture.job(1, Command::AddMessage(Box::new(hesitant)));
    let outcome = run_jobs(&fixture.kernel, &[job])
        .await
        .unwrap()
        .pop()
        .unwrap()
        .unwrap();
    assert!(matches!(outcome, Outcome::Resolved));

    let job = fixture.message(1, MessageType::Incoming, "Again");
    run_jobs(&fixture.kernel, &[job]).await.unwrap()[0]
        .as_ref()
        .unwrap();
    let open = read().await;
    assert_eq!(
        (open.status, open.waiting_since, open.last_seq),
        (0, Some(NOW), 3)
    );
}

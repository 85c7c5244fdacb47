//! The same write in its plain form: one transaction a command, rows through entities. Whatever the
//! grouped form stores must be what this one stores.

use std::collections::HashMap;
use std::sync::Arc;

use gatewright_store::entity::{
    attachments, blobs, contacts, conversation_labels, conversations, deliveries, events, messages,
};
use gatewright_store::hot::intake::Batch;
use gatewright_store::hot::row::{
    AttachmentRow, BlobRow, ConversationUpdate, LabelGone, LabelRow, MessageRow,
};
use gatewright_store::sequence::{self, Sequence};
use proptest::prelude::{Strategy, any, prop, prop_oneof};
use proptest::test_runner::{Config, TestRunner};
use sea_orm::{
    ActiveValue::NotSet, ActiveValue::Set, DatabaseTransaction, EntityTrait, IntoActiveModel,
    QueryOrder,
};
use serde_json::Value;

use super::fixture::{Fixture, lee, new_message};
use crate::attachment::{NewAttachment, UploadedFile, uploaded};
use crate::ids::AccountId;
use crate::intake::batch;
use crate::intake::shard::run_jobs;
use crate::intake::{Actor, Assign, Command, Job, NewMessage, SetLabels, SetPriority, SetStatus};
use crate::kernel::Kernel;
use crate::model::{ConversationStatus, MessageType, Priority};

/// Runs one job as a transaction of its own and writes its rows one by one.
async fn run_plain(kernel: &Kernel, job: &Job) {
    let tx = kernel.db.begin_write().await.unwrap();
    let jobs = std::slice::from_ref(job);
    let conversations = vec![job.conversation_id.get()];
    let wanted = batch::wanted(kernel, jobs, conversations);
    let loaded = gatewright_store::hot::intake::load(&tx, kernel.db.dialect(), &wanted)
        .await
        .unwrap();
    let around = batch::surroundings(kernel, jobs);
    let mut states = crate::intake::state::States::new(loaded, &around, &kernel.links()).unwrap();
    let (_, mut decided) = batch::decide_all(kernel, &mut states, jobs);
    let receivers = HashMap::from([(job.account.id, Arc::clone(&job.receivers))]);
    let mut plan = crate::outbox::Plan::new(&decided.events, &receivers);
    plan.reserve(kernel, Vec::new());
    let counts = [
        (Sequence::Messages, decided.messages.len()),
        (Sequence::Events, decided.events.len()),
        (Sequence::Deliveries, plan.len()),
        (Sequence::Attachments, decided.files.len()),
        (Sequence::Blobs, batch::uploaded(&decided).count()),
    ];
    let ids = sequence::draw(&tx, kernel.db.dialect(), &counts)
        .await
        .unwrap();
    let bound = crate::intake::bind::Bound {
        messages: &ids[0],
        attachments: &ids[3],
    };
    bound.decided(&mut decided);
    bound.states(&mut states);
    let mut rows = batch::rows_of(&states, &decided);
    batch::attach(&mut rows, &decided, &ids[4]);
    let recorded = plan
        .into_rows(kernel, decided.events, &ids[1], &ids[2], &mut rows)
        .unwrap();
    write_plain(&tx, rows).await;
    tx.commit().await.unwrap();
    recorded.publish(kernel);
}

async fn write_plain(tx: &DatabaseTransaction, rows: Batch) {
    write_messages(tx, rows.messages).await;
    write_files(tx, rows.blobs, rows.attachments).await;
    write_conversations(tx, rows.conversations).await;
    write_conversations(tx, rows.active).await;
    write_labels(tx, rows.labels, rows.labels_gone).await;
    for row in rows.contacts {
        let change = contacts::ActiveModel {
            id: Set(row.id),
            last_activity_at: Set(row.last_activity_at),
            updated_at: Set(row.updated_at),
            ..Default::default()
        };
        contacts::Entity::update(change).exec(tx).await.unwrap();
    }
    for row in rows.events {
        let row = events::Model {
            id: row.id,
            account_id: row.account_id,
            inbox_id: row.inbox_id,
            conversation_id: row.conversation_id,
            contact_id: row.contact_id,
            message_id: row.message_id,
            name: row.name.to_owned(),
            occurred_at: row.occurred_at,
            origin: row.origin,
            snapshot: row.snapshot.into_text(),
        };
        events::Entity::insert(row.into_active_model())
            .exec_without_returning(tx)
            .await
            .unwrap();
    }
    for row in rows.deliveries {
        let row = deliveries::ActiveModel {
            id: Set(row.id),
            account_id: Set(row.account_id),
            event_id: Set(row.event_id),
            receiver_id: Set(row.receiver_id),
            lane: Set(row.lane),
            state: Set(row.state),
            due_at: Set(row.due_at),
            lease_token: Set(row.lease_token),
            lease_until: Set(row.lease_until.map(|end| end.time)),
            created_at: Set(row.created_at),
            ..Default::default()
        };
        deliveries::Entity::insert(row)
            .exec_without_returning(tx)
            .await
            .unwrap();
    }
}

async fn write_messages(tx: &DatabaseTransaction, rows: Vec<MessageRow>) {
    for row in rows {
        let json = |raw: &serde_json::value::RawValue| -> Value {
            serde_json::from_str(raw.get()).unwrap()
        };
        let row = messages::Model {
            id: row.id,
            account_id: row.account_id,
            inbox_id: row.inbox_id,
            conversation_id: row.conversation_id,
            contact_inbox_id: row.contact_inbox_id,
            seq: row.seq,
            message_type: row.message_type,
            content: row.content,
            content_type: row.content_type,
            content_attributes: json(&row.content_attributes),
            additional_attributes: json(&row.additional_attributes),
            private: row.private,
            status: row.status,
            source_id: row.source_id,
            sender_kind: row.sender_kind,
            sender_id: row.sender_id,
            created_at: row.created_at,
            updated_at: row.updated_at,
        };
        messages::Entity::insert(row.into_active_model())
            .exec_without_returning(tx)
            .await
            .unwrap();
    }
}

async fn write_conversations(tx: &DatabaseTransaction, rows: Vec<ConversationUpdate>) {
    for row in rows {
        let change = conversations::ActiveModel {
            id: Set(row.id),
            status: Set(row.status),
            priority: Set(row.priority),
            assignee_id: Set(row.assignee_id),
            snoozed_until: Set(row.snoozed_until),
            custom_attributes: row
                .custom_attributes
                .as_deref()
                .map_or(NotSet, |raw| Set(serde_json::from_str(raw.get()).unwrap())),
            agent_last_seen_at: Set(row.agent_last_seen_at),
            assignee_last_seen_at: Set(row.assignee_last_seen_at),
            contact_last_seen_at: Set(row.contact_last_seen_at),
            first_reply_created_at: Set(row.first_reply_created_at),
            waiting_since: Set(row.waiting_since),
            last_activity_at: Set(row.last_activity_at),
            last_incoming_at: Set(row.last_incoming_at),
            last_seq: Set(row.last_seq),
            unread_count: Set(row.unread_count),
            last_public_message_id: Set(row.last_public_message_id),
            last_non_activity_message_id: Set(row.last_non_activity_message_id),
            updated_at: Set(row.updated_at),
            ..Default::default()
        };
        conversations::Entity::update(change)
            .exec(tx)
            .await
            .unwrap();
    }
}

async fn write_files(tx: &DatabaseTransaction, files: Vec<BlobRow>, attached: Vec<AttachmentRow>) {
    let json =
        |raw: &serde_json::value::RawValue| -> Value { serde_json::from_str(raw.get()).unwrap() };
    for row in files {
        let row = blobs::Model {
            id: row.id,
            account_id: row.account_id,
            key: row.key,
            filename: row.filename,
            content_type: row.content_type,
            byte_size: row.byte_size,
            checksum: row.checksum,
            metadata: json(&row.metadata),
            created_at: row.created_at,
        };
        blobs::Entity::insert(row.into_active_model())
            .exec_without_returning(tx)
            .await
            .unwrap();
    }
    for row in attached {
        let row = attachments::Model {
            id: row.id,
            account_id: row.account_id,
            message_id: row.message_id,
            blob_id: row.blob_id,
            file_type: row.file_type,
            extension: row.extension,
            external_url: row.external_url,
            coordinates_lat: row.coordinates_lat,
            coordinates_long: row.coordinates_long,
            fallback_title: row.fallback_title,
            meta: json(&row.meta),
            created_at: row.created_at,
            updated_at: row.updated_at,
        };
        attachments::Entity::insert(row.into_active_model())
            .exec_without_returning(tx)
            .await
            .unwrap();
    }
}

async fn write_labels(tx: &DatabaseTransaction, labels: Vec<LabelRow>, gone: Vec<LabelGone>) {
    for row in gone {
        conversation_labels::Entity::delete_by_id((row.conversation_id, row.title))
            .exec(tx)
            .await
            .unwrap();
    }
    for row in labels {
        let key = (row.conversation_id, row.title.clone());
        conversation_labels::Entity::delete_by_id(key)
            .exec(tx)
            .await
            .unwrap();
        let row = conversation_labels::Model {
            conversation_id: row.conversation_id,
            title: row.title,
            position: row.position,
        };
        conversation_labels::Entity::insert(row.into_active_model())
            .exec_without_returning(tx)
            .await
            .unwrap();
    }
}

/// Every row that the write path touches, in order.
async fn tables(fixture: &Fixture) -> Vec<String> {
    let conn = fixture.kernel.db.read();
    let mut all = Vec::new();
    let rows = messages::Entity::find()
        .order_by_asc(messages::Column::Id)
        .all(conn)
        .await
        .unwrap();
    all.extend(rows.iter().map(|row| format!("{row:?}")));
    let rows = blobs::Entity::find()
        .order_by_asc(blobs::Column::Id)
        .all(conn)
        .await
        .unwrap();
    all.extend(rows.iter().map(|row| format!("{row:?}")));
    let rows = attachments::Entity::find()
        .order_by_asc(attachments::Column::Id)
        .all(conn)
        .await
        .unwrap();
    all.extend(rows.iter().map(|row| format!("{row:?}")));
    let rows = conversations::Entity::find()
        .order_by_asc(conversations::Column::Id)
        .all(conn)
        .await
        .unwrap();
    all.extend(rows.iter().map(|row| format!("{row:?}")));
    let rows = conversation_labels::Entity::find()
        .order_by_asc(conversation_labels::Column::ConversationId)
        .order_by_asc(conversation_labels::Column::Title)
        .all(conn)
        .await
        .unwrap();
    all.extend(rows.iter().map(|row| format!("{row:?}")));
    let rows = contacts::Entity::find()
        .order_by_asc(contacts::Column::Id)
        .all(conn)
        .await
        .unwrap();
    all.extend(rows.iter().map(|row| format!("{row:?}")));
    let rows = events::Entity::find()
        .order_by_asc(events::Column::Id)
        .all(conn)
        .await
        .unwrap();
    // PostgreSQL gives JSON back in a form of its own, which stands in later snapshots.
    all.extend(rows.into_iter().map(|mut row| {
        let snapshot: Value = serde_json::from_str(&row.snapshot).unwrap();
        row.snapshot = snapshot.to_string();
        format!("{row:?}")
    }));
    let rows = deliveries::Entity::find()
        .order_by_asc(deliveries::Column::Id)
        .all(conn)
        .await
        .unwrap();
    all.extend(rows.iter().map(|row| format!("{row:?}")));
    all
}

#[derive(Debug, Clone)]
enum Step {
    Add {
        conversation: i64,
        kind: MessageType,
        private: bool,
        source: Option<u8>,
        files: usize,
    },
    Set {
        conversation: i64,
        status: Option<ConversationStatus>,
    },
    Change {
        conversation: i64,
        change: Change,
    },
}

#[derive(Debug, Clone)]
enum Change {
    Priority(Option<Priority>),
    Assignee(bool),
    Labels(Vec<&'static str>),
    Attributes(u8),
    Seen,
    Unread,
}

fn change() -> impl Strategy<Value = Change> {
    let priorities = prop::option::of(prop::sample::select(Priority::ALL.to_vec()));
    let labels = prop::sample::subsequence(vec!["a", "b", "c"], 0..=3);
    prop_oneof![
        priorities.prop_map(Change::Priority),
        any::<bool>().prop_map(Change::Assignee),
        labels.prop_shuffle().prop_map(Change::Labels),
        (0..3_u8).prop_map(Change::Attributes),
        proptest::strategy::Just(Change::Seen),
        proptest::strategy::Just(Change::Unread),
    ]
}

fn command(change: &Change) -> Command {
    let by = lee();
    match change {
        Change::Priority(priority) => Command::SetPriority(SetPriority {
            priority: *priority,
            by,
        }),
        Change::Assignee(somebody) => Command::Assign(Assign {
            assignee: somebody.then(lee),
            by,
        }),
        Change::Labels(labels) => Command::SetLabels(SetLabels {
            labels: labels.iter().map(|label| (*label).to_owned()).collect(),
            by,
        }),
        Change::Attributes(number) => {
            Command::SetCustomAttributes(serde_json::json!({ "n": number }).into())
        }
        Change::Seen => Command::MarkSeen(by.id),
        Change::Unread => Command::MarkUnread,
    }
}

fn step() -> impl Strategy<Value = Step> {
    let kinds = prop_oneof![
        proptest::strategy::Just(MessageType::Incoming),
        proptest::strategy::Just(MessageType::Outgoing),
        proptest::strategy::Just(MessageType::Template),
    ];
    let sources = prop::option::of(0..4_u8);
    let add = (1..=3_i64, kinds, any::<bool>(), sources, 0..3_usize).prop_map(
        |(conversation, kind, private, source, files)| Step::Add {
            conversation,
            kind,
            private,
            source,
            files,
        },
    );
    let statuses = prop::option::of(prop::sample::select(ConversationStatus::ALL.to_vec()));
    let set = (1..=3_i64, statuses).prop_map(|(conversation, status)| Step::Set {
        conversation,
        status,
    });
    let change = (1..=3_i64, change()).prop_map(|(conversation, change)| Step::Change {
        conversation,
        change,
    });
    prop_oneof![4 => add, 1 => set, 2 => change]
}

fn job(fixture: &Fixture, number: usize, step: &Step) -> Job {
    match step {
        Step::Add {
            conversation,
            kind,
            private,
            source,
            files,
        } => {
            let new = NewMessage {
                attachments: (0..*files)
                    .map(|file| attached(fixture, number * 10 + file))
                    .collect(),
                private: *private,
                source_id: source.map(|number| format!("s-{number}")),
                ..new_message(*kind, "Hello")
            };
            fixture.job(*conversation, Command::AddMessage(Box::new(new)))
        }
        Step::Set {
            conversation,
            status,
        } => {
            let set = SetStatus {
                status: *status,
                snoozed_until: None,
                actor: Actor::User {
                    user: lee(),
                    takes_over: true,
                },
            };
            fixture.job(*conversation, Command::SetStatus(set))
        }
        Step::Change {
            conversation,
            change,
        } => fixture.job(*conversation, command(change)),
    }
}

fn attached(fixture: &Fixture, number: usize) -> NewAttachment {
    let file = UploadedFile {
        key: format!("2026-01-20/{number}"),
        filename: "a.png".to_owned(),
        content_type: "image/png".to_owned(),
        byte_size: 7,
        checksum: "00".to_owned(),
        dimensions: Some((3, 2)),
    };
    uploaded(&fixture.kernel, AccountId(1), file)
}

#[test]
fn the_grouped_form_stores_what_the_plain_form_stores() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let config = Config {
        cases: 24,
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new_with_rng(
        config,
        proptest::test_runner::TestRng::deterministic_rng(
            proptest::test_runner::RngAlgorithm::ChaCha,
        ),
    )
    .run(
        &(prop::collection::vec(step(), 1..24), 1..8_usize),
        |(steps, size)| {
            let (grouped, plain) = runtime.block_on(async {
                let (mut one, mut other) = (Fixture::new(3).await, Fixture::new(3).await);
                one.answer_by_itself();
                other.answer_by_itself();
                let of = |fixture: &Fixture| -> Vec<Job> {
                    let numbered = steps.iter().enumerate();
                    numbered.map(|(n, step)| job(fixture, n, step)).collect()
                };
                for jobs in of(&one).chunks(size) {
                    run_jobs(&one.kernel, jobs).await.unwrap();
                }
                for job in of(&other) {
                    run_plain(&other.kernel, &job).await;
                }
                (tables(&one).await, tables(&other).await)
            });
            proptest::prop_assert_eq!(grouped, plain);
            Ok(())
        },
    )
    .unwrap();
}

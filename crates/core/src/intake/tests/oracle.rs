//! The same write in its plain form: one transaction a command, rows through entities. Whatever the
//! grouped form stores must be what this one stores.

mod plain;

use gatewright_store::entity::{
    attachments, blobs, contacts, conversation_labels, conversations, deliveries, events, messages,
};
use gatewright_store::hot::intake::Expected;
use proptest::prelude::{Strategy, any, prop, prop_oneof};
use proptest::test_runner::{Config, TestRunner};
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::Value;

use super::fixture::{Fixture, lee, new_message};
use crate::attachment::{NewAttachment, UploadedFile, uploaded};
use crate::ids::AccountId;
use crate::intake::{
    Actor, Assign, Command, Job, NewMessage, SetLabels, SetPriority, SetStatus, batch,
};
use crate::kernel::Kernel;
use crate::model::{ConversationStatus, MessageType, Priority};
use plain::run_plain;

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

/// Nothing is expected, so that no id is left over: both forms give the same ones.
async fn run_grouped(kernel: &Kernel, jobs: &[Job]) {
    let tx = kernel.db.begin_write().await.unwrap();
    let (_, recorded) = batch::run_expecting(kernel, &tx, jobs, Expected::default())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    recorded.publish(kernel);
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
                    run_grouped(&one.kernel, jobs).await;
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

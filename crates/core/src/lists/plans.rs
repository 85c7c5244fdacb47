//! How the database finds what lists ask for: by an index, whatever the filter and the order.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use gatewright_store::Dialect;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use serde_json::{Value, json};

use super::fill;
use crate::caller::Caller;
use crate::contact::{ContactQuery, Contacts, Sort};
use crate::conversation::{
    AssigneeFilter, ConversationFilter, ConversationKind, Conversations, SortBy,
};
use crate::delivery::{Deliveries, DeliveryFilter, DeliveryState, EventLog};
use crate::event::EventName;
use crate::filter::Condition;
use crate::ids::{ContactId, DisplayId, EventId, InboxId, MessageId, ReceiverId};
use crate::intake::Intake;
use crate::kernel::Kernel;
use crate::message::{MessageWindow, Messages};
use crate::model::Role;
use crate::testing::World;
use crate::time::Timestamp;

/// Tables that grow with use. To go through one of them from end to end is what no list may do.
const GROWING: [&str; 10] = [
    "contacts",
    "contact_labels",
    "contact_inboxes",
    "conversations",
    "conversation_labels",
    "messages",
    "attachments",
    "events",
    "deliveries",
    "delivery_attempts",
];

const ROWS: usize = 4000;

#[tokio::test]
async fn every_list_is_found_by_an_index() {
    let world = World::new().await;
    let caller = world.administrator().await;
    let account = world.account("Another").await;
    let other = world.caller(&account, Role::Administrator).await;
    fill(&world, &caller, 1..=ROWS).await;
    fill(&world, &other, ROWS + 1..=2 * ROWS).await;

    let seen: Arc<Mutex<Vec<Statement>>> = Arc::default();
    let kept = Arc::clone(&seen);
    let observe = move |statement: &Statement| kept.lock().unwrap().push(statement.clone());
    let kernel = world.observed_node(observe).await;
    ask(&kernel, &caller).await;

    let mut statements = std::mem::take(&mut *seen.lock().unwrap());
    // Without a condition only the newest event's id is asked for, which is the end of the table.
    statements.retain(|statement| statement.sql.contains("WHERE"));
    statements.sort_by(|a, b| a.sql.cmp(&b.sql));
    statements.dedup_by(|a, b| a.sql == b.sql);
    assert!(statements.len() > 40, "{} were seen", statements.len());
    for statement in statements {
        let plan = explain(world.kernel.db.read(), &statement).await;
        let scans = match world.kernel.db.dialect() {
            Dialect::Sqlite => sqlite_scans(&plan),
            Dialect::Postgres => postgres_scans(&plan),
        };
        assert_eq!(scans, Vec::<String>::new(), "{}\n{plan:#}", statement.sql);
    }
}

#[tokio::test]
async fn a_list_without_an_index_would_be_noticed() {
    let world = World::new().await;
    let caller = world.administrator().await;
    fill(&world, &caller, 1..=ROWS).await;
    let conn = world.kernel.db.read();
    let sql = "SELECT id FROM messages WHERE created_at = 7";
    let statement = Statement::from_string(conn.get_database_backend(), sql);
    let plan = explain(conn, &statement).await;
    let scans = match world.kernel.db.dialect() {
        Dialect::Sqlite => sqlite_scans(&plan),
        Dialect::Postgres => postgres_scans(&plan),
    };
    assert_eq!(scans.len(), 1, "{plan:#}");
}

/// Every list, with every filter and order.
async fn ask(kernel: &Arc<Kernel>, caller: &Caller) {
    let intake = Intake::start(kernel);
    conversations(kernel, &intake, caller).await;
    contacts(kernel, caller).await;
    let messages = Messages::new(Arc::clone(kernel), Arc::clone(&intake));
    for (before, after) in [
        (None, None),
        (Some(9), None),
        (None, Some(0)),
        (Some(9), Some(0)),
    ] {
        let window = MessageWindow {
            before: before.map(MessageId),
            after: after.map(MessageId),
            public_only: before.is_some(),
        };
        messages.list(caller, DisplayId(1), &window).await.unwrap();
    }
    deliveries(kernel, caller).await;
    intake.drain().await;
}

async fn conversations(kernel: &Arc<Kernel>, intake: &Arc<Intake>, caller: &Caller) {
    let service = Conversations::new(Arc::clone(kernel), Arc::clone(intake));
    let plain = ConversationFilter::default;
    let mut filters: Vec<ConversationFilter> = SortBy::ALL
        .iter()
        .map(|&sort_by| ConversationFilter { sort_by, ..plain() })
        .collect();
    filters.extend(
        AssigneeFilter::ALL
            .iter()
            .map(|&assignee| ConversationFilter {
                assignee,
                status: None,
                ..plain()
            }),
    );
    filters.extend([
        ConversationFilter {
            inbox_id: Some(InboxId(1)),
            ..plain()
        },
        ConversationFilter {
            labels: vec!["label-1".to_owned(), "label-2".to_owned()],
            ..plain()
        },
        ConversationFilter {
            text: Some("number 3999".to_owned()),
            ..plain()
        },
        ConversationFilter {
            source_id: Some("s-7".to_owned()),
            status: None,
            ..plain()
        },
        ConversationFilter {
            kind: Some(ConversationKind::Unattended),
            ..plain()
        },
        ConversationFilter {
            updated_within: Some(Duration::from_mins(1)),
            ..plain()
        },
    ]);
    for filter in &filters {
        service.list(caller, filter).await.unwrap();
    }
    for (key, value) in [
        ("status", json!("open")),
        ("inbox_id", json!(1)),
        ("assignee_id", json!(1)),
        ("labels", json!("label-1")),
        ("display_id", json!(7)),
        ("created_at", json!("2026-01-01")),
    ] {
        service
            .filter(caller, &[condition(key, &value)], 1)
            .await
            .unwrap();
    }
    service.show(caller, DisplayId(1)).await.unwrap();
    service.of_contact(caller, ContactId(1)).await.unwrap();
}

async fn contacts(kernel: &Arc<Kernel>, caller: &Caller) {
    let service = Contacts::new(Arc::clone(kernel));
    let sorts = "name,email,phone_number,company_name,city,country,created_at,last_activity_at";
    let mut queries = vec![ContactQuery {
        labels: vec!["label-1".to_owned()],
        ..ContactQuery::default()
    }];
    for sort in sorts.split(',') {
        for order in ["", "-"] {
            let sort = Sort::parse(&format!("{order}{sort}"));
            queries.extend(sort.map(|sort| ContactQuery {
                sort,
                presences: true,
                ..ContactQuery::default()
            }));
        }
    }
    for query in &queries {
        service.list(caller, query).await.unwrap();
    }
    let plain = ContactQuery::default();
    service.search(caller, "act 3999", &plain).await.unwrap();
    for (key, value) in [
        ("email", json!("c7@example.com")),
        ("labels", json!("label-1")),
        ("created_at", json!("2026-01-01")),
    ] {
        service
            .filter(caller, &[condition(key, &value)], &plain)
            .await
            .unwrap();
    }
}

async fn deliveries(kernel: &Arc<Kernel>, caller: &Caller) {
    let service = Deliveries::new(Arc::clone(kernel));
    let plain = DeliveryFilter::default;
    for filter in [
        plain(),
        DeliveryFilter {
            state: Some(DeliveryState::Dead),
            ..plain()
        },
        DeliveryFilter {
            receiver_id: Some(ReceiverId(1)),
            ..plain()
        },
        DeliveryFilter {
            inbox_id: Some(InboxId(1)),
            event: Some(EventName::MessageCreated),
            ..plain()
        },
        DeliveryFilter {
            conversation_id: Some(DisplayId(1)),
            ..plain()
        },
        DeliveryFilter {
            message_id: Some(MessageId(1)),
            ..plain()
        },
        DeliveryFilter {
            since: Some(Timestamp(1)),
            until: Some(Timestamp(9)),
            ..plain()
        },
    ] {
        service.list(caller, &filter).await.unwrap();
    }
    service.trace(caller, MessageId(1)).await.unwrap();
    let log = EventLog::new(Arc::clone(kernel));
    log.events(caller, EventId(0), 10, &[]).await.unwrap();
    let names = [EventName::MessageCreated];
    log.events(caller, EventId(0), 10, &names).await.unwrap();
}

fn condition(key: &str, value: &Value) -> Condition {
    let operator = if key.ends_with("_at") {
        "is_greater_than"
    } else {
        "equal_to"
    };
    let value = value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned);
    Condition {
        attribute_key: key.to_owned(),
        filter_operator: operator.to_owned(),
        values: vec![value],
        query_operator: None,
    }
}

/// The steps of SQLite's plan, or PostgreSQL's plan as JSON.
async fn explain(conn: &DatabaseConnection, statement: &Statement) -> Value {
    let mut asked = statement.clone();
    let postgres = conn.get_database_backend() == sea_orm::DbBackend::Postgres;
    let word = if postgres {
        "EXPLAIN (FORMAT JSON)"
    } else {
        "EXPLAIN QUERY PLAN"
    };
    asked.sql = format!("{word} {}", statement.sql);
    let rows = conn.query_all_raw(asked).await.unwrap();
    if postgres {
        return rows[0].try_get_by_index(0).unwrap();
    }
    let steps = rows.iter().map(|row| row.try_get("", "detail").unwrap());
    Value::Array(steps.map(Value::String).collect())
}

/// Steps that go through a growing table, or through all of one of its indexes.
fn sqlite_scans(plan: &Value) -> Vec<String> {
    let steps = plan.as_array().unwrap().iter().filter_map(Value::as_str);
    let scans = steps.filter(|step| {
        let table = step
            .strip_prefix("SCAN ")
            .and_then(|rest| rest.split(' ').next());
        table.is_some_and(|table| GROWING.contains(&table))
    });
    scans.map(str::to_owned).collect()
}

/// Nodes that read a growing table in sequence, or an index without a condition on it, unless they
/// stop when the page is full.
fn postgres_scans(plan: &Value) -> Vec<String> {
    let mut scans = Vec::new();
    let mut open = vec![(&plan[0]["Plan"], false)];
    while let Some((node, stops)) = open.pop() {
        let kind = node["Node Type"].as_str().unwrap_or_default();
        let stops = match kind {
            "Limit" => true,
            "Sort" | "Aggregate" | "Hash" => false,
            _ => stops,
        };
        let parts = node["Plans"].as_array().into_iter().flatten();
        open.extend(parts.map(|part| (part, stops)));
        let name = node["Relation Name"].as_str();
        let table = name.or(node["Index Name"].as_str());
        let growing = table.is_some_and(|table| GROWING.iter().any(|of| table.starts_with(of)));
        let whole = kind.contains("Index") && kind.contains("Scan") && node["Index Cond"].is_null();
        if growing && (kind == "Seq Scan" || (whole && !stops)) {
            scans.push(format!("{kind} of {}", table.unwrap_or_default()));
        }
    }
    scans
}

//! Conversations and messages, written through SQL: the write path would take its time.

use anyhow::Result;
use gatewright_store::{Dialect, search};
use sea_orm::{ConnectionTrait, DatabaseConnection, TransactionTrait};

use crate::database::{Scratch, text};

/// The first row was made this long ago in microseconds since 1970, and each a second later.
const AT: &str = "1768900000000000 + i * 1000000";

/// Makes a contact for each conversation, and spreads the messages evenly over the conversations.
pub(super) async fn fill(
    scratch: &Scratch,
    inbox: i64,
    conversations: u64,
    messages: u64,
) -> Result<()> {
    let db = scratch.open().await?;
    let each = messages / conversations.max(1);
    let mut statements = people(inbox, conversations, each);
    if each > 0 {
        statements.push(stored(inbox, conversations, each));
    }
    statements.extend(counters(db.dialect(), conversations, each * conversations));
    write(db.write(), db.dialect(), &statements).await?;
    while search::catch_up(&db, 100_000).await? > 0 {}
    db.close().await?;
    Ok(())
}

/// Brings what is written to its place, so that it does not happen during a measurement, and
/// PostgreSQL's statistics up to date, as it does by itself; SQLite does not.
pub(super) async fn settle(scratch: &Scratch) -> Result<()> {
    let db = scratch.open().await?;
    let statements: &[&str] = match db.dialect() {
        Dialect::Sqlite => &["PRAGMA wal_checkpoint(TRUNCATE)"],
        Dialect::Postgres => &["VACUUM ANALYZE", "CHECKPOINT"],
    };
    for statement in statements {
        db.write().execute_unprepared(statement).await?;
    }
    db.close().await?;
    Ok(())
}

async fn write(conn: &DatabaseConnection, dialect: Dialect, statements: &[String]) -> Result<()> {
    let tx = conn.begin().await?;
    let index = match dialect {
        Dialect::Sqlite => None,
        Dialect::Postgres => text(&tx, TEXT_INDEX).await?,
    };
    if index.is_some() {
        tx.execute_unprepared("DROP INDEX messages_content_idx")
            .await?;
    }
    for statement in statements {
        // Messages are made to fit; checking each of them would take longer than writing it.
        if dialect == Dialect::Postgres && statement.starts_with("INSERT INTO messages ") {
            tx.execute_unprepared("SET LOCAL session_replication_role = replica")
                .await?;
        }
        tx.execute_unprepared(statement).await?;
    }
    if let Some(index) = index {
        let room = "SET LOCAL maintenance_work_mem = '1GB'";
        tx.execute_unprepared(room).await?;
        tx.execute_unprepared(&index).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// The index of texts, if there is one; as in any bulk load it is made anew at the end.
const TEXT_INDEX: &str = "SELECT indexdef FROM pg_indexes \
    WHERE schemaname = current_schema() AND indexname = 'messages_content_idx'";

fn numbers(count: u64) -> String {
    format!(
        "WITH RECURSIVE n(i) AS (SELECT CAST(1 AS bigint) UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
    )
}

fn people(inbox: i64, conversations: u64, each: u64) -> Vec<String> {
    let numbers = numbers(conversations);
    let newest = if each == 0 {
        "CAST(NULL AS bigint)".to_owned()
    } else {
        format!("i * {each}")
    };
    vec![
        format!(
            "INSERT INTO contacts (id, account_id, name, identifier, last_activity_at, created_at, \
             updated_at) {numbers} SELECT i, 1, 'Contact ' || i, 'c-' || i, {AT}, {AT}, {AT} FROM n"
        ),
        format!(
            "INSERT INTO contact_inboxes (id, account_id, contact_id, inbox_id, source_id, \
             pubsub_token, created_at, updated_at) {numbers} \
             SELECT i, 1, i, {inbox}, 's-' || i, 't-' || i, {AT}, {AT} FROM n"
        ),
        format!(
            "INSERT INTO conversations (id, account_id, inbox_id, contact_id, contact_inbox_id, \
             display_id, uuid, status, waiting_since, last_activity_at, last_incoming_at, last_seq, \
             last_public_message_id, last_non_activity_message_id, created_at, updated_at) \
             {numbers} SELECT i, 1, {inbox}, i, i, i, 'u-' || i, 0, {AT}, {AT}, {AT}, {each}, \
             {newest}, {newest}, {AT}, {AT} FROM n"
        ),
    ]
}

fn stored(inbox: i64, conversations: u64, each: u64) -> String {
    format!(
        "INSERT INTO messages (id, account_id, inbox_id, conversation_id, contact_inbox_id, seq, \
         message_type, content, sender_kind, sender_id, created_at, updated_at) {} \
         SELECT i, 1, {inbox}, (i - 1) / {each} + 1, (i - 1) / {each} + 1, (i - 1) % {each} + 1, \
         0, 'Hello, is anybody there? It is about my order number ' || i, 0, (i - 1) / {each} + 1, \
         {AT}, {AT} FROM n",
        numbers(conversations * each)
    )
}

/// Ids go on after those that were given by hand.
fn counters(dialect: Dialect, conversations: u64, messages: u64) -> Vec<String> {
    let people = ["contacts", "contact_inboxes", "conversations"].map(|name| (name, conversations));
    let mut statements = vec![format!(
        "UPDATE account_counters SET conversations = {conversations}"
    )];
    for (name, value) in people.into_iter().chain([("messages", messages)]) {
        statements.push(match dialect {
            Dialect::Sqlite => {
                format!("UPDATE sequences SET value = {value} WHERE name = '{name}'")
            }
            Dialect::Postgres => format!("SELECT setval('{name}_id_seq', {value} + 1)"),
        });
    }
    statements
}

//! What holds for all lists, whatever they list.

mod plans;
mod statements;

use std::ops::RangeInclusive;

use gatewright_store::Dialect;
use sea_orm::ConnectionTrait;
use serde_json::json;

use crate::caller::Caller;
use crate::testing::World;

/// Contacts with these ids, each with a label, and a labelled conversation with one message.
async fn fill(world: &World, caller: &Caller, ids: RangeInclusive<usize>) {
    let inbox = world.inbox(caller, "relay", json!({})).await.inbox.id.get();
    let account = caller.account_id().get();
    let user = caller.user.id.get();
    let (first, last) = ids.into_inner();
    let numbers = format!(
        "WITH RECURSIVE n(i, k) AS (SELECT {first}, 1 UNION ALL \
         SELECT i + 1, k + 1 FROM n WHERE i < {last})"
    );
    for (columns, values) in [
        (
            "contacts (id, account_id, name, email, last_activity_at, created_at, updated_at)",
            format!("i, {account}, 'Contact ' || i, 'c' || i || '@example.com', i, i, i"),
        ),
        (
            "contact_labels (contact_id, title, account_id)",
            format!("i, 'label-' || (i % 7), {account}"),
        ),
        (
            "contact_inboxes (id, account_id, contact_id, inbox_id, source_id, pubsub_token, \
             created_at, updated_at)",
            format!("i, {account}, i, {inbox}, 's-' || i, 't-' || i, i, i"),
        ),
        (
            "conversations (id, account_id, inbox_id, contact_id, contact_inbox_id, display_id, \
             uuid, status, assignee_id, last_activity_at, created_at, updated_at)",
            format!(
                "i, {account}, {inbox}, i, i, k, 'u-' || i, i % 2, \
                 CASE WHEN i % 3 = 0 THEN {user} END, i, i, i"
            ),
        ),
        (
            "conversation_labels (conversation_id, title)",
            "i, 'label-' || (i % 7)".to_owned(),
        ),
        (
            "messages (id, account_id, inbox_id, conversation_id, contact_inbox_id, seq, \
             message_type, content, created_at, updated_at)",
            format!("i, {account}, {inbox}, i, i, 1, 0, 'Message number ' || i, i, i"),
        ),
    ] {
        let sql = format!("INSERT INTO {columns} {numbers} SELECT {values} FROM n");
        let conn = world.kernel.db.write();
        conn.execute_unprepared(&sql).await.unwrap();
    }
    // As it is soon after: PostgreSQL's index of texts begins as a list of what is new.
    let settle = match world.kernel.db.dialect() {
        Dialect::Sqlite => "ANALYZE",
        Dialect::Postgres => "VACUUM ANALYZE",
    };
    let conn = world.kernel.db.write();
    conn.execute_unprepared(settle).await.unwrap();
}

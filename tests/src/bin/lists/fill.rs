//! A large account, written row by row through SQL: the write path would take its time.

use anyhow::Result;
use gatewright_store::search::catch_up;
use gatewright_tests::TestGateway;
use sea_orm::ConnectionTrait;
use serde_json::Value;

/// Makes a contact for each conversation, and spreads the messages over the conversations.
pub(crate) async fn fill(
    gateway: &TestGateway,
    inbox: &Value,
    conversations: u64,
    messages: u64,
) -> Result<()> {
    let (account, inbox) = (gateway.account_id(), &inbox["id"]);
    let conn = gateway.gateway().kernel().db.write();
    let numbers = |count: u64| {
        format!(
            "WITH RECURSIVE n(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
        )
    };
    let each = messages / conversations.max(1);
    // One conversation a second; the newest one is as old as the test's clock.
    let now = gateway.gateway().kernel().now().0;
    let second = |number: &str| format!("{now} - ({conversations} - {number}) * 1000000");
    let (at, sent) = (second("i"), second(&format!("((i - 1) / {each} + 1)")));
    let statements = [
        format!(
            "INSERT INTO contacts (id, account_id, name, email, last_activity_at, created_at, updated_at) \
             {} SELECT i, {account}, 'Contact ' || i, 'c' || i || '@example.com', {at}, {at}, {at} FROM n",
            numbers(conversations)
        ),
        format!(
            "INSERT INTO contact_inboxes (id, account_id, contact_id, inbox_id, source_id, pubsub_token, \
             created_at, updated_at) {} SELECT i, {account}, i, {inbox}, 's-' || i, 't-' || i, {at}, {at} \
             FROM n",
            numbers(conversations)
        ),
        format!(
            "INSERT INTO conversations (id, account_id, inbox_id, contact_id, contact_inbox_id, display_id, \
             uuid, status, priority, assignee_id, waiting_since, last_activity_at, last_seq, \
             last_public_message_id, last_non_activity_message_id, created_at, updated_at) {} \
             SELECT i, {account}, {inbox}, i, i, i, 'u-' || i, CASE WHEN i % 3 = 0 THEN 1 ELSE 0 END, \
             NULLIF(i % 5, 4), CASE WHEN i % 4 = 0 THEN (SELECT min(id) FROM users) END, \
             CASE WHEN i % 2 = 0 THEN {at} END, {at}, {each}, i * {each}, i * {each}, {at}, {at} FROM n",
            numbers(conversations)
        ),
        format!(
            "INSERT INTO conversation_labels (conversation_id, title) {} \
             SELECT i, 'label-' || (i % 100) FROM n",
            numbers(conversations)
        ),
        format!(
            "INSERT INTO messages (id, account_id, inbox_id, conversation_id, contact_inbox_id, seq, \
             message_type, content, sender_kind, sender_id, created_at, updated_at) {} \
             SELECT i, {account}, {inbox}, (i - 1) / {each} + 1, (i - 1) / {each} + 1, (i - 1) % {each} + 1, \
             0, 'Message number ' || i || CASE WHEN i % 100000 = 0 THEN ' needle' ELSE '' END, 0, \
             (i - 1) / {each} + 1, {sent}, {sent} FROM n",
            numbers(each * conversations)
        ),
    ];
    for statement in statements {
        conn.execute_unprepared(&statement).await?;
    }
    while catch_up(&gateway.gateway().kernel().db, 100_000).await? > 0 {}
    conn.execute_unprepared("ANALYZE").await?;
    Ok(())
}

//! Every constraint of the schema is listed here, is in the database, and refuses.

use std::collections::BTreeSet;

use crate::support::rows::insert_all;
use crate::support::{on_each, rows};
use gatewright_store::{Database, Dialect, unique_violation};
use sea_orm::{ConnectionTrait, DbErr, SqlErr};

/// Table and columns; the constraint's name follows.
const UNIQUE: &[(&str, &[&str])] = &[
    ("access_tokens", &["id"]),
    ("access_tokens", &["owner_kind", "owner_id"]),
    ("access_tokens", &["token_hash"]),
    ("account_counters", &["account_id"]),
    ("account_users", &["account_id", "user_id"]),
    ("account_users", &["id"]),
    ("accounts", &["id"]),
    ("attachments", &["id"]),
    ("attempts", &["id"]),
    ("blobs", &["id"]),
    ("blobs", &["key"]),
    ("contact_inboxes", &["id"]),
    ("contact_inboxes", &["inbox_id", "source_id"]),
    ("contact_inboxes", &["pubsub_token"]),
    ("contact_labels", &["contact_id", "title"]),
    ("contacts", &["account_id", "email"]),
    ("contacts", &["account_id", "identifier"]),
    ("contacts", &["account_id", "phone_number"]),
    ("contacts", &["id"]),
    ("conversation_labels", &["conversation_id", "title"]),
    ("conversations", &["account_id", "display_id"]),
    ("conversations", &["id"]),
    ("conversations", &["uuid"]),
    ("csat_survey_responses", &["id"]),
    ("csat_survey_responses", &["message_id"]),
    ("deliveries", &["id"]),
    ("erasures", &["kind", "subject_id"]),
    ("events", &["id"]),
    ("idempotency_records", &["token_id", "key"]),
    ("inbound_dedup", &["inbox_id", "dedup_key"]),
    ("inbound_log", &["id"]),
    ("inbox_members", &["inbox_id", "user_id"]),
    ("inbox_routes", &["channel", "key_hash"]),
    ("inbox_routes", &["id"]),
    ("inboxes", &["id"]),
    ("inboxes", &["identifier"]),
    ("inboxes", &["path_token"]),
    ("installation", &["name"]),
    ("labels", &["account_id", "title"]),
    ("labels", &["id"]),
    ("message_provider_ids", &["inbox_id", "provider_id"]),
    ("messages", &["contact_inbox_id", "source_id"]),
    ("messages", &["conversation_id", "seq"]),
    ("messages", &["id"]),
    ("receivers", &["id"]),
    ("users", &["email"]),
    ("users", &["id"]),
    ("users", &["pubsub_token"]),
    ("webhooks", &["account_id", "url"]),
    ("webhooks", &["id"]),
    ("webhooks", &["receiver_id"]),
];

/// Table, column, the table it points at, whether a row goes with what it points at.
const FOREIGN: &[(&str, &str, &str, bool)] = &[
    ("account_counters", "account_id", "accounts", false),
    ("account_users", "account_id", "accounts", true),
    ("account_users", "inviter_id", "users", false),
    ("account_users", "user_id", "users", true),
    ("attachments", "account_id", "accounts", false),
    ("attachments", "blob_id", "blobs", false),
    ("attachments", "message_id", "messages", false),
    ("attempts", "delivery_id", "deliveries", true),
    ("blobs", "account_id", "accounts", false),
    ("contact_inboxes", "account_id", "accounts", false),
    ("contact_inboxes", "contact_id", "contacts", false),
    ("contact_inboxes", "inbox_id", "inboxes", false),
    ("contact_labels", "account_id", "accounts", false),
    ("contact_labels", "contact_id", "contacts", true),
    ("contacts", "account_id", "accounts", false),
    (
        "conversation_labels",
        "conversation_id",
        "conversations",
        true,
    ),
    ("conversations", "account_id", "accounts", false),
    ("conversations", "assignee_id", "users", false),
    ("conversations", "contact_id", "contacts", false),
    (
        "conversations",
        "contact_inbox_id",
        "contact_inboxes",
        false,
    ),
    ("conversations", "inbox_id", "inboxes", false),
    ("csat_survey_responses", "account_id", "accounts", false),
    ("csat_survey_responses", "assigned_agent_id", "users", false),
    (
        "csat_survey_responses",
        "conversation_id",
        "conversations",
        true,
    ),
    ("csat_survey_responses", "message_id", "messages", true),
    ("erasures", "account_id", "accounts", false),
    ("inbound_dedup", "inbox_id", "inboxes", false),
    ("inbound_log", "account_id", "accounts", false),
    ("inbound_log", "inbox_id", "inboxes", false),
    ("inbox_members", "inbox_id", "inboxes", true),
    ("inbox_members", "user_id", "users", true),
    ("inbox_routes", "inbox_id", "inboxes", true),
    ("inboxes", "account_id", "accounts", false),
    ("inboxes", "receiver_id", "receivers", false),
    ("labels", "account_id", "accounts", false),
    ("message_provider_ids", "inbox_id", "inboxes", false),
    ("message_provider_ids", "message_id", "messages", false),
    ("receivers", "account_id", "accounts", false),
    ("webhooks", "account_id", "accounts", false),
    ("webhooks", "inbox_id", "inboxes", false),
    ("webhooks", "receiver_id", "receivers", false),
];

/// Table, column, values just outside its range.
const CHECKED: &[(&str, &str, &[&str])] = &[
    ("access_tokens", "owner_kind", &["-1", "3"]),
    ("account_counters", "conversations", &["-1"]),
    ("account_users", "availability", &["-1", "3"]),
    ("account_users", "role", &["-1", "2"]),
    ("accounts", "status", &["-1", "2"]),
    ("attachments", "file_type", &["-1"]),
    ("attempts", "duration_ms", &["-1"]),
    ("attempts", "number", &["0"]),
    ("blobs", "byte_size", &["-1"]),
    ("contact_labels", "position", &["-1"]),
    ("contacts", "contact_type", &["-1", "3"]),
    ("conversation_labels", "position", &["-1"]),
    ("conversations", "display_id", &["0"]),
    ("conversations", "last_seq", &["-1"]),
    ("conversations", "priority", &["-1", "4"]),
    ("conversations", "status", &["-1", "4"]),
    ("conversations", "unread_count", &["-1", "11"]),
    ("csat_survey_responses", "rating", &["0", "6"]),
    ("deliveries", "attempts", &["-1"]),
    ("deliveries", "last_duration_ms", &["-1"]),
    ("deliveries", "replays", &["-1"]),
    ("deliveries", "state", &["-1", "4"]),
    ("erasures", "kind", &["-1", "2"]),
    ("inbound_log", "state", &["-1", "2"]),
    ("messages", "message_type", &["-1", "4"]),
    ("messages", "sender_kind", &["-1", "3"]),
    ("messages", "seq", &["0"]),
    ("messages", "source_id", &["''"]),
    ("messages", "status", &["-1", "4"]),
    ("receivers", "failures", &["-1"]),
    ("receivers", "kind", &["-1", "4"]),
    ("receivers", "probe_interval_ms", &["0"]),
    ("receivers", "state", &["-1", "4"]),
];

#[tokio::test]
async fn unique_constraints_are_those_listed_and_refuse() {
    on_each(|database| async move {
        let listed: BTreeSet<String> = UNIQUE.iter().map(|(t, c)| key_name(t, c)).collect();
        assert_eq!(unique_names(&database).await, listed);
        two_rows_each(&database).await;
        for (table, columns) in UNIQUE {
            let error = copy_first_to_second(&database, table, columns)
                .await
                .unwrap_err();
            let name = key_name(table, columns);
            assert_eq!(
                unique_violation(&error),
                Some(name),
                "{table} {columns:?}: {error}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn foreign_keys_are_those_listed_and_refuse() {
    on_each(|database| async move {
        let listed: BTreeSet<_> = FOREIGN
            .iter()
            .map(|&(t, c, p, cascade)| (t.to_owned(), c.to_owned(), p.to_owned(), cascade))
            .collect();
        assert_eq!(foreign_keys(&database).await, listed);
        insert_all(&database, 1).await;
        for (table, column, ..) in FOREIGN {
            let error = run(&database, &format!("UPDATE {table} SET {column} = 999")).await;
            let error = error.unwrap_err();
            let kind = error.sql_err();
            assert!(
                matches!(kind, Some(SqlErr::ForeignKeyConstraintViolation(_))),
                "{table}.{column}: {error}"
            );
            assert_eq!(unique_violation(&error), None);
        }
    })
    .await;
}

#[tokio::test]
async fn checks_are_those_listed_and_refuse() {
    on_each(|database| async move {
        assert_eq!(check_count(&database).await, CHECKED.len());
        insert_all(&database, 1).await;
        for (table, column, values) in CHECKED {
            for value in *values {
                let sql = format!("UPDATE {table} SET {column} = {value}");
                let error = run(&database, &sql).await.unwrap_err().to_string();
                assert!(
                    error.to_lowercase().contains("check constraint"),
                    "{sql}: {error}"
                );
                assert!(error.contains(column), "{sql}: {error}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn absent_values_are_not_equal() {
    on_each(|database| async move {
        two_rows_each(&database).await;
        for (table, columns) in [
            ("contacts", &["email", "phone_number", "identifier"][..]),
            ("messages", &["source_id"]),
        ] {
            for column in columns {
                run(&database, &format!("UPDATE {table} SET {column} = NULL"))
                    .await
                    .unwrap();
            }
        }
        run(&database, "UPDATE contacts SET account_id = 1")
            .await
            .unwrap();
        run(&database, "UPDATE messages SET contact_inbox_id = 1")
            .await
            .unwrap();
    })
    .await;
}

#[tokio::test]
async fn memberships_go_with_what_they_belong_to() {
    on_each(|database| async move {
        insert_all(&database, 1).await;
        run(&database, "DELETE FROM attachments").await.unwrap();
        run(&database, "DELETE FROM message_provider_ids")
            .await
            .unwrap();
        run(&database, "DELETE FROM messages").await.unwrap();
        run(&database, "DELETE FROM conversations").await.unwrap();
        run(&database, "DELETE FROM deliveries").await.unwrap();
        for gone in ["conversation_labels", "csat_survey_responses", "attempts"] {
            assert!(
                rows(&database, &format!("SELECT 1 FROM {gone}"))
                    .await
                    .is_empty(),
                "{gone}"
            );
        }
    })
    .await;
}

fn key_name(table: &str, columns: &[&str]) -> String {
    format!("{table}_{}_key", columns.join("_"))
}

async fn two_rows_each(database: &Database) {
    insert_all(database, 1).await;
    insert_all(database, 2).await;
}

async fn run(database: &Database, sql: &str) -> Result<(), DbErr> {
    database.write().execute_unprepared(sql).await.map(drop)
}

/// Sets `columns` of the row that has the greater value in the last of them to the other row's.
async fn copy_first_to_second(
    database: &Database,
    table: &str,
    columns: &[&str],
) -> Result<(), DbErr> {
    let last = columns[columns.len() - 1];
    let assignments: Vec<String> = columns
        .iter()
        .map(|c| format!("{c} = (SELECT {c} FROM {table} ORDER BY {last} LIMIT 1)"))
        .collect();
    let sql = format!(
        "UPDATE {table} SET {} WHERE {last} = (SELECT max({last}) FROM {table})",
        assignments.join(", ")
    );
    run(database, &sql).await
}

/// A rowid key has no index on SQLite, so it is added from the table's own description. The search
/// indexes are the database's business.
async fn unique_names(database: &Database) -> BTreeSet<String> {
    let sql = match database.dialect() {
        Dialect::Sqlite => {
            "SELECT m.name || '_' || (SELECT group_concat(c.name, '_') \
               FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno) c) || '_key' \
             FROM sqlite_master m, pragma_index_list(m.name) i \
             WHERE m.type = 'table' AND i.\"unique\" AND m.name NOT IN ('seaql_migrations', 'sequences') \
             AND m.name NOT LIKE '%_search_%' \
             UNION \
             SELECT m.name || '_id_key' FROM sqlite_master m, pragma_table_info(m.name) c \
             WHERE m.type = 'table' AND c.name = 'id' AND c.pk = 1 AND m.name NOT LIKE '%_search_%'"
        }
        Dialect::Postgres => {
            "SELECT c.relname::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid \
             WHERE i.indisunique AND c.relnamespace = 'public'::regnamespace \
             AND i.indrelid NOT IN ('seaql_migrations'::regclass, 'contact_search'::regclass)"
        }
    };
    let rows = rows(database, sql).await;
    rows.iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect()
}

async fn foreign_keys(database: &Database) -> BTreeSet<(String, String, String, bool)> {
    let sql = match database.dialect() {
        Dialect::Sqlite => {
            "SELECT m.name, f.\"from\", f.\"table\", f.on_delete = 'CASCADE' \
             FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table'"
        }
        Dialect::Postgres => {
            "SELECT f.conrelid::regclass::text, a.attname::text, f.confrelid::regclass::text, \
             f.confdeltype = 'c' FROM pg_constraint f JOIN pg_attribute a \
             ON a.attrelid = f.conrelid AND a.attnum = f.conkey[1] WHERE f.contype = 'f' \
             AND f.conrelid <> 'contact_search'::regclass"
        }
    };
    let rows = rows(database, sql).await;
    rows.iter()
        .map(|row| row.try_get_many_by_index().unwrap())
        .collect()
}

/// SQLite keeps checks only in the text of the table.
async fn check_count(database: &Database) -> usize {
    let sql = match database.dialect() {
        Dialect::Sqlite => {
            "SELECT sql FROM sqlite_master WHERE type = 'table' AND name <> 'sequences'"
        }
        Dialect::Postgres => {
            "SELECT 'CHECK (' FROM pg_constraint WHERE contype = 'c' \
                              AND connamespace = 'public'::regnamespace"
        }
    };
    let texts = rows(database, sql).await;
    texts
        .iter()
        .map(|row| {
            row.try_get_by_index::<String>(0)
                .unwrap()
                .matches("CHECK (")
                .count()
        })
        .sum()
}

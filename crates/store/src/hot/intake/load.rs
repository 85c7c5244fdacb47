//! One query whose rows are `(kind, JSON)`.

use std::sync::LazyLock;

use sea_orm::{ConnectionTrait, DbErr};
use serde::de::DeserializeOwned;

use super::super::object::{Shape, build, fields, object};
use super::{Loaded, Wanted, statement};
use crate::Dialect;

const CONVERSATION: &[(&str, Shape)] = &[
    ("id", Shape::Plain),
    ("account_id", Shape::Plain),
    ("inbox_id", Shape::Plain),
    ("contact_id", Shape::Plain),
    ("contact_inbox_id", Shape::Plain),
    ("display_id", Shape::Plain),
    ("uuid", Shape::Plain),
    ("status", Shape::Plain),
    ("priority", Shape::Plain),
    ("assignee_id", Shape::Plain),
    ("snoozed_until", Shape::Plain),
    ("additional_attributes", Shape::Json),
    ("custom_attributes", Shape::Json),
    ("agent_last_seen_at", Shape::Plain),
    ("assignee_last_seen_at", Shape::Plain),
    ("contact_last_seen_at", Shape::Plain),
    ("first_reply_created_at", Shape::Plain),
    ("waiting_since", Shape::Plain),
    ("last_activity_at", Shape::Plain),
    ("last_incoming_at", Shape::Plain),
    ("last_seq", Shape::Plain),
    ("unread_count", Shape::Plain),
    ("last_public_message_id", Shape::Plain),
    ("last_non_activity_message_id", Shape::Plain),
    ("created_at", Shape::Plain),
    ("updated_at", Shape::Plain),
];

const CONTACT: &[(&str, Shape)] = &[
    ("id", Shape::Plain),
    ("account_id", Shape::Plain),
    ("name", Shape::Plain),
    ("email", Shape::Plain),
    ("phone_number", Shape::Plain),
    ("identifier", Shape::Plain),
    ("blocked", Shape::Flag),
    ("contact_type", Shape::Plain),
    ("additional_attributes", Shape::Json),
    ("custom_attributes", Shape::Json),
    ("last_activity_at", Shape::Plain),
    ("created_at", Shape::Plain),
    ("updated_at", Shape::Plain),
];

const CONTACT_INBOX: &[(&str, Shape)] = &[
    ("id", Shape::Plain),
    ("contact_id", Shape::Plain),
    ("inbox_id", Shape::Plain),
    ("source_id", Shape::Plain),
    ("hmac_verified", Shape::Flag),
    ("pubsub_token", Shape::Plain),
    ("created_at", Shape::Plain),
    ("updated_at", Shape::Plain),
];

const MESSAGE: &[(&str, Shape)] = &[
    ("id", Shape::Plain),
    ("account_id", Shape::Plain),
    ("inbox_id", Shape::Plain),
    ("conversation_id", Shape::Plain),
    ("contact_inbox_id", Shape::Plain),
    ("seq", Shape::Plain),
    ("message_type", Shape::Plain),
    ("content", Shape::Plain),
    ("content_type", Shape::Plain),
    ("content_attributes", Shape::Json),
    ("additional_attributes", Shape::Json),
    ("private", Shape::Flag),
    ("status", Shape::Plain),
    ("source_id", Shape::Plain),
    ("sender_kind", Shape::Plain),
    ("sender_id", Shape::Plain),
    ("created_at", Shape::Plain),
    ("updated_at", Shape::Plain),
];

const ATTACHMENT: &[(&str, Shape)] = &[
    ("id", Shape::Plain),
    ("file_type", Shape::Plain),
    ("extension", Shape::Plain),
    ("external_url", Shape::Plain),
    ("coordinates_lat", Shape::Plain),
    ("coordinates_long", Shape::Plain),
    ("fallback_title", Shape::Plain),
    ("meta", Shape::Json),
];

const BLOB: &[(&str, Shape)] = &[
    ("key", Shape::Plain),
    ("filename", Shape::Plain),
    ("content_type", Shape::Plain),
    ("byte_size", Shape::Plain),
    ("metadata", Shape::Json),
];

const USER: &[(&str, Shape)] = &[
    ("id", Shape::Plain),
    ("name", Shape::Plain),
    ("display_name", Shape::Plain),
    ("email", Shape::Plain),
];

static SQLITE: LazyLock<String> = LazyLock::new(|| text(Dialect::Sqlite));
static POSTGRES: LazyLock<String> = LazyLock::new(|| text(Dialect::Postgres));

pub(super) async fn load<C: ConnectionTrait>(
    conn: &C,
    dialect: Dialect,
    wanted: &Wanted,
) -> Result<Loaded, DbErr> {
    let text = match dialect {
        Dialect::Sqlite => &*SQLITE,
        Dialect::Postgres => &*POSTGRES,
    };
    let mut loaded = Loaded::default();
    for row in conn.query_all_raw(statement(conn, text, wanted)?).await? {
        let kind: i32 = row.try_get_by_index(0)?;
        let json: String = row.try_get_by_index(1)?;
        match kind {
            1 => loaded.conversations.push(parse(&json)?),
            2 => loaded.contacts.push(parse(&json)?),
            3 => loaded.contact_inboxes.push(parse(&json)?),
            4 => loaded.messages.push(parse(&json)?),
            5 => loaded.flood.push(parse(&json)?),
            _ => loaded.open_lanes.push(parse(&json)?),
        }
    }
    Ok(loaded)
}

fn parse<T: DeserializeOwned>(json: &str) -> Result<T, DbErr> {
    serde_json::from_str(json).map_err(|error| DbErr::Json(error.to_string()))
}

/// The query; `{ids(x)}` is the list of ids under `x` of the parameter.
fn text(dialect: Dialect) -> String {
    let conversations = ids(dialect, "conversations");
    let tops = ids(dialect, "tops");
    let conversation = conversation(dialect);
    let message = message(dialect);
    let contact = object(dialect, "t", CONTACT);
    let contact_inbox = object(dialect, "i", CONTACT_INBOX);
    let flood = object(
        dialect,
        "m",
        &[
            ("conversation_id", Shape::Plain),
            ("seq", Shape::Plain),
            ("created_at", Shape::Plain),
        ],
    );
    let lane = object(
        dialect,
        "w",
        &[("receiver_id", Shape::Plain), ("lane", Shape::Plain)],
    );
    let cast = if dialect == Dialect::Postgres {
        "::text"
    } else {
        ""
    };
    [
        format!(
            "SELECT 1, {conversation}{cast} FROM conversations c WHERE c.id IN {conversations}"
        ),
        format!(
            "SELECT 2, {contact}{cast} FROM contacts t WHERE t.id IN \
             (SELECT contact_id FROM conversations WHERE id IN {conversations})"
        ),
        format!(
            "SELECT 3, {contact_inbox}{cast} FROM contact_inboxes i WHERE i.id IN \
             (SELECT contact_inbox_id FROM conversations WHERE id IN {conversations})"
        ),
        format!(
            "SELECT 4, {message}{cast} FROM messages m WHERE m.id IN \
             (SELECT last_public_message_id FROM conversations WHERE id IN {})",
            ids(dialect, "newest")
        ),
        format!(
            "SELECT 4, {message}{cast} FROM messages m WHERE m.id IN {}",
            ids(dialect, "messages")
        ),
        format!(
            "SELECT 4, {message}{cast} FROM conversations c JOIN messages m \
             ON m.conversation_id = c.id AND m.seq = c.last_seq WHERE c.id IN {tops}"
        ),
        format!(
            "SELECT 4, {message}{cast} FROM messages m WHERE m.id IN \
             (SELECT last_non_activity_message_id FROM conversations WHERE id IN {tops})"
        ),
        format!(
            "SELECT 4, {message}{cast} FROM {} s JOIN conversations c ON c.id = s.conversation_id \
             JOIN messages m ON m.contact_inbox_id = c.contact_inbox_id \
             AND m.source_id = s.source_id",
            rows(
                dialect,
                "sources",
                &[("conversation_id", "bigint"), ("source_id", "text")]
            )
        ),
        format!(
            "SELECT 5, {flood}{cast} FROM {} f JOIN conversations c ON c.id = f.conversation_id \
             JOIN messages m ON m.conversation_id = c.id AND m.seq > c.last_seq - {limit} \
             AND m.seq <= c.last_seq - {limit} + f.count",
            rows(
                dialect,
                "flood",
                &[("conversation_id", "bigint"), ("count", "bigint")]
            ),
            limit = flood_limit(dialect),
        ),
        format!(
            "SELECT 6, {lane}{cast} FROM {} w WHERE EXISTS (SELECT 1 FROM deliveries d \
             WHERE d.receiver_id = w.receiver_id AND d.lane = w.lane AND d.state IN (0, 1) \
             AND NOT d.late)",
            rows(
                dialect,
                "lanes",
                &[("receiver_id", "bigint"), ("lane", "bigint")]
            )
        ),
    ]
    .join(" UNION ALL ")
}

fn user(dialect: Dialect, id: &str) -> String {
    let user = object(dialect, "u", USER);
    format!("(SELECT {user} FROM users u WHERE u.id = {id})")
}

/// A conversation with its assignee and labels.
fn conversation(dialect: Dialect) -> String {
    build(
        dialect,
        &[
            format!("'row', {}", object(dialect, "c", CONVERSATION)),
            format!("'assignee', {}", user(dialect, "c.assignee_id")),
            format!("'labels', {}", labels(dialect)),
        ],
    )
}

/// A message with the user who wrote it, what its conversation is known by, and what is attached
/// to it.
fn message(dialect: Dialect) -> String {
    let mut all = fields(dialect, "m", MESSAGE);
    let sender = user(dialect, "m.sender_id");
    all.push(format!(
        "'sender', CASE WHEN m.sender_kind = 1 THEN {sender} END"
    ));
    for column in ["display_id", "contact_id"] {
        all.push(format!(
            "'{column}', (SELECT {column} FROM conversations WHERE id = m.conversation_id)"
        ));
    }
    all.push(format!("'attachments', {}", attachments(dialect)));
    build(dialect, &all)
}

/// What is attached to the message `m`, each with its stored file.
fn attachments(dialect: Dialect) -> String {
    let mut all = fields(dialect, "a", ATTACHMENT);
    all.extend(fields(dialect, "b", BLOB));
    let one = build(dialect, &all);
    let list = match dialect {
        Dialect::Sqlite => format!("json_group_array({one} ORDER BY a.id)"),
        Dialect::Postgres => format!("coalesce(json_agg({one} ORDER BY a.id), '[]'::json)"),
    };
    format!(
        "(SELECT {list} FROM attachments a LEFT JOIN blobs b ON b.id = a.blob_id \
         WHERE a.message_id = m.id)"
    )
}

fn labels(dialect: Dialect) -> String {
    match dialect {
        Dialect::Sqlite => {
            "(SELECT json_group_array(l.title) FROM (SELECT title FROM \
             conversation_labels WHERE conversation_id = c.id ORDER BY position, title) l)"
        }
        Dialect::Postgres => {
            "(SELECT coalesce(json_agg(l.title ORDER BY l.position, l.title), \
             '[]'::json) FROM conversation_labels l WHERE l.conversation_id = c.id)"
        }
    }
    .to_owned()
}

fn ids(dialect: Dialect, key: &str) -> String {
    match dialect {
        Dialect::Sqlite => format!("(SELECT value FROM json_each(?1, '$.{key}'))"),
        Dialect::Postgres => {
            format!("(SELECT value::bigint FROM jsonb_array_elements_text($1::jsonb -> '{key}'))")
        }
    }
}

fn rows(dialect: Dialect, key: &str, columns: &[(&str, &str)]) -> String {
    match dialect {
        Dialect::Sqlite => {
            let columns: Vec<String> = columns
                .iter()
                .map(|(name, _)| format!("value ->> '{name}' AS {name}"))
                .collect();
            format!(
                "(SELECT {} FROM json_each(?1, '$.{key}'))",
                columns.join(", ")
            )
        }
        Dialect::Postgres => {
            let columns: Vec<String> = columns
                .iter()
                .map(|(name, kind)| format!("{name} {kind}"))
                .collect();
            format!(
                "(SELECT * FROM jsonb_to_recordset($1::jsonb -> '{key}') AS r({}))",
                columns.join(", ")
            )
        }
    }
}

fn flood_limit(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => "(?1 ->> '$.flood_limit')",
        Dialect::Postgres => "($1::jsonb ->> 'flood_limit')::bigint",
    }
}

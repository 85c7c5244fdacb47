//! The texts of the write: on PostgreSQL one data-modifying statement, on SQLite several in one driver
//! call.
//!
//! On SQLite `OR FAIL` leaves it to the caller to undo what a failed statement has done, with the whole
//! transaction: otherwise SQLite would keep a copy of every page that the statement changes.

use super::Part;
use crate::Dialect;
use crate::hot::columns::{Column, Kind, Row, by_key, list, source};
use crate::hot::row::{
    AttachmentRow, BlobRow, ContactUpdate, ConversationUpdate, DeliveryRow, EventRow,
    IdempotencyRow, LabelGone, LabelRow, MessageRow, MessageUpdate,
};

/// Writes parts, whose parameters come in the order of the parts.
pub(super) fn text(dialect: Dialect, parts: &[Part]) -> String {
    let mut first = 1;
    let mut texts = Vec::with_capacity(parts.len());
    for part in parts {
        texts.push(part.text(dialect, first));
        first += part.columns().len();
    }
    match dialect {
        Dialect::Sqlite => texts.join(";\n"),
        Dialect::Postgres => {
            let named = (1..)
                .zip(texts)
                .map(|(number, text): (u8, String)| format!("w{number} AS ({text})"));
            format!("WITH {} SELECT 1", list(named))
        }
    }
}

impl Part {
    /// What is written of its rows.
    pub(super) fn columns(self) -> &'static [Column] {
        match self {
            Part::Messages => MessageRow::COLUMNS,
            Part::Blobs => BlobRow::COLUMNS,
            Part::Attachments => AttachmentRow::COLUMNS,
            Part::MessageUpdates => MessageUpdate::COLUMNS,
            Part::Conversations => ConversationUpdate::COLUMNS,
            Part::Active => active(),
            Part::LabelsGone => LabelGone::COLUMNS,
            Part::Labels => LabelRow::COLUMNS,
            Part::Contacts => ContactUpdate::COLUMNS,
            Part::Events => EventRow::COLUMNS,
            Part::Deliveries => DeliveryRow::COLUMNS,
            Part::Idempotency => IdempotencyRow::COLUMNS,
        }
    }

    fn text(self, dialect: Dialect, first: usize) -> String {
        let columns = self.columns();
        let from = source(dialect, columns, first);
        let insert = |table| insert(dialect, table, columns, &from);
        let update = |table, kept| update(dialect, table, columns, kept, &from, first);
        match self {
            Part::Messages => insert("messages"),
            Part::Blobs => insert("blobs"),
            Part::Attachments => insert("attachments"),
            Part::MessageUpdates => update("messages", &["content", "content_type"]),
            Part::Conversations | Part::Active => update("conversations", &["custom_attributes"]),
            Part::LabelsGone => match dialect {
                Dialect::Sqlite => format!(
                    "DELETE FROM conversation_labels WHERE (conversation_id, title) IN \
                     (SELECT r.conversation_id, r.title FROM {from})"
                ),
                Dialect::Postgres => format!(
                    "DELETE FROM conversation_labels AS t USING {from} \
                     WHERE t.conversation_id = r.conversation_id AND t.title = r.title \
                     AND {}",
                    by_key("t.conversation_id", first)
                ),
            },
            Part::Labels => format!(
                "{} WHERE true ON CONFLICT (conversation_id, title) \
                 DO UPDATE SET position = excluded.position",
                insert("conversation_labels")
            ),
            Part::Contacts => update("contacts", &[]),
            Part::Events => insert("events"),
            Part::Deliveries => insert("deliveries"),
            Part::Idempotency => insert("idempotency_records"),
        }
    }
}

/// What every message changes of its conversation. It has no column of an index: SQLite writes the
/// indexes of all columns that a statement names.
fn active() -> &'static [Column] {
    let all = ConversationUpdate::COLUMNS;
    let end = all.iter().position(|column| column.name == "status");
    all.get(..end.unwrap_or(all.len())).unwrap_or(all)
}

fn insert(dialect: Dialect, table: &str, columns: &[Column], from: &str) -> String {
    let names = list(columns.iter().map(|column| column.name.to_owned()));
    let values = list(columns.iter().map(|column| value(dialect, column)));
    let or_fail = match dialect {
        Dialect::Sqlite => " OR FAIL",
        Dialect::Postgres => "",
    };
    format!("INSERT{or_fail} INTO {table} ({names}) SELECT {values} FROM {from}")
}

fn value(dialect: Dialect, column: &Column) -> String {
    match (dialect, column.kind) {
        // PostgreSQL's clock dates leases there, so that nodes need not agree on the time.
        (Dialect::Postgres, Kind::LeaseEnd) => {
            "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint + r.lease_until".to_owned()
        }
        _ => format!("r.{}", column.name),
    }
}

/// Sets all columns but the id, which is the first; those `kept` only where there is a value.
fn update(
    dialect: Dialect,
    table: &str,
    columns: &[Column],
    kept: &[&str],
    from: &str,
    first: usize,
) -> String {
    let sets = columns.iter().skip(1).map(|&Column { name, .. }| {
        if kept.contains(&name) {
            format!("{name} = coalesce(r.{name}, {table}.{name})")
        } else {
            format!("{name} = r.{name}")
        }
    });
    let sets = list(sets);
    match dialect {
        Dialect::Sqlite => {
            format!("UPDATE OR FAIL {table} SET {sets} FROM {from} WHERE {table}.id = r.id")
        }
        Dialect::Postgres => format!(
            "UPDATE {table} SET {sets} FROM {from} WHERE {table}.id = r.id AND {}",
            by_key(&format!("{table}.id"), first)
        ),
    }
}

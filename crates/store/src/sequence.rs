//! Ids drawn by the program, many at a time.
//!
//! A batch draws its ids inside its write transaction and after the locks of its conversations: so ids
//! rise with `seq` within a conversation. On SQLite it draws them in one call, which takes part in the
//! transaction. On PostgreSQL what it expects comes with the locks ([`Ahead`]) and only what is missing
//! takes a call; a rollback leaves a gap, and so does what was not needed. All ids stay below 2^53.

use std::ops::Range;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, RuntimeErr, Statement, sqlx};
use sqlx::Row;

use crate::Dialect;

/// The tables whose ids are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sequence {
    /// `messages.id`.
    Messages,
    /// `events.id`.
    Events,
    /// `deliveries.id`.
    Deliveries,
    /// `conversations.id`.
    Conversations,
    /// `contacts.id`.
    Contacts,
    /// `contact_inboxes.id`.
    ContactInboxes,
    /// `blobs.id`.
    Blobs,
    /// `attachments.id`.
    Attachments,
}

/// Draws `count` ids for each entry of `wanted`, in its order; each list ascends. One driver call,
/// none if nothing is wanted. A sequence may be named twice. On SQLite the connection must be able
/// to write, and is best the write transaction itself.
///
/// # Errors
/// The driver's, also when a sequence is used up at 2^53 - 1.
pub async fn draw(
    connection: &impl ConnectionTrait,
    dialect: Dialect,
    wanted: &[(Sequence, usize)],
) -> Result<Vec<Vec<i64>>, DbErr> {
    Ahead::default().draw(connection, dialect, wanted).await
}

/// Ids that were drawn before it was known how many it takes; what is left over is a gap.
#[derive(Debug, Default)]
pub struct Ahead(Drawn);

impl Ahead {
    /// Adds ids, which ascend and are higher than those that are there.
    pub(crate) fn add(&mut self, sequence: Sequence, ids: Vec<i64>) {
        append(&mut self.0[sequence as usize], ids);
    }

    /// As [`draw`], which is asked only for what is missing here.
    ///
    /// # Errors
    /// As of [`draw`].
    pub async fn draw(
        mut self,
        connection: &impl ConnectionTrait,
        dialect: Dialect,
        wanted: &[(Sequence, usize)],
    ) -> Result<Vec<Vec<i64>>, DbErr> {
        let mut missing = counts(wanted);
        for (count, drawn) in missing.iter_mut().zip(&self.0) {
            let there = i64::try_from(drawn.len()).unwrap_or(i64::MAX);
            *count = count.saturating_sub(there).max(0);
        }
        if missing != [0; SEQUENCES] {
            let more = match dialect {
                Dialect::Sqlite => draw_sqlite(connection, missing).await?,
                Dialect::Postgres => draw_postgres(connection, missing).await?,
            };
            for (drawn, more) in self.0.iter_mut().zip(more) {
                append(drawn, more);
            }
        }
        wanted
            .iter()
            .map(|&(sequence, count)| take(&mut self.0[sequence as usize], count))
            .collect()
    }
}

const SEQUENCES: usize = 8;

/// In the order of [`Sequence`], as are the parameters of both statements.
const NAMES: [&str; SEQUENCES] = [
    "messages",
    "events",
    "deliveries",
    "conversations",
    "contacts",
    "contact_inboxes",
    "blobs",
    "attachments",
];

const POSTGRES: &str = "SELECT \
    ARRAY(SELECT nextval('messages_id_seq') FROM generate_series(1, $1)), \
    ARRAY(SELECT nextval('events_id_seq') FROM generate_series(1, $2)), \
    ARRAY(SELECT nextval('deliveries_id_seq') FROM generate_series(1, $3)), \
    ARRAY(SELECT nextval('conversations_id_seq') FROM generate_series(1, $4)), \
    ARRAY(SELECT nextval('contacts_id_seq') FROM generate_series(1, $5)), \
    ARRAY(SELECT nextval('contact_inboxes_id_seq') FROM generate_series(1, $6)), \
    ARRAY(SELECT nextval('blobs_id_seq') FROM generate_series(1, $7)), \
    ARRAY(SELECT nextval('attachments_id_seq') FROM generate_series(1, $8))";

const SQLITE: &str = "UPDATE sequences SET value = value + CASE name \
    WHEN 'messages' THEN ?1 WHEN 'events' THEN ?2 WHEN 'deliveries' THEN ?3 \
    WHEN 'conversations' THEN ?4 WHEN 'contacts' THEN ?5 WHEN 'contact_inboxes' THEN ?6 \
    WHEN 'blobs' THEN ?7 WHEN 'attachments' THEN ?8 \
    ELSE 0 END RETURNING name, value";

type Drawn = [std::vec::IntoIter<i64>; SEQUENCES];

fn counts(wanted: &[(Sequence, usize)]) -> [i64; SEQUENCES] {
    let mut counts = [0_i64; SEQUENCES];
    for &(sequence, count) in wanted {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let sum = &mut counts[sequence as usize];
        *sum = sum.saturating_add(count);
    }
    counts
}

async fn draw_postgres(
    connection: &impl ConnectionTrait,
    counts: [i64; SEQUENCES],
) -> Result<Drawn, DbErr> {
    let values = counts.map(sea_orm::Value::from);
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, POSTGRES, values);
    let row = connection.query_one_raw(statement).await?;
    let row = row
        .as_ref()
        .and_then(|row| row.try_as_pg_row())
        .ok_or_else(missing)?;
    let mut drawn = Drawn::default();
    for (index, ids) in drawn.iter_mut().enumerate() {
        *ids = row
            .try_get::<Vec<i64>, _>(index)
            .map_err(row_error)?
            .into_iter();
    }
    Ok(drawn)
}

async fn draw_sqlite(
    connection: &impl ConnectionTrait,
    counts: [i64; SEQUENCES],
) -> Result<Drawn, DbErr> {
    let values = counts.map(sea_orm::Value::from);
    let statement = Statement::from_sql_and_values(DbBackend::Sqlite, SQLITE, values);
    let mut drawn = Drawn::default();
    for row in connection.query_all_raw(statement).await? {
        let (name, value): (String, i64) = row.try_get_many_by_index()?;
        let Some(index) = NAMES.iter().position(|known| *known == name) else {
            continue;
        };
        drawn[index] = newest(value, counts[index]).collect::<Vec<_>>().into_iter();
    }
    Ok(drawn)
}

/// The `count` ids that end with `value`.
fn newest(value: i64, count: i64) -> Range<i64> {
    value - count + 1..value + 1
}

fn append(drawn: &mut std::vec::IntoIter<i64>, more: impl IntoIterator<Item = i64>) {
    *drawn = drawn.chain(more).collect::<Vec<_>>().into_iter();
}

fn take(ids: &mut std::vec::IntoIter<i64>, count: usize) -> Result<Vec<i64>, DbErr> {
    let taken: Vec<i64> = ids.by_ref().take(count).collect();
    if taken.len() == count {
        Ok(taken)
    } else {
        Err(missing())
    }
}

fn missing() -> DbErr {
    DbErr::Custom("a sequence gave fewer ids than were asked for".to_owned())
}

fn row_error(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}

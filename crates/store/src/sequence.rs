//! Ids, drawn inside the transaction that uses them.

use sea_orm::{ConnectionTrait, DbErr, Statement, Value};

use crate::Dialect;

/// What an id is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the tables")]
pub enum Sequence {
    Messages,
    Events,
    Deliveries,
    Conversations,
    Contacts,
    ContactInboxes,
}

const ALL: [(Sequence, &str); 6] = [
    (Sequence::Messages, "messages"),
    (Sequence::Events, "events"),
    (Sequence::Deliveries, "deliveries"),
    (Sequence::Conversations, "conversations"),
    (Sequence::Contacts, "contacts"),
    (Sequence::ContactInboxes, "contact_inboxes"),
];

const SQLITE: &str = "UPDATE sequences SET value = value + CASE name \
    WHEN 'messages' THEN ?1 WHEN 'events' THEN ?2 WHEN 'deliveries' THEN ?3 \
    WHEN 'conversations' THEN ?4 WHEN 'contacts' THEN ?5 WHEN 'contact_inboxes' THEN ?6 END \
    RETURNING name, value";

const POSTGRES: &str = "SELECT \
    ARRAY(SELECT nextval('messages_id_seq') FROM generate_series(1, $1)), \
    ARRAY(SELECT nextval('events_id_seq') FROM generate_series(1, $2)), \
    ARRAY(SELECT nextval('deliveries_id_seq') FROM generate_series(1, $3)), \
    ARRAY(SELECT nextval('conversations_id_seq') FROM generate_series(1, $4)), \
    ARRAY(SELECT nextval('contacts_id_seq') FROM generate_series(1, $5)), \
    ARRAY(SELECT nextval('contact_inboxes_id_seq') FROM generate_series(1, $6))";

/// Draws ids in one driver call: as many as asked of each sequence, ascending, in the order asked.
/// Gaps are possible, repeats are not.
///
/// # Errors
/// Database errors.
pub async fn draw<C: ConnectionTrait>(
    conn: &C,
    dialect: Dialect,
    counts: &[(Sequence, usize)],
) -> Result<Vec<Vec<i64>>, DbErr> {
    let asked = |sequence| {
        let sum: usize = counts.iter().filter(|(s, _)| *s == sequence).map(|(_, n)| n).sum();
        i64::try_from(sum).unwrap_or(0)
    };
    let values: Vec<Value> = ALL.iter().map(|(sequence, _)| Value::from(asked(*sequence))).collect();
    let text = match dialect {
        Dialect::Sqlite => SQLITE,
        Dialect::Postgres => POSTGRES,
    };
    let statement = Statement::from_sql_and_values(dialect.backend(), text, values);
    let rows = conn.query_all_raw(statement).await?;
    let mut drawn = Vec::with_capacity(counts.len());
    for (sequence, count) in counts {
        let index = ALL.iter().position(|(s, _)| s == sequence).unwrap_or(0);
        let ids: Vec<i64> = match dialect {
            Dialect::Postgres => match rows.first() {
                Some(row) => row.try_get_by_index(index)?,
                None => Vec::new(),
            },
            Dialect::Sqlite => {
                let mut last = 0;
                for row in &rows {
                    if row.try_get_by_index::<String>(0)? == ALL[index].1 {
                        last = row.try_get_by_index::<i64>(1)?;
                    }
                }
                (last - i64::try_from(*count).unwrap_or(0) + 1..=last).collect()
            }
        };
        drawn.push(ids);
    }
    Ok(drawn)
}

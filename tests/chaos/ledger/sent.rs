//! Per receiver: created = delivered + dead, delivered ⊆ received, in order but what is marked.

use std::collections::HashMap;

use anyhow::{Context, Result};
use sea_orm::DatabaseConnection;

use super::{number, rows};
use crate::receiver::Seen;
use crate::verdict::promise;

/// How many deliveries of `message_created` ended how.
#[derive(Default)]
pub(super) struct Sent {
    pub(super) delivered: usize,
    pub(super) dead: usize,
}

pub(super) async fn check<'a>(
    db: &DatabaseConnection,
    seen: &Seen,
    by_inbox: impl Iterator<Item = (i64, &'a &'static str)>,
    hold_attempts: u32,
) -> Result<Sent> {
    let by_inbox: HashMap<i64, &str> = by_inbox.map(|(id, path)| (id, *path)).collect();
    let arrived = seen.all();
    let mut sent = Sent::default();
    for row in rows(db, "SELECT id, inbox_id, url FROM receivers ORDER BY id").await? {
        let receiver: i64 = row.try_get_by_index(0)?;
        let inbox: Option<i64> = row.try_get_by_index(1)?;
        let url: Option<String> = row.try_get_by_index(2)?;
        let url = url.and_then(|url| url::Url::parse(&url).ok());
        let path = inbox
            .and_then(|id| Some((*by_inbox.get(&id)?).to_owned()))
            .or_else(|| Some(url?.path().to_owned()))
            .context("a receiver has a path")?;
        let ended = ended(db, receiver).await?;
        let delivered = ended.iter().filter(|(_, state)| *state == DELIVERED);
        for (message, _) in delivered.clone() {
            promise(arrived.contains(&(path.clone(), *message)), || {
                format!("{path}: message {message} is delivered and was never received")
            })?;
        }
        let created = created(db, inbox).await?;
        promise(created == ended.len(), || {
            format!("{path}: {created} were created, {} ended", ended.len())
        })?;
        let delivered = delivered.count();
        sent.delivered += delivered;
        sent.dead += ended.len() - delivered;
    }
    check_late(db, hold_attempts).await?;
    Ok(sent)
}

const DELIVERED: i16 = 2;

/// Messages of the deliveries that ended, with how.
async fn ended(db: &DatabaseConnection, receiver: i64) -> Result<Vec<(i64, i16)>> {
    let sql = format!(
        "SELECT e.message_id, d.state FROM deliveries d JOIN events e ON e.id = d.event_id \
         WHERE e.name = 'message_created' AND d.state IN (2, 3) AND d.receiver_id = {receiver}"
    );
    let rows = rows(db, &sql).await?;
    rows.iter()
        .map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?)))
        .collect()
}

/// Messages that a receiver is to be told of.
async fn created(db: &DatabaseConnection, inbox: Option<i64>) -> Result<usize> {
    let of_inbox = inbox.map_or(String::new(), |id| format!(" AND inbox_id = {id}"));
    let sql = format!("SELECT count(*) FROM messages WHERE message_type <> 2{of_inbox}");
    number(db, &sql).await
}

/// Whatever left its lane had held it for as long as it may.
async fn check_late(db: &DatabaseConnection, hold_attempts: u32) -> Result<()> {
    let sql = format!(
        "SELECT id, attempts FROM deliveries WHERE late AND replays = 0 AND attempts < {hold_attempts}"
    );
    let rows = rows(db, &sql).await?;
    let Some(row) = rows.first() else {
        return Ok(());
    };
    let (id, attempts): (i64, i32) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    promise(false, || {
        format!("delivery {id} left its lane after {attempts} attempts, not {hold_attempts}")
    })
}

/// In order, except what is marked; how many are.
pub(super) fn check_order(seen: &Seen) -> Result<usize> {
    let mut late = 0;
    for ((path, conversation), ids) in seen.accepted() {
        late += ids.iter().filter(|(_, marked)| *marked).count();
        let strict: Vec<i64> = ids
            .iter()
            .filter(|(_, marked)| !marked)
            .map(|(id, _)| *id)
            .collect();
        for pair in strict.windows(2) {
            promise(pair[0] < pair[1], || {
                format!(
                    "{path}, conversation {conversation}: {} after {}",
                    pair[1], pair[0]
                )
            })?;
        }
    }
    Ok(late)
}

//! acknowledged ⊆ stored ⊆ acknowledged ∪ in flight, each once.

use std::collections::HashMap;

use anyhow::Result;
use sea_orm::DatabaseConnection;

use super::{number, rows};
use crate::load::Told;
use crate::verdict::{Violation, promise};

/// How many messages are stored, and how many of them nobody saw answered.
pub(super) async fn check(db: &DatabaseConnection, told: &Told) -> Result<(usize, usize)> {
    let stored = stored(db).await?;
    let (acknowledged, posted) = (told.acknowledged(), told.posted());
    for (mark, id) in &acknowledged {
        let ids = stored.get(mark).map_or(&[][..], Vec::as_slice);
        promise(ids == [*id], || match ids {
            [] => format!("{mark} was acknowledged as {id} and is lost"),
            [other] => format!("{mark} was acknowledged as {id}, stored as {other}"),
            more => format!("{mark} is stored {} times", more.len()),
        })?;
    }
    let mut unseen = 0;
    for wish in &posted {
        let ids = stored.get(&wish.mark).map_or(0, Vec::len);
        let known = acknowledged.contains_key(&wish.mark);
        promise(known || !wish.repeated, || {
            format!("{} was repeated and never answered", wish.mark)
        })?;
        promise(ids <= 1, || format!("{} is stored {ids} times", wish.mark))?;
        unseen += usize::from(!known && ids == 1);
    }
    let marks: std::collections::HashSet<&String> = posted.iter().map(|wish| &wish.mark).collect();
    match stored.keys().find(|mark| !marks.contains(mark)) {
        Some(mark) => Err(Violation(format!("{mark} is stored and nobody posted it")).into()),
        None => Ok((stored.len(), unseen)),
    }
}

/// Ids by what marks a message; activity messages are the gateway's own.
async fn stored(db: &DatabaseConnection) -> Result<HashMap<String, Vec<i64>>> {
    let sql = "SELECT content, id FROM messages WHERE message_type <> 2";
    let mut stored: HashMap<String, Vec<i64>> = HashMap::new();
    for row in rows(db, sql).await? {
        let mark: String = row.try_get_by_index(0)?;
        stored
            .entry(mark)
            .or_default()
            .push(row.try_get_by_index(1)?);
    }
    Ok(stored)
}

/// `seq` has no gaps, and ids rise with it.
pub(super) async fn check_sequences(db: &DatabaseConnection) -> Result<()> {
    let sql = "SELECT conversation_id, seq, id FROM messages ORDER BY conversation_id, seq";
    let mut last: HashMap<i64, (i64, i64)> = HashMap::new();
    for row in rows(db, sql).await? {
        let conversation: i64 = row.try_get_by_index(0)?;
        let (seq, id): (i64, i64) = (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
        let (before, id_before) = last.insert(conversation, (seq, id)).unwrap_or_default();
        promise(seq == before + 1, || {
            format!("conversation {conversation}: seq {seq} follows {before}")
        })?;
        promise(id > id_before, || {
            format!("conversation {conversation}: id {id} follows {id_before}")
        })?;
    }
    let contacts = number(db, "SELECT count(*) FROM contacts").await?;
    let conversations = number(db, "SELECT count(*) FROM conversations").await?;
    promise(contacts == conversations, || {
        format!("{contacts} contacts have {conversations} conversations")
    })
}

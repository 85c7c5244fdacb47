//! What the database and the receiver say in the end.

use std::collections::{HashMap, HashSet};

use anyhow::{Result, bail, ensure};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement};

use crate::load::Load;
use crate::receiver::Receiver;

/// Deliveries that are neither delivered nor dead.
pub(crate) async fn open(database: &str) -> Result<i64> {
    let db = Database::connect(database).await?;
    let count = number(&db, "SELECT count(*) FROM deliveries WHERE state IN (0, 1)").await?;
    db.close().await?;
    Ok(count)
}

/// Compares what was acknowledged, stored and received.
pub(crate) async fn check(database: &str, load: &Load, receiver: &Receiver) -> Result<String> {
    let db = Database::connect(database).await?;
    let (acknowledged, posted) = (load.acknowledged(), load.posted());
    let stored = stored(&db).await?;

    for (source, id) in &acknowledged {
        match stored.get(source).map(Vec::as_slice) {
            Some([one]) => ensure!(one == id, "{source} was acknowledged as {id}, stored as {one}"),
            Some(more) => bail!("{source} is stored {} times", more.len()),
            None => bail!("{source} was acknowledged as {id} and is lost"),
        }
    }
    let posted: HashSet<&String> = posted.iter().collect();
    for source in stored.keys() {
        ensure!(posted.contains(source), "{source} is stored and nobody posted it");
    }
    ensure!(stored.len() == posted.len(), "every post was repeated until it was answered");
    check_sequences(&db).await?;
    let delivered = check_deliveries(&db).await?;
    let late = check_order(receiver)?;
    Ok(format!(
        "0 lost, 0 twice, 0 out of order: {} acknowledged, {} stored, {delivered} delivered, \
         {late} late, {} requests at the receiver",
        acknowledged.len(),
        stored.len(),
        receiver.posts(),
    ))
}

async fn stored(db: &DatabaseConnection) -> Result<HashMap<String, Vec<i64>>> {
    let sql = "SELECT source_id, id FROM messages WHERE source_id IS NOT NULL";
    let mut stored: HashMap<String, Vec<i64>> = HashMap::new();
    for row in db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await? {
        let source: String = row.try_get_by_index(0)?;
        stored.entry(source).or_default().push(row.try_get_by_index(1)?);
    }
    Ok(stored)
}

/// `seq` has no gaps, and ids rise with it.
async fn check_sequences(db: &DatabaseConnection) -> Result<()> {
    let sql = "SELECT conversation_id, seq, id FROM messages ORDER BY conversation_id, seq";
    let mut last: HashMap<i64, (i64, i64)> = HashMap::new();
    for row in db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await? {
        let conversation: i64 = row.try_get_by_index(0)?;
        let (seq, id): (i64, i64) = (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
        let (before, id_before) = last.insert(conversation, (seq, id)).unwrap_or_default();
        ensure!(seq == before + 1, "conversation {conversation}: seq {seq} follows {before}");
        ensure!(id > id_before, "conversation {conversation}: id {id} follows {id_before}");
    }
    let contacts = number(db, "SELECT count(*) FROM contacts").await?;
    let conversations = number(db, "SELECT count(*) FROM conversations").await?;
    ensure!(contacts == conversations, "{contacts} contacts have {conversations} conversations");
    Ok(())
}

/// Every receiver was told of every message, or it is a dead letter.
async fn check_deliveries(db: &DatabaseConnection) -> Result<i64> {
    let created = "SELECT count(*) FROM messages m, receivers r WHERE m.message_type <> 2";
    let told = "SELECT count(*) FROM deliveries d JOIN events e ON e.id = d.event_id \
                WHERE e.name = 'message_created' AND d.state IN (2, 3)";
    let (created, told) = (number(db, created).await?, number(db, told).await?);
    ensure!(created == told, "{created} deliveries should have ended, {told} have");
    number(db, "SELECT count(*) FROM deliveries WHERE state = 2").await
}

/// In order, except what is marked.
fn check_order(receiver: &Receiver) -> Result<usize> {
    let mut marked = 0;
    for ((path, conversation), ids) in receiver.accepted() {
        marked += ids.iter().filter(|(_, marked)| *marked).count();
        let strict: Vec<i64> =
            ids.iter().filter(|(_, marked)| !marked).map(|(id, _)| *id).collect();
        ensure!(
            strict.windows(2).all(|pair| pair[0] < pair[1]),
            "{path}, conversation {conversation}: {strict:?}"
        );
    }
    Ok(marked)
}

async fn number(db: &DatabaseConnection, sql: &str) -> Result<i64> {
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    match row {
        Some(row) => Ok(row.try_get_by_index(0)?),
        None => Ok(0),
    }
}

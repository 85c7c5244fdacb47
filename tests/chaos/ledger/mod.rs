//! What the database and the receivers say in the end, beside what was acknowledged.

mod sent;
mod stored;

use anyhow::Result;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, QueryResult, Statement};

use crate::load::Load;
use crate::receiver::Receiver;
use crate::verdict::{Figures, promise};

/// Deliveries that are neither delivered nor dead.
pub(crate) async fn open(database: &str) -> Result<usize> {
    let db = Database::connect(database).await?;
    let count = number(&db, "SELECT count(*) FROM deliveries WHERE state IN (0, 1)").await;
    db.close().await?;
    count
}

/// Open deliveries, and the attempts that all deliveries used up.
pub(crate) async fn progress(database: &str) -> Result<(usize, usize)> {
    let db = Database::connect(database).await?;
    let open = number(&db, "SELECT count(*) FROM deliveries WHERE state IN (0, 1)").await;
    let attempts = number(&db, "SELECT CAST(sum(attempts) AS bigint) FROM deliveries").await;
    db.close().await?;
    Ok((open?, attempts?))
}

/// Compares what was acknowledged, stored and received. `paths` are the inboxes' receivers.
pub(crate) async fn check(
    database: &str,
    load: &Load,
    receiver: &Receiver,
    paths: &[&'static str],
    hold_attempts: u32,
) -> Result<Figures> {
    let db = Database::connect(database).await?;
    let wrongs = load.told.wrongs();
    promise(wrongs.is_empty(), || wrongs.join("\n"))?;
    let wrongs = receiver.seen().wrongs();
    promise(wrongs.is_empty(), || wrongs.join("\n"))?;
    let (stored, unseen) = stored::check(&db, &load.told).await?;
    stored::check_sequences(&db).await?;
    let by_inbox = load.inboxes.iter().map(|inbox| inbox.id).zip(paths);
    let sent = sent::check(&db, receiver.seen(), by_inbox, hold_attempts).await?;
    let late = sent::check_order(receiver.seen())?;
    db.close().await?;
    Ok(Figures {
        acknowledged: load.told.count(),
        stored,
        unseen,
        delivered: sent.delivered,
        dead: sent.dead,
        late,
        requests: receiver.posts(),
        refused: load.told.answers(503),
        ..Figures::default()
    })
}

async fn rows(db: &DatabaseConnection, sql: &str) -> Result<Vec<QueryResult>> {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    Ok(db.query_all_raw(statement).await?)
}

async fn number(db: &DatabaseConnection, sql: &str) -> Result<usize> {
    let count: i64 = match rows(db, sql).await?.first() {
        Some(row) => row.try_get_by_index(0)?,
        None => 0,
    };
    Ok(usize::try_from(count)?)
}

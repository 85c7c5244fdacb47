//! The index of messages' texts, brought up to date beside the message path: there, one after the other,
//! texts would cost many times as much to index, and whoever fills the list up would wait.

use sea_orm::{ConnectionTrait, DbErr, Statement};

use crate::{Database, Dialect};

/// The newest message that is indexed on SQLite; all before it are as well.
pub const INDEXED: &str =
    "coalesce((SELECT rowid FROM message_search ORDER BY rowid DESC LIMIT 1), 0)";

/// Indexes up to `most` messages that are not indexed yet, and answers how many there were. On
/// PostgreSQL, which lists them by itself, it folds the whole list into the index and answers 0.
///
/// # Errors
/// The driver's; on PostgreSQL also when another user owns the index.
pub async fn catch_up(db: &Database, most: u64) -> Result<u64, DbErr> {
    match db.dialect() {
        Dialect::Sqlite => index_some(db, most).await,
        Dialect::Postgres => {
            const FOLD: &str = "SELECT gin_clean_pending_list(oid) FROM pg_class \
                WHERE relname = 'messages_content_idx' AND pg_table_is_visible(oid)";
            db.write().execute_unprepared(FOLD).await.map(|_| 0)
        }
    }
}

async fn index_some(db: &Database, most: u64) -> Result<u64, DbErr> {
    let conn = db.read();
    let text = format!("SELECT 1 FROM messages WHERE id > {INDEXED} LIMIT 1");
    let is_behind = Statement::from_string(conn.get_database_backend(), text);
    if conn.query_one_raw(is_behind).await?.is_none() {
        return Ok(0);
    }
    let text = format!(
        "INSERT INTO message_search (rowid, content) \
         SELECT id, CASE WHEN message_type IN (0, 1) THEN coalesce(content, '') ELSE '' END \
         FROM messages WHERE id > {INDEXED} ORDER BY id LIMIT {most}"
    );
    Ok(db.write().execute_unprepared(&text).await?.rows_affected())
}

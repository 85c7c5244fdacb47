//! What PostgreSQL knows of time: its clock, and which transactions have ended.

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use super::{all, is_postgres, postgres};

/// PostgreSQL's clock; none on SQLite.
///
/// # Errors
/// Database errors.
pub async fn clock(conn: &impl ConnectionTrait) -> Result<Option<i64>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        now: i64,
    }
    if !is_postgres(conn) {
        return Ok(None);
    }
    let rows: Vec<Row> = all(conn, postgres::CLOCK, vec![]).await?;
    Ok(rows.first().map(|row| row.now))
}

/// On PostgreSQL: the highest event id that was drawn, committed or not.
///
/// # Errors
/// Database errors.
pub async fn last_event(conn: &impl ConnectionTrait) -> Result<i64, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        last: i64,
    }
    let rows: Vec<Row> = all(conn, postgres::LAST_EVENT, vec![]).await?;
    Ok(rows.first().map_or(0, |row| row.last))
}

/// On PostgreSQL: a transaction number above all that were given out before the call. The call uses
/// a number up. A snapshot's upper end is no substitute: it is one above the newest transaction that
/// has *ended*, and one that runs may be at or above it.
///
/// # Errors
/// Database errors.
pub async fn begun(conn: &impl ConnectionTrait) -> Result<u64, DbErr> {
    transaction_number(conn, postgres::BEGUN).await
}

/// On PostgreSQL: the lowest transaction that is running; all below have ended and are visible.
///
/// # Errors
/// Database errors.
pub async fn oldest_running(conn: &impl ConnectionTrait) -> Result<u64, DbErr> {
    transaction_number(conn, postgres::OLDEST_RUNNING).await
}

async fn transaction_number(conn: &impl ConnectionTrait, sql: &'static str) -> Result<u64, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        number: String,
    }
    let rows: Vec<Row> = all(conn, sql, vec![]).await?;
    let text = rows.first().map_or("", |row| row.number.as_str());
    text.parse()
        .map_err(|_| DbErr::Type(format!("no xid8: {text}")))
}

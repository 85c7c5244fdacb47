//! Statements of the delivery engine: who leases what, and how it ended. All texts are constant, and
//! lists travel as one parameter.
//!
//! Ids and times are plain numbers here: microseconds since 1970 UTC, and lengths in microseconds.
//! `now` is the node's clock; on PostgreSQL leases follow the database's clock instead.

use std::sync::LazyLock;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement, Value};
use serde::Serialize;

use super::columns::{Row, by_key, parameters, source};
use crate::Dialect;

mod moments;
mod postgres;
mod row;
mod sqlite;

pub use moments::{begun, clock, last_event, oldest_running};
pub use row::{
    BacklogRow, EventRow, Finish, HealthRow, Held, Lane, Lease, LeasedRow, NewAttempt, ProviderId,
    PruneRow, SweptRow,
};

/// The text for the connection's dialect.
macro_rules! text {
    ($conn:expr, $name:ident) => {
        if is_postgres($conn) {
            postgres::$name
        } else {
            sqlite::$name
        }
    };
}

/// The receivers that have queued deliveries, whatever their state.
///
/// # Errors
/// Database errors, as of all functions here.
pub async fn backlog(conn: &impl ConnectionTrait) -> Result<Vec<BacklogRow>, DbErr> {
    all(conn, text!(conn, BACKLOG), vec![]).await
}

/// Leases up to `limit` due heads of an active receiver, the longest due first.
///
/// # Errors
/// Database errors.
pub async fn claim(
    conn: &impl ConnectionTrait,
    receiver_id: i64,
    limit: i64,
    lease: Lease,
) -> Result<Vec<LeasedRow>, DbErr> {
    let Lease { now, token, length } = lease;
    let values = vec![
        receiver_id.into(),
        now.into(),
        limit.into(),
        token.into(),
        length.into(),
    ];
    let mut rows: Vec<LeasedRow> = all(conn, text!(conn, CLAIM), values).await?;
    rows.sort_by_key(|row| (row.due_at, row.id));
    Ok(rows)
}

/// Leases the due heads of these lanes, where the receiver is active.
///
/// # Errors
/// Database errors.
pub async fn claim_lanes(
    conn: &impl ConnectionTrait,
    lanes: &[Lane],
    lease: Lease,
) -> Result<Vec<LeasedRow>, DbErr> {
    let Lease { now, token, length } = lease;
    let values = vec![json(lanes)?, now.into(), token.into(), length.into()];
    all(conn, text!(conn, CLAIM_LANES), values).await
}

/// Leases the head of a receiver that was tried least recently, due or not; the oldest of equals.
///
/// # Errors
/// Database errors.
pub async fn claim_probe(
    conn: &impl ConnectionTrait,
    receiver_id: i64,
    lease: Lease,
) -> Result<Option<LeasedRow>, DbErr> {
    let mut values = vec![receiver_id.into(), lease.token.into(), lease.length.into()];
    if !is_postgres(conn) {
        values.push(lease.now.into());
    }
    Ok(all(conn, text!(conn, CLAIM_PROBE), values).await?.pop())
}

/// Takes the right to probe a receiver; false when it is not its time or another node has it.
///
/// # Errors
/// Database errors.
pub async fn take_probe(
    conn: &impl ConnectionTrait,
    receiver_id: i64,
    now: i64,
    length: i64,
) -> Result<bool, DbErr> {
    let values = vec![receiver_id.into(), now.into(), length.into()];
    Ok(!ids(conn, text!(conn, TAKE_PROBE), values).await?.is_empty())
}

/// Locks those of the deliveries whose lease still holds.
///
/// # Errors
/// Database errors.
pub async fn held(conn: &impl ConnectionTrait, held: &[Held]) -> Result<Vec<i64>, DbErr> {
    ids(conn, text!(conn, HELD), vec![json(held)?]).await
}

/// Ends leases; answers the ids of those that still held.
///
/// # Errors
/// Database errors.
pub async fn finish(conn: &impl ConnectionTrait, rows: &[Finish]) -> Result<Vec<i64>, DbErr> {
    static SQLITE: LazyLock<String> = LazyLock::new(|| finish_text(Dialect::Sqlite));
    static POSTGRES: LazyLock<String> = LazyLock::new(|| finish_text(Dialect::Postgres));
    let (dialect, text) = if is_postgres(conn) {
        (Dialect::Postgres, POSTGRES.as_str())
    } else {
        (Dialect::Sqlite, SQLITE.as_str())
    };
    ids(conn, text, parameters(dialect, Finish::COLUMNS, rows)?).await
}

fn finish_text(dialect: Dialect) -> String {
    let rows = source(dialect, Finish::COLUMNS, 1);
    // PostgreSQL would look through all that is leased, if it could find them by their state.
    let is_leased = match dialect {
        Dialect::Sqlite => "deliveries.state = 1".to_owned(),
        Dialect::Postgres => format!(
            "deliveries.state IS NOT DISTINCT FROM 1 AND {}",
            by_key("deliveries.id", 1)
        ),
    };
    format!(
        "UPDATE deliveries SET state = r.state, due_at = r.due_at, attempts = r.attempts, \
         late = r.late, lease_token = NULL, lease_until = NULL, started = FALSE, \
         last_status = r.status, last_error = r.error, last_attempt_at = r.attempt_at, \
         last_duration_ms = r.duration_ms, finished_at = r.finished_at \
         FROM {rows} \
         WHERE deliveries.id = r.id AND deliveries.lease_token = r.token \
         AND {is_leased} \
         RETURNING deliveries.id AS id"
    )
}

/// Writes failed attempts.
///
/// # Errors
/// Database errors.
pub async fn add_attempts(conn: &impl ConnectionTrait, rows: &[NewAttempt]) -> Result<(), DbErr> {
    run(conn, text!(conn, ADD_ATTEMPTS), vec![json(rows)?])
        .await
        .map(|_| ())
}

/// Notes the ids that providers gave to our messages.
///
/// # Errors
/// Database errors.
pub async fn add_provider_ids(
    conn: &impl ConnectionTrait,
    rows: &[ProviderId],
) -> Result<(), DbErr> {
    run(conn, text!(conn, ADD_PROVIDER_IDS), vec![json(rows)?])
        .await
        .map(|_| ())
}

/// Locks and reads those of `receivers` that are `failing` now, failed before or are not active.
///
/// # Errors
/// Database errors.
pub async fn health(
    conn: &impl ConnectionTrait,
    receivers: &[i64],
    failing: &[i64],
) -> Result<Vec<HealthRow>, DbErr> {
    all(
        conn,
        text!(conn, HEALTH),
        vec![list(receivers), list(failing)],
    )
    .await
}

/// Writes how a receiver does, and if it was `probed`, ends the right to probe it.
///
/// # Errors
/// Database errors.
pub async fn set_health(
    conn: &impl ConnectionTrait,
    row: &HealthRow,
    now: i64,
    probed: bool,
) -> Result<(), DbErr> {
    const TEXT: &str = "
UPDATE receivers SET state = $2, state_reason = $3, failures = $4, first_failure_at = $5,
    probe_due_at = $6, probe_interval_ms = $7, updated_at = $8,
    probe_lease_until = CASE WHEN $9 THEN NULL ELSE probe_lease_until END
WHERE id = $1";
    let values = vec![
        row.id.into(),
        row.state.into(),
        row.state_reason.clone().into(),
        row.failures.into(),
        row.first_failure_at.into(),
        row.probe_due_at.into(),
        row.probe_interval_ms.into(),
        now.into(),
        probed.into(),
    ];
    run(conn, TEXT, values).await.map(|_| ())
}

/// Makes everything queued for a receiver due now.
///
/// # Errors
/// Database errors.
pub async fn hasten(conn: &impl ConnectionTrait, receiver_id: i64, now: i64) -> Result<(), DbErr> {
    const TEXT: &str =
        "UPDATE deliveries SET due_at = $2 WHERE receiver_id = $1 AND state = 0 AND due_at > $2";
    run(conn, TEXT, vec![receiver_id.into(), now.into()])
        .await
        .map(|_| ())
}

/// Turns up to `limit` queued deliveries of a receiver into dead letters.
///
/// # Errors
/// Database errors.
pub async fn bury(
    conn: &impl ConnectionTrait,
    receiver_id: i64,
    now: i64,
    reason: &str,
    limit: i64,
) -> Result<Vec<SweptRow>, DbErr> {
    let values = vec![receiver_id.into(), now.into(), reason.into(), limit.into()];
    all(conn, text!(conn, BURY), values).await
}

/// Queues again what was leased and not started.
///
/// # Errors
/// Database errors.
pub async fn give_back(conn: &impl ConnectionTrait, held: &[Held]) -> Result<Vec<i64>, DbErr> {
    ids(conn, text!(conn, GIVE_BACK), vec![json(held)?]).await
}

/// Notes that an attempt starts, if its lease lasts for more than `left`; false when it does not.
///
/// # Errors
/// Database errors.
pub async fn start(
    conn: &impl ConnectionTrait,
    held: Held,
    left: i64,
    now: i64,
) -> Result<bool, DbErr> {
    let mut values = vec![held.id.into(), held.token.into(), left.into()];
    if !is_postgres(conn) {
        values.push(now.into());
    }
    Ok(!ids(conn, text!(conn, START), values).await?.is_empty())
}

/// Ends up to `limit` leases that ran out: queued again, or dead for `reason` when an attempt that
/// must not be repeated had started.
///
/// # Errors
/// Database errors.
pub async fn expire(
    conn: &impl ConnectionTrait,
    now: i64,
    reason: &str,
    limit: i64,
) -> Result<Vec<SweptRow>, DbErr> {
    all(
        conn,
        text!(conn, EXPIRE),
        vec![now.into(), reason.into(), limit.into()],
    )
    .await
}

/// On SQLite, where no other process runs: makes every lease run out, and nothing due later than
/// after the `longest` pause, because the clock may have been set back since. Nothing on PostgreSQL.
///
/// # Errors
/// Database errors.
pub async fn drop_leases(conn: &impl ConnectionTrait, now: i64, longest: i64) -> Result<(), DbErr> {
    if is_postgres(conn) {
        return Ok(());
    }
    run(conn, sqlite::DROP_LEASES, vec![]).await?;
    let latest = || vec![now.into(), longest.into()];
    run(conn, sqlite::DUE_AT_LATEST, latest()).await?;
    run(conn, sqlite::DROP_PROBES, latest()).await.map(|_| ())
}

/// The next `limit` events after an id; dead letters that died before `dead_before` need theirs no
/// more.
///
/// # Errors
/// Database errors.
pub async fn prune_window(
    conn: &impl ConnectionTrait,
    dead_before: i64,
    after: i64,
    limit: i64,
) -> Result<Vec<PruneRow>, DbErr> {
    let values = vec![dead_before.into(), after.into(), limit.into()];
    all(conn, text!(conn, PRUNE_WINDOW), values).await
}

/// Removes events with their ended deliveries, and answers how many events went. To be run in a
/// transaction.
///
/// # Errors
/// Database errors.
pub async fn prune(
    conn: &impl ConnectionTrait,
    events: &[i64],
    dead_before: i64,
) -> Result<u64, DbErr> {
    let values = vec![list(events), dead_before.into()];
    run(conn, text!(conn, PRUNE_DELIVERIES), values).await?;
    run(conn, text!(conn, PRUNE_EVENTS), vec![list(events)]).await
}

/// Events by id, in no order.
///
/// # Errors
/// Database errors.
pub async fn events(conn: &impl ConnectionTrait, ids: &[i64]) -> Result<Vec<EventRow>, DbErr> {
    all(conn, text!(conn, EVENTS), vec![list(ids)]).await
}

/// Tells the other nodes that something is queued for these receivers. Nothing on SQLite.
///
/// # Errors
/// Database errors.
pub async fn notify(conn: &impl ConnectionTrait, receivers: &[i64]) -> Result<(), DbErr> {
    if is_postgres(conn) {
        run(conn, postgres::NOTIFY, vec![list(receivers)]).await?;
    }
    Ok(())
}

/// Whether the connection speaks PostgreSQL.
pub fn is_postgres(conn: &impl ConnectionTrait) -> bool {
    conn.get_database_backend() == DbBackend::Postgres
}

async fn all<R: FromQueryResult>(
    conn: &impl ConnectionTrait,
    text: &'static str,
    values: Vec<Value>,
) -> Result<Vec<R>, DbErr> {
    let statement = Statement::from_sql_and_values(conn.get_database_backend(), text, values);
    let rows = conn.query_all_raw(statement).await?;
    rows.iter()
        .map(|row| R::from_query_result(row, ""))
        .collect()
}

async fn ids(
    conn: &impl ConnectionTrait,
    text: &'static str,
    values: Vec<Value>,
) -> Result<Vec<i64>, DbErr> {
    let statement = Statement::from_sql_and_values(conn.get_database_backend(), text, values);
    let rows = conn.query_all_raw(statement).await?;
    rows.iter().map(|row| row.try_get("", "id")).collect()
}

async fn run(
    conn: &impl ConnectionTrait,
    text: &'static str,
    values: Vec<Value>,
) -> Result<u64, DbErr> {
    let statement = Statement::from_sql_and_values(conn.get_database_backend(), text, values);
    Ok(conn.execute_raw(statement).await?.rows_affected())
}

fn json<T: Serialize + ?Sized>(rows: &T) -> Result<Value, DbErr> {
    let text = serde_json::to_string(rows).map_err(|error| DbErr::Json(error.to_string()))?;
    Ok(text.into())
}

fn list(ids: &[i64]) -> Value {
    let texts: Vec<String> = ids.iter().map(ToString::to_string).collect();
    texts.join(",").into()
}

//! Running migrations, one node at a time.

use std::time::Duration;

use sea_orm::sqlx::postgres::PgConnection;
use sea_orm::sqlx::{self, ConnectOptions, Connection};
use sea_orm::{ConnectionTrait, DbErr, RuntimeErr, Statement};
use sea_orm_migration::MigratorTrait;

use crate::migration::Migrator;
use crate::{Database, Dialect};

/// Runs the migrations that are missing and returns their names, in order. Nodes that start
/// together wait for each other: the first migrates, the others find nothing to do.
///
/// # Errors
/// The driver's; also if the database knows a migration that this program does not, which means
/// that it was migrated by a newer one.
pub async fn migrate(database: &Database) -> Result<Vec<String>, DbErr> {
    if pending(database).await?.is_empty() {
        return Ok(Vec::new());
    }
    match database.dialect() {
        Dialect::Sqlite => migrate_sqlite(database).await,
        Dialect::Postgres => migrate_postgres(database).await,
    }
}

/// The names of the migrations that [`migrate()`] would run. Changes nothing.
///
/// # Errors
/// As of [`migrate()`].
pub async fn pending(database: &Database) -> Result<Vec<String>, DbErr> {
    pending_on(database.read()).await
}

/// The names of the migrations that this program needs and the database has not seen. Other than
/// [`pending()`] it takes a database that a newer program has migrated: the schema is expanded before
/// it is contracted, so the older one still works on it.
///
/// # Errors
/// The driver's.
pub async fn missing(database: &Database) -> Result<Vec<String>, DbErr> {
    let applied = applied(database).await?;
    let mut missing = all_migrations();
    missing.retain(|name| !applied.contains(name));
    Ok(missing)
}

/// The names of the migrations that the database has seen.
pub(crate) async fn applied(database: &Database) -> Result<Vec<String>, DbErr> {
    let connection = database.read();
    let text = "SELECT version FROM seaql_migrations ORDER BY version";
    let statement = Statement::from_string(connection.get_database_backend(), text);
    let rows = connection.query_all_raw(statement).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

/// The names of all migrations, which is what an absent database needs.
pub fn all_migrations() -> Vec<String> {
    let all = Migrator::migrations();
    all.iter().map(|one| one.name().to_owned()).collect()
}

async fn pending_on(connection: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    let pending = Migrator::get_pending_migrations_read_only(connection).await?;
    Ok(pending
        .iter()
        .map(|migration| migration.name().to_owned())
        .collect())
}

/// The write transaction is the lock.
async fn migrate_sqlite(database: &Database) -> Result<Vec<String>, DbErr> {
    let transaction = database.begin_write().await?;
    let names = pending_on(&transaction).await?;
    Migrator::up(&transaction, None).await?;
    transaction.commit().await?;
    Ok(names)
}

async fn migrate_postgres(database: &Database) -> Result<Vec<String>, DbErr> {
    let lock = lock(database).await.map_err(connection_error)?;
    let result = migrate_locked(database).await;
    // Ending the session gives up the lock, whether or not it ends politely.
    if let Err(error) = lock.close().await {
        tracing::debug!(%error, "the migration lock's connection did not close cleanly");
    }
    result
}

async fn migrate_locked(database: &Database) -> Result<Vec<String>, DbErr> {
    let names = pending_on(database.write()).await?;
    Migrator::up(database.write(), None).await?;
    Ok(names)
}

/// Advisory locks are numbered within a database; this is ours.
const LOCK: i64 = 0x6761_7465_7772;
const LOCK_RETRY: Duration = Duration::from_millis(100);

/// A connection of its own that holds the lock: a migration may need more than one transaction
/// (`CREATE INDEX CONCURRENTLY`), so a transaction's lock would not do. It asks again and again
/// rather than waits in the database, because a waiting statement holds a snapshot that
/// `CREATE INDEX CONCURRENTLY` would in turn wait for.
async fn lock(database: &Database) -> Result<PgConnection, sqlx::Error> {
    let options = database
        .write()
        .get_postgres_connection_pool()
        .connect_options();
    let mut connection = options.connect().await?;
    while !try_lock(&mut connection).await? {
        tokio::time::sleep(LOCK_RETRY).await;
    }
    Ok(connection)
}

async fn try_lock(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("SELECT pg_try_advisory_lock($1)")
        .bind(LOCK)
        .fetch_one(connection)
        .await
}

fn connection_error(error: sqlx::Error) -> DbErr {
    DbErr::Conn(RuntimeErr::SqlxError(error.into()))
}

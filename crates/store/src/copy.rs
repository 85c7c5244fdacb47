//! Copies of a SQLite database, and what a copy is worth. PostgreSQL has tools of its own for both.

use std::path::Path;

use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sea_orm::sqlx::{self, ConnectOptions, Connection, Row};
use sea_orm::{
    ColumnTrait, DatabaseConnection, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    RuntimeErr,
};

use crate::entity::blobs;
use crate::{Database, DatabaseConfig, Dialect, OpenError, all_migrations};

/// A stored file, as its row describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredBlob {
    /// Its row; ids rise.
    pub id: i64,
    /// Its name in the folder of files.
    pub key: String,
    /// SHA-256 in lower-case hex.
    pub checksum: String,
}

/// Writes the database as it is now into a new file, while others go on writing: everything that was
/// committed before is in it.
///
/// # Errors
/// [`OpenError`] when the database cannot be read, or the file not be written.
pub async fn snapshot(config: &DatabaseConfig, to: &Path) -> Result<(), OpenError> {
    let options = config.sqlite_file()?.create_if_missing(false);
    let mut connection = options.connect().await.map_err(OpenError::Connect)?;
    let copied = sqlx::query("VACUUM INTO ?1")
        .bind(to.to_string_lossy().into_owned())
        .execute(&mut connection)
        .await;
    let closed = connection.close().await;
    copied.map_err(OpenError::Copy)?;
    closed.map_err(OpenError::Copy)
}

/// Opens a copy to look at it; nothing is written, not even beside it.
///
/// # Errors
/// [`OpenError::Connect`].
pub async fn open_copy(file: &Path) -> Result<Database, OpenError> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .read_only(true)
        .immutable(true)
        .disable_statement_logging();
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .connect_with(options)
        .await
        .map_err(OpenError::Connect)?;
    Ok(Database::over(
        DatabaseConnection::from(pool),
        Dialect::Sqlite,
    ))
}

/// What is wrong with a SQLite database: damaged pages, indexes that lack rows, rows that point at
/// none. Empty when it is sound. Reads all of it.
///
/// # Errors
/// The driver's, as for a file that is no database.
pub async fn damage(database: &Database) -> Result<Vec<String>, DbErr> {
    let pool = database.read().get_sqlite_connection_pool();
    let found = async {
        let rows = sqlx::query("PRAGMA integrity_check(20)")
            .fetch_all(pool)
            .await?;
        let mut damage = Vec::new();
        for row in rows {
            let text: String = row.try_get(0)?;
            if text != "ok" {
                damage.push(text);
            }
        }
        for row in sqlx::query("PRAGMA foreign_key_check")
            .fetch_all(pool)
            .await?
        {
            let (table, parent): (String, String) = (row.try_get(0)?, row.try_get(2)?);
            damage.push(format!("a row of {table} points at none of {parent}"));
        }
        Ok(damage)
    };
    found
        .await
        .map_err(|error: sqlx::Error| DbErr::Query(RuntimeErr::SqlxError(error.into())))
}

/// Migrations of the database that this program does not know: it was migrated by a newer one.
///
/// # Errors
/// The driver's.
pub async fn unknown_migrations(database: &Database) -> Result<Vec<String>, DbErr> {
    let known = all_migrations();
    let mut applied = crate::migrate::applied(database).await?;
    applied.retain(|name| !known.contains(name));
    Ok(applied)
}

/// The next stored files after an id.
///
/// # Errors
/// The driver's.
pub async fn blobs_after(
    database: &Database,
    after: i64,
    limit: u64,
) -> Result<Vec<StoredBlob>, DbErr> {
    let rows: Vec<(i64, String, String)> = blobs::Entity::find()
        .select_only()
        .columns([
            blobs::Column::Id,
            blobs::Column::Key,
            blobs::Column::Checksum,
        ])
        .filter(blobs::Column::Id.gt(after))
        .order_by_asc(blobs::Column::Id)
        .limit(limit)
        .into_tuple()
        .all(database.read())
        .await?;
    let blob = |(id, key, checksum)| StoredBlob { id, key, checksum };
    Ok(rows.into_iter().map(blob).collect())
}

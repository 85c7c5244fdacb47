//! SQLite: one connection that writes, a few that only read.

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sea_orm::DatabaseConnection;
use sea_orm::sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sea_orm::sqlx::{ConnectOptions, Connection};

use super::{Database, DatabaseConfig, Dialect};
use crate::OpenError;
use crate::error::is_busy;

/// How long a statement waits for another process's lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// The pause between tries to open a busy file.
const BUSY_RETRY: Duration = Duration::from_millis(50);
/// Pages of 4 KiB in the log before a commit moves them into the file: with fewer, a checkpoint
/// would fall into every few batches.
const WAL_AUTOCHECKPOINT_PAGES: &str = "4000";
/// The log file is cut to this size (64 MiB) after a checkpoint.
const JOURNAL_SIZE_LIMIT_BYTES: &str = "67108864";
/// Rows that a connection's thread may be ahead of who reads them: with fewer, both would wake each
/// other many times within one answer.
const ROWS_AHEAD: usize = 1024;
/// Page cache of each connection; a negative number means KiB.
const WRITE_CACHE_SIZE: &str = "-16384";
const READ_CACHE_SIZE: &str = "-8192";

pub(super) async fn open(config: &DatabaseConfig) -> Result<Database, OpenError> {
    let file = file(&config.url)?;
    create_folder(file.get_filename())?;
    // The writer comes first: it makes the file and turns it to WAL, which readers cannot.
    let write = patiently(pool(config, 1), write_options(&file)).await?;
    let readers = config.read_connections.max(1);
    let read = patiently(pool(config, readers), read_options(&file)).await?;
    Ok(Database {
        write: DatabaseConnection::from(write),
        read: DatabaseConnection::from(read),
        dialect: Dialect::Sqlite,
    })
}

pub(super) fn is_absent(url: &str) -> Result<bool, OpenError> {
    Ok(!file(url)?.get_filename().exists())
}

/// What the URL says, which is the file's name and nothing else.
pub(super) fn file(url: &str) -> Result<SqliteConnectOptions, OpenError> {
    let (location, parameters) = url.split_once('?').unwrap_or((url, ""));
    let path = location
        .trim_start_matches("sqlite:")
        .trim_start_matches("//");
    if path.is_empty() || path.contains(":memory:") || parameters.contains("memory") {
        return Err(OpenError::InMemory);
    }
    if !matches!(parameters, "" | "mode=rwc") {
        return Err(OpenError::Parameter);
    }
    let options = SqliteConnectOptions::from_str(location).map_err(OpenError::Url)?;
    Ok(options
        .busy_timeout(BUSY_TIMEOUT)
        .foreign_keys(true)
        .synchronous(SqliteSynchronous::Full)
        .pragma("temp_store", "MEMORY")
        .statement_cache_capacity(500)
        .row_buffer_size(ROWS_AHEAD)
        .disable_statement_logging())
}

fn create_folder(file: &Path) -> Result<(), OpenError> {
    match file.parent() {
        Some(path) if !path.as_os_str().is_empty() => {
            std::fs::create_dir_all(path).map_err(|source| OpenError::Folder {
                path: path.to_owned(),
                source,
            })
        }
        _ => Ok(()),
    }
}

fn write_options(file: &SqliteConnectOptions) -> SqliteConnectOptions {
    file.clone()
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .pragma("wal_autocheckpoint", WAL_AUTOCHECKPOINT_PAGES)
        .pragma("journal_size_limit", JOURNAL_SIZE_LIMIT_BYTES)
        .pragma("cache_size", WRITE_CACHE_SIZE)
}

fn read_options(file: &SqliteConnectOptions) -> SqliteConnectOptions {
    file.clone()
        .read_only(true)
        .pragma("query_only", "ON")
        .pragma("cache_size", READ_CACHE_SIZE)
}

/// The file does not hang up, so connections live for ever and are not tested.
fn pool(config: &DatabaseConfig, connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .min_connections(1)
        .max_connections(connections)
        .acquire_timeout(config.acquire_timeout)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        // A commit that fails, as on a full disk, ends the transaction in SQLite while the driver
        // goes on counting it; what came next would be nested in one that is never committed.
        .before_acquire(|connection, _| {
            let left_over = connection.is_in_transaction();
            Box::pin(async move { Ok(!left_over) })
        })
}

/// Connects, and again while the file is busy: turning a file to WAL, and the end of its last
/// connection, need it alone, and for that lock SQLite does not wait by itself.
async fn patiently(
    pool: SqlitePoolOptions,
    options: SqliteConnectOptions,
) -> Result<SqlitePool, OpenError> {
    let mut tries_left = BUSY_TIMEOUT.as_millis() / BUSY_RETRY.as_millis();
    loop {
        match pool.clone().connect_with(options.clone()).await {
            Err(error) if tries_left > 0 && is_busy(&error) => tries_left -= 1,
            outcome => return outcome.map_err(OpenError::Connect),
        }
        tokio::time::sleep(BUSY_RETRY).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_names_a_file() {
        for url in [
            "sqlite:data/gateway.db",
            "sqlite://data/gateway.db?mode=rwc",
        ] {
            assert_eq!(
                file(url).unwrap().get_filename(),
                Path::new("data/gateway.db")
            );
        }
        let absolute = file("sqlite:///var/lib/gateway.db").unwrap();
        assert_eq!(absolute.get_filename(), Path::new("/var/lib/gateway.db"));
    }

    #[test]
    fn databases_in_memory_are_refused() {
        let urls = [
            "sqlite::memory:",
            "sqlite://:memory:",
            "sqlite://x?mode=memory",
            "sqlite:file::memory:",
            "sqlite:",
        ];
        for url in urls {
            assert!(matches!(file(url), Err(OpenError::InMemory)), "{url}");
        }
    }

    #[test]
    fn parameters_are_refused() {
        assert!(matches!(
            file("sqlite:x.db?mode=ro"),
            Err(OpenError::Parameter)
        ));
    }
}

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, RuntimeErr, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};

/// Which database is behind a [`Database`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite in a local file.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

impl Dialect {
    /// The dialect as statements name it.
    pub fn backend(self) -> DbBackend {
        match self {
            Self::Sqlite => DbBackend::Sqlite,
            Self::Postgres => DbBackend::Postgres,
        }
    }
}

/// Where the database is and how many connections it gets.
#[derive(Debug, Clone)]
pub struct DatabaseConfig {
    /// `sqlite://path/to/file.db` or `postgres://user@host/database`.
    pub url: String,
    /// Connections to PostgreSQL, 8 to 16.
    pub max_connections: u32,
    /// Reading connections on SQLite, beside the one that writes.
    pub read_connections: u32,
    /// How long to wait for a free connection.
    pub acquire_timeout: Duration,
}

impl DatabaseConfig {
    /// Defaults for a URL.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            max_connections: 16,
            read_connections: 4,
            acquire_timeout: Duration::from_secs(5),
        }
    }
}

/// The pools of one database.
///
/// SQLite has one writing connection and a few that only read. PostgreSQL has one pool for both.
#[derive(Debug, Clone)]
pub struct Database {
    write: DatabaseConnection,
    read: DatabaseConnection,
    dialect: Dialect,
}

impl Database {
    /// Connects. A SQLite file is made when it is absent, with its folder.
    ///
    /// # Errors
    /// [`DbErr::Conn`] with a text that says what is wrong with the URL or the server.
    pub async fn open(config: &DatabaseConfig) -> Result<Self, DbErr> {
        let url = config.url.trim();
        if url.starts_with("sqlite:") {
            open_sqlite(config, url).await
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            open_postgres(config, url).await
        } else {
            Err(refuse("the URL must begin with sqlite: or postgres:"))
        }
    }

    /// For reading. On SQLite this refuses to write.
    pub fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    /// For writing a single statement.
    pub fn write(&self) -> &DatabaseConnection {
        &self.write
    }

    /// Which database it is.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Begins a transaction that will write: it holds the write lock from the start on SQLite, and
    /// is READ COMMITTED on PostgreSQL.
    ///
    /// # Errors
    /// Database errors.
    pub async fn begin_write(&self) -> Result<DatabaseTransaction, DbErr> {
        let options = TransactionOptions {
            sqlite_transaction_mode: match self.dialect {
                Dialect::Sqlite => Some(SqliteTransactionMode::Immediate),
                Dialect::Postgres => None,
            },
            ..TransactionOptions::default()
        };
        self.write.begin_with_options(options).await
    }

    /// Closes the pools; what runs is finished first.
    pub async fn close(&self) {
        for connection in [&self.read, &self.write] {
            if let Err(error) = connection.close_by_ref().await {
                tracing::warn!(%error, "the database did not close cleanly");
            }
        }
    }
}

async fn open_sqlite(config: &DatabaseConfig, url: &str) -> Result<Database, DbErr> {
    if url.contains(":memory:") || url.contains("mode=memory") {
        return Err(refuse("an in-memory SQLite database is lost at exit; name a file"));
    }
    let options = SqliteConnectOptions::from_str(url).map_err(|error| refuse(&error.to_string()))?;
    make_folder(options.get_filename())?;
    let options = options
        .create_if_missing(true)
        .busy_timeout(Duration::from_secs(5))
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .statement_cache_capacity(500)
        .pragma("cache_size", "-16384")
        .pragma("temp_store", "MEMORY")
        .pragma("wal_autocheckpoint", "4000");
    let write = SqlitePoolOptions::new()
        .max_connections(1)
        .test_before_acquire(false)
        .acquire_timeout(config.acquire_timeout)
        .connect_with(options.clone())
        .await
        .map_err(|error| refuse(&error.to_string()))?;
    let read = SqlitePoolOptions::new()
        .max_connections(config.read_connections.max(1))
        .test_before_acquire(false)
        .acquire_timeout(config.acquire_timeout)
        .connect_with(options.pragma("query_only", "ON"))
        .await
        .map_err(|error| refuse(&error.to_string()))?;
    Ok(Database { write: write.into(), read: read.into(), dialect: Dialect::Sqlite })
}

fn make_folder(file: &Path) -> Result<(), DbErr> {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => std::fs::create_dir_all(folder)
            .map_err(|error| refuse(&format!("{} cannot be made: {error}", folder.display()))),
        _ => Ok(()),
    }
}

async fn open_postgres(config: &DatabaseConfig, url: &str) -> Result<Database, DbErr> {
    let options = PgConnectOptions::from_str(url)
        .map_err(|error| refuse(&error.to_string()))?
        .application_name("gatewright")
        .statement_cache_capacity(500);
    let pool = PgPoolOptions::new()
        .max_connections(config.max_connections.max(4))
        .test_before_acquire(false)
        .acquire_timeout(config.acquire_timeout)
        .connect_with(options)
        .await
        .map_err(|error| refuse(&error.to_string()))?;
    let write = DatabaseConnection::from(pool);
    Ok(Database { read: write.clone(), write, dialect: Dialect::Postgres })
}

fn refuse(reason: &str) -> DbErr {
    DbErr::Conn(RuntimeErr::Internal(reason.to_owned()))
}

/// Whether a transaction that failed so may succeed when it is tried again: deadlock,
/// serialization failure, or a busy SQLite file.
pub fn is_retryable(error: &DbErr) -> bool {
    matches!(code(error).as_deref(), Some("40P01" | "40001" | "5" | "6" | "261" | "517"))
}

/// The constraint or columns of a broken unique key, as the database names them.
pub fn unique_violation(error: &DbErr) -> Option<String> {
    let database = database_error(error)?;
    if !database.is_unique_violation() {
        return None;
    }
    Some(database.constraint().map_or_else(|| database.message().to_owned(), str::to_owned))
}

fn code(error: &DbErr) -> Option<String> {
    Some(database_error(error)?.code()?.into_owned())
}

fn database_error(error: &DbErr) -> Option<&dyn sqlx::error::DatabaseError> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => error.as_database_error(),
        _ => None,
    }
}

//! Opening a database, and beginning a write.

mod postgres;
mod sqlite;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait,
};

use crate::OpenError;

/// How to open a database.
#[derive(Clone)]
#[non_exhaustive]
pub struct DatabaseConfig {
    /// `sqlite:PATH` (the file and its folder are made if absent) or `postgres://USER@HOST/NAME`.
    pub url: String,
    /// Size of the pool on PostgreSQL; SQLite has one writer.
    pub max_connections: u32,
    /// Size of the read pool on SQLite; PostgreSQL reads through its one pool.
    pub read_connections: u32,
    /// How long to wait for a free connection.
    pub acquire_timeout: Duration,
}

impl DatabaseConfig {
    /// `url` with the defaults: 16 connections, 4 for reading on SQLite, a wait of 5 s.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            max_connections: 16,
            read_connections: 4,
            acquire_timeout: Duration::from_secs(5),
        }
    }
}

impl DatabaseConfig {
    /// The SQLite file.
    pub(crate) fn sqlite_file(&self) -> Result<SqliteConnectOptions, OpenError> {
        sqlite::file(&self.url)
    }

    /// Whether opening it would make a SQLite file that is not there.
    ///
    /// # Errors
    /// [`OpenError`] for a URL that cannot be opened.
    pub fn is_absent(&self) -> Result<bool, OpenError> {
        match self.url.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") => sqlite::is_absent(&self.url),
            _ => Ok(false),
        }
    }
}

impl fmt::Debug for DatabaseConfig {
    /// Leaves out the URL, which may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DatabaseConfig")
            .field("max_connections", &self.max_connections)
            .field("read_connections", &self.read_connections)
            .field("acquire_timeout", &self.acquire_timeout)
            .finish_non_exhaustive()
    }
}

/// Which database it is: the hot statements are written once for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// SQLite, in a file of its own.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// An open database: a pool to write through and a pool to read from. Clones share the pools.
#[derive(Clone, Debug)]
pub struct Database {
    write: DatabaseConnection,
    read: DatabaseConnection,
    dialect: Dialect,
}

impl Database {
    /// Connects; runs no migration.
    ///
    /// # Errors
    /// [`OpenError`], whose texts are fit for an operator and never hold the URL.
    pub async fn open(config: &DatabaseConfig) -> Result<Self, OpenError> {
        match config.url.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") => sqlite::open(config).await,
            Some("postgres" | "postgresql") => postgres::open(config).await,
            _ => Err(OpenError::Scheme),
        }
    }

    /// A database behind a connection that was made elsewhere, such as a test's own.
    pub fn over(connection: DatabaseConnection, dialect: Dialect) -> Self {
        Self {
            write: connection.clone(),
            read: connection,
            dialect,
        }
    }

    /// The pool to write through: on SQLite exactly one connection, so that a writer waits in the
    /// pool's queue and not in the database's lock.
    pub fn write(&self) -> &DatabaseConnection {
        &self.write
    }

    /// The pool to read from. On SQLite it refuses to write; on PostgreSQL it is the same pool.
    pub fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    /// Which database it is.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Begins a write transaction in one call: IMMEDIATE on SQLite, because a transaction that
    /// begins by reading cannot wait for the lock later; READ COMMITTED on PostgreSQL, which each
    /// connection was told when it was made. Dropped without a commit, it is rolled back.
    ///
    /// # Errors
    /// The driver's; [`crate::is_retryable`] tells a busy database.
    pub async fn begin_write(&self) -> Result<DatabaseTransaction, DbErr> {
        let sqlite_transaction_mode = match self.dialect {
            Dialect::Sqlite => Some(SqliteTransactionMode::Immediate),
            Dialect::Postgres => None,
        };
        let options = TransactionOptions {
            sqlite_transaction_mode,
            ..Default::default()
        };
        self.write.begin_with_options(options).await
    }

    /// Shows `observe` every statement of either pool, `BEGIN` and `COMMIT` apart.
    pub fn on_statement(&mut self, observe: impl Fn(&Statement) + Send + Sync + 'static) {
        let observe = Arc::new(observe);
        let reading = Arc::clone(&observe);
        self.write
            .set_metric_callback(move |info| observe(info.statement));
        self.read
            .set_metric_callback(move |info| reading(info.statement));
    }

    /// Waits for open transactions and closes all connections. Clones are closed, too.
    ///
    /// # Errors
    /// The driver's.
    pub async fn close(&self) -> Result<(), DbErr> {
        self.read.close_by_ref().await?;
        self.write.close_by_ref().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_hides_the_url() {
        let config = DatabaseConfig::new("postgres://gateway:hunter2@db/gateway");
        assert!(!format!("{config:?}").contains("hunter2"));
    }

    #[tokio::test]
    async fn other_schemes_are_refused() {
        for url in ["mysql://root@localhost/x", "gateway.db", ""] {
            let error = Database::open(&DatabaseConfig::new(url)).await.unwrap_err();
            assert!(matches!(error, OpenError::Scheme), "{url}: {error}");
        }
    }
}

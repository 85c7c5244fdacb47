//! Databases that are made for a measurement and thrown away after it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, Result};
use gatewright_store::{Database, DatabaseConfig};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde::Serialize;
use tempfile::TempDir;

use crate::cpu;

/// Where messages are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Store {
    /// SQLite, `synchronous=FULL`.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

impl fmt::Display for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        })
    }
}

/// A PostgreSQL server in which databases may be made.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    /// URL of a database of it, without the name of the database.
    root: String,
    /// Its first process; `None` when it runs elsewhere, and its CPU is not counted.
    pub(crate) postmaster: Option<u32>,
    /// What it says of itself.
    pub(crate) version: String,
}

impl Server {
    /// Finds the server; `None` when it does not answer.
    pub(crate) async fn find(url: &str) -> Option<Self> {
        let (root, _) = url.rsplit_once('/')?;
        let conn = sea_orm::Database::connect(url).await.ok()?;
        let sql = "SELECT pg_backend_pid()::text, current_setting('server_version'), \
            current_setting('fsync') || '/' || current_setting('synchronous_commit')";
        let row = conn
            .query_one_raw(Statement::from_string(DbBackend::Postgres, sql))
            .await
            .ok()??;
        let (pid, version, sync): (String, String, String) = row.try_get_many_by_index().ok()?;
        let backend = pid.parse().ok()?;
        let is_here = std::fs::read_to_string(format!("/proc/{backend}/comm"))
            .is_ok_and(|name| name.trim() == "postgres");
        Some(Self {
            root: root.to_owned(),
            postmaster: is_here.then(|| cpu::parent_of(backend)).flatten(),
            version: format!("{version}, fsync/synchronous_commit {sync}"),
        })
    }

    /// Drops what this process has made and not dropped.
    pub(crate) async fn sweep(&self) -> Result<()> {
        let conn = sea_orm::Database::connect(format!("{}/postgres", self.root)).await?;
        let sql = format!(
            "SELECT datname::text FROM pg_database WHERE datname LIKE '{}%'",
            prefix().replace('_', "\\_")
        );
        let statement = Statement::from_string(DbBackend::Postgres, sql);
        for row in conn.query_all_raw(statement).await? {
            let name: String = row.try_get_by_index(0)?;
            conn.execute_unprepared(&format!("DROP DATABASE {name} WITH (FORCE)"))
                .await?;
        }
        conn.close().await?;
        Ok(())
    }

    async fn run(&self, sql: &str) -> Result<()> {
        let conn = sea_orm::Database::connect(format!("{}/postgres", self.root)).await?;
        conn.execute_unprepared(sql).await?;
        conn.close().await?;
        Ok(())
    }
}

/// How the names of this process's databases begin.
fn prefix() -> String {
    format!("gatewright_bench_{}_", std::process::id())
}

/// A database of its own.
pub(crate) struct Scratch {
    pub(crate) url: String,
    /// PostgreSQL's first process, if it is the database and runs here.
    pub(crate) postmaster: Option<u32>,
    folder: TempDir,
    made: Option<(Server, String)>,
}

impl Scratch {
    /// Makes one; files lie in a folder below `within`.
    pub(crate) async fn make(store: Store, within: &Path, server: Option<&Server>) -> Result<Self> {
        std::fs::create_dir_all(within)?;
        let folder = TempDir::with_prefix_in("scratch-", within)?;
        let (url, made) = match store {
            Store::Sqlite => {
                let file = folder.path().join("gatewright.db");
                (format!("sqlite://{}", file.display()), None)
            }
            Store::Postgres => {
                static COUNT: AtomicU32 = AtomicU32::new(0);
                let server = server.context("no PostgreSQL answers")?.clone();
                let number = COUNT.fetch_add(1, Ordering::Relaxed);
                let name = format!("{}{number}", prefix());
                server.run(&format!("CREATE DATABASE {name}")).await?;
                (format!("{}/{name}", server.root), Some((server, name)))
            }
        };
        Ok(Self {
            url,
            postmaster: made.as_ref().and_then(|(server, _)| server.postmaster),
            folder,
            made,
        })
    }

    /// The folder that goes with it.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The SQLite file.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("gatewright.db")
    }

    /// Opens it beside the gateway.
    pub(crate) async fn open(&self) -> Result<Database> {
        Ok(Database::open(&DatabaseConfig::new(&self.url)).await?)
    }

    /// Throws it away.
    pub(crate) async fn drop(self) -> Result<()> {
        if let Some((server, name)) = &self.made {
            server
                .run(&format!("DROP DATABASE {name} WITH (FORCE)"))
                .await?;
        }
        Ok(self.folder.close()?)
    }
}

/// The first column of a query's first row, as text.
pub(crate) async fn text(conn: &impl ConnectionTrait, sql: &str) -> Result<Option<String>> {
    let statement = Statement::from_string(conn.get_database_backend(), sql);
    let row = conn.query_one_raw(statement).await?;
    Ok(match row {
        Some(row) => row.try_get_by_index(0)?,
        None => None,
    })
}

//! Databases for tests: a SQLite file always, a PostgreSQL database if a server is given.

pub(crate) mod rows;

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};

use gatewright_store::{Database, DatabaseConfig, Dialect, migrate};
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement};

/// Runs `test` on an empty, migrated database of each kind.
pub(crate) async fn on_each<F, T>(test: F)
where
    F: Fn(Database) -> T,
    T: Future<Output = ()> + Send + 'static,
{
    on_each_empty(|config| {
        let test = &test;
        async move {
            let database = Database::open(&config).await.unwrap();
            migrate(&database).await.unwrap();
            // A task of its own, so that the database is dropped though the test fails.
            let outcome = tokio::spawn(test(database.clone())).await;
            database.close().await.unwrap();
            outcome
        }
    })
    .await;
}

/// Runs `test` with the configuration of an empty database of each kind.
pub(crate) async fn on_each_empty<F, T, O>(test: F)
where
    F: Fn(DatabaseConfig) -> T,
    T: Future<Output = Result<O, tokio::task::JoinError>>,
{
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("gatewright.db").display());
    test(DatabaseConfig::new(url)).await.unwrap();
    if let Some(server) = postgres() {
        on_postgres(&server, test).await;
    }
}

/// All rows of a query that means the same on either database.
pub(crate) async fn rows(database: &Database, sql: &str) -> Vec<QueryResult> {
    let statement = Statement::from_string(backend(database), sql.to_owned());
    database.write().query_all_raw(statement).await.unwrap()
}

/// What SeaORM calls the database.
pub(crate) fn backend(database: &Database) -> DbBackend {
    match database.dialect() {
        Dialect::Sqlite => DbBackend::Sqlite,
        Dialect::Postgres => DbBackend::Postgres,
    }
}

async fn on_postgres<F, T, O>(server: &str, test: F)
where
    F: Fn(DatabaseConfig) -> T,
    T: Future<Output = Result<O, tokio::task::JoinError>>,
{
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("gatewright_store_{}_{number}", std::process::id());
    let mut config = DatabaseConfig::new(server);
    config.max_connections = 1;
    let admin = Database::open(&config).await.unwrap();
    let run = async |sql: String| admin.write().execute_unprepared(&sql).await.unwrap();
    run(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
    run(format!("CREATE DATABASE {name} TEMPLATE template0")).await;
    let (base, _) = server.rsplit_once('/').expect("the URL names a database");
    let outcome = test(DatabaseConfig::new(format!("{base}/{name}"))).await;
    run(format!("DROP DATABASE {name} WITH (FORCE)")).await;
    admin.close().await.unwrap();
    outcome.unwrap();
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test has no configuration to read it from"
)]
fn postgres() -> Option<String> {
    std::env::var("GATEWRIGHT_TEST_DATABASE_URL")
        .ok()
        .filter(|url| !url.is_empty())
}

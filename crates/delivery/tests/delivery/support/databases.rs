use std::sync::atomic::{AtomicU64, Ordering};

use gatewright_store::{Database, DatabaseConfig, migrate};
use sea_orm::ConnectionTrait;

/// Runs `test` on an empty, migrated database of each kind.
pub(crate) async fn on_each<T>(test: impl Fn(Database) -> T)
where
    T: Future<Output = ()> + Send + 'static,
{
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("gatewright.db").display());
    run(&DatabaseConfig::new(url), &test).await.unwrap();
    on_postgres(test).await;
}

/// Runs `test` on an empty, migrated PostgreSQL database, if a server is given.
pub(crate) async fn on_postgres<T>(test: impl Fn(Database) -> T)
where
    T: Future<Output = ()> + Send + 'static,
{
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let Some(server) = server() else { return };
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("gatewright_delivery_{}_{number}", std::process::id());
    let mut config = DatabaseConfig::new(&server);
    config.max_connections = 1;
    let admin = Database::open(&config).await.unwrap();
    let sql = async |sql: String| admin.write().execute_unprepared(&sql).await.unwrap();
    sql(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
    sql(format!("CREATE DATABASE {name} TEMPLATE template0")).await;
    let (base, _) = server.rsplit_once('/').expect("the URL names a database");
    let mut config = DatabaseConfig::new(format!("{base}/{name}"));
    config.max_connections = 8;
    let outcome = run(&config, &test).await;
    sql(format!("DROP DATABASE {name} WITH (FORCE)")).await;
    outcome.unwrap();
}

async fn run<T>(
    config: &DatabaseConfig,
    test: &impl Fn(Database) -> T,
) -> Result<(), tokio::task::JoinError>
where
    T: Future<Output = ()> + Send + 'static,
{
    let database = Database::open(config).await.unwrap();
    migrate(&database).await.unwrap();
    // A task of its own, so that the database is dropped though the test fails.
    tokio::spawn(test(database)).await
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test has no configuration to read it from"
)]
fn server() -> Option<String> {
    std::env::var("GATEWRIGHT_TEST_DATABASE_URL")
        .ok()
        .filter(|url| !url.is_empty())
}

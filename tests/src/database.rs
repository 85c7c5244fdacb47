use std::sync::atomic::{AtomicU32, Ordering};

use sea_orm::{ConnectionTrait, Database as Orm};
use tempfile::TempDir;

/// An empty database of a test's own; gone when it is dropped.
#[derive(Debug)]
pub struct TestDatabase {
    url: String,
    dir: TempDir,
}

static NEXT: AtomicU32 = AtomicU32::new(0);

impl TestDatabase {
    /// A SQLite file in a temporary folder, or a database of its own on the given server.
    pub async fn new() -> Self {
        let dir = TempDir::new().expect("a temporary folder");
        let url = match server() {
            None => format!("sqlite://{}", dir.path().join("gatewright.db").display()),
            Some(server) => {
                let number = NEXT.fetch_add(1, Ordering::SeqCst);
                let name = format!("gw_it_{}_{number}", std::process::id());
                run(
                    &server,
                    &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
                )
                .await;
                run(&server, &format!("CREATE DATABASE {name}")).await;
                let (base, _) = server.rsplit_once('/').expect("a URL with a database");
                format!("{base}/{name}")
            }
        };
        Self { url, dir }
    }

    /// Its URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A folder that lives as long as the database.
    pub fn folder(&self) -> &std::path::Path {
        self.dir.path()
    }

    /// Whether the tests run on PostgreSQL.
    pub fn is_postgres() -> bool {
        server().is_some()
    }

    /// Removes a PostgreSQL database; nothing to do for a file.
    pub async fn remove(self) {
        let Some(server) = server() else { return };
        if let Some((_, name)) = self.url.rsplit_once('/') {
            run(
                &server,
                &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
            )
            .await;
        }
    }
}

async fn run(server: &str, sql: &str) {
    let connection = Orm::connect(server).await.expect("the test server answers");
    connection
        .execute_unprepared(sql)
        .await
        .expect("the statement runs");
    connection.close().await.expect("the connection closes");
}

fn server() -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "the tests' one switch")]
    let url = std::env::var("GATEWRIGHT_TEST_DATABASE_URL").ok();
    url.filter(|url| !url.is_empty())
}

//! Databases of tests.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use sea_orm::{ConnectionTrait, Database};

static NEXT: AtomicU32 = AtomicU32::new(0);

/// URL of an empty database: a SQLite file in `folder`, or a database of its own on the server that
/// `GATEWRIGHT_TEST_DATABASE_URL` names.
pub(crate) async fn database_url(folder: &Path) -> String {
    #[expect(clippy::disallowed_methods, reason = "the tests' one switch")]
    let server = std::env::var("GATEWRIGHT_TEST_DATABASE_URL").unwrap_or_default();
    if server.is_empty() {
        return format!("sqlite://{}", folder.join("test.db").display());
    }
    let number = NEXT.fetch_add(1, Ordering::SeqCst);
    let name = format!("gw_core_{}_{number}", std::process::id());
    let connection = Database::connect(&server).await.unwrap();
    for statement in ["DROP DATABASE IF EXISTS", "CREATE DATABASE"] {
        connection
            .execute_unprepared(&format!("{statement} {name}"))
            .await
            .unwrap();
    }
    connection.close().await.unwrap();
    let (base, _) = server.rsplit_once('/').unwrap();
    format!("{base}/{name}")
}

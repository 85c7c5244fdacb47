//! Pools, pragmas, transactions, and migrations run by several at once.

use crate::support::rows::insert_all;
use crate::support::{on_each, on_each_empty, rows};
use gatewright_store::{
    Database, DatabaseConfig, Dialect, OpenError, is_retryable, is_unavailable, migrate, pending,
};
use sea_orm::sqlx::pool::PoolConnection;
use sea_orm::sqlx::{self, Sqlite, SqlitePool};
use sea_orm::{ConnectionTrait, DatabaseTransaction, TransactionTrait};

const APPLIED: [&str; 3] = ["m0001_initial", "m0002_search", "m0003_retention"];

#[tokio::test]
async fn migrating_twice_does_nothing_the_second_time() {
    on_each_empty(|config| {
        tokio::spawn(async move {
            let database = Database::open(&config).await.unwrap();
            assert_eq!(pending(&database).await.unwrap(), APPLIED);
            assert_eq!(pending(&database).await.unwrap(), APPLIED);
            assert_eq!(migrate(&database).await.unwrap(), APPLIED);
            assert!(pending(&database).await.unwrap().is_empty());
            assert!(migrate(&database).await.unwrap().is_empty());
            database.close().await.unwrap();
        })
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_start_together_migrate_once() {
    on_each_empty(|config| {
        tokio::spawn(async move {
            let nodes: Vec<_> = (0..3)
                .map(|_| tokio::spawn(start(config.clone())))
                .collect();
            let mut applied = Vec::new();
            for node in nodes {
                applied.extend(node.await.unwrap());
            }
            assert_eq!(applied, APPLIED);
        })
    })
    .await;
}

#[tokio::test]
async fn a_database_of_a_newer_program_is_refused() {
    on_each(|database| async move {
        let newer = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_newer', 0)";
        database.write().execute_unprepared(newer).await.unwrap();
        let error = migrate(&database).await.unwrap_err();
        assert!(error.to_string().contains("m9999_newer"), "{error}");
    })
    .await;
}

#[tokio::test]
async fn the_file_and_its_folder_are_made() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("data/deep/gatewright.db");
    let config = DatabaseConfig::new(format!("sqlite://{}", file.display()));
    let database = Database::open(&config).await.unwrap();
    assert_eq!(database.dialect(), Dialect::Sqlite);
    assert!(file.is_file());
    database.close().await.unwrap();
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let occupied = folder.path().join("data");
    std::fs::write(&occupied, "").unwrap();
    let url = format!("sqlite:{}", occupied.join("gatewright.db").display());
    let error = Database::open(&DatabaseConfig::new(url)).await.unwrap_err();
    assert!(
        matches!(error, OpenError::Folder { ref path, .. } if *path == occupied),
        "{error}"
    );
}

#[tokio::test]
async fn pragmas_hold_on_every_sqlite_connection() {
    let folder = tempfile::tempdir().unwrap();
    let database = sqlite(&folder).await;
    let write = all_connections(database.write().get_sqlite_connection_pool()).await;
    let read = all_connections(database.read().get_sqlite_connection_pool()).await;
    assert_eq!((write.len(), read.len()), (1, 4));
    for (connections, query_only) in [(write, "0"), (read, "1")] {
        for mut connection in connections {
            for (pragma, value) in [
                ("journal_mode", "wal"),
                ("synchronous", "2"),
                ("foreign_keys", "1"),
                ("busy_timeout", "5000"),
                ("temp_store", "2"),
                ("query_only", query_only),
            ] {
                assert_eq!(
                    pragma_value(&mut connection, pragma).await,
                    value,
                    "{pragma}"
                );
            }
        }
    }
}

#[tokio::test]
async fn readers_cannot_write_and_see_what_was_committed() {
    let folder = tempfile::tempdir().unwrap();
    let database = sqlite(&folder).await;
    let insert = "INSERT INTO installation (name, value) VALUES ('id', '1')";
    let error = database
        .read()
        .execute_unprepared(insert)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("readonly"), "{error}");
    database.write().execute_unprepared(insert).await.unwrap();
    let statement = sea_orm::Statement::from_string(
        sea_orm::DbBackend::Sqlite,
        "SELECT value FROM installation",
    );
    assert_eq!(
        database
            .read()
            .query_all_raw(statement)
            .await
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn a_write_holds_the_lock_from_its_beginning() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (sqlite(&folder).await, sqlite(&folder).await);
    second
        .write()
        .execute_unprepared("PRAGMA busy_timeout = 0")
        .await
        .unwrap();
    let held = first.begin_write().await.unwrap();
    let error = second.begin_write().await.unwrap_err();
    assert!(is_retryable(&error), "{error}");
    held.rollback().await.unwrap();
    second
        .begin_write()
        .await
        .unwrap()
        .rollback()
        .await
        .unwrap();
}

#[tokio::test]
async fn a_dropped_write_is_rolled_back() {
    on_each(|database| async move {
        let transaction = database.begin_write().await.unwrap();
        let insert = "INSERT INTO installation (name, value) VALUES ('id', '1')";
        transaction.execute_unprepared(insert).await.unwrap();
        drop(transaction);
        assert!(
            rows(&database, "SELECT 1 FROM installation")
                .await
                .is_empty()
        );
    })
    .await;
}

#[tokio::test]
async fn postgres_writes_are_read_committed_and_conflicts_retryable() {
    on_each(|database| async move {
        if database.dialect() == Dialect::Sqlite {
            return;
        }
        insert_all(&database, 1).await;
        let write = database.begin_write().await.unwrap();
        assert_eq!(isolation(&write).await, "read committed");
        let level = Some(sea_orm::IsolationLevel::RepeatableRead);
        let other = database
            .write()
            .begin_with_config(level, None)
            .await
            .unwrap();
        assert_eq!(isolation(&other).await, "repeatable read");
        other
            .execute_unprepared("SELECT 1 FROM accounts")
            .await
            .unwrap();
        let update = "UPDATE accounts SET name = 'changed'";
        write.execute_unprepared(update).await.unwrap();
        write.commit().await.unwrap();
        let error = other.execute_unprepared(update).await.unwrap_err();
        assert!(is_retryable(&error), "{error}");
    })
    .await;
}

async fn start(config: DatabaseConfig) -> Vec<String> {
    let database = Database::open(&config).await.unwrap();
    let applied = migrate(&database).await.unwrap();
    database.close().await.unwrap();
    applied
}

async fn sqlite(folder: &tempfile::TempDir) -> Database {
    let file = folder.path().join("gatewright.db");
    let config = DatabaseConfig::new(format!("sqlite:{}", file.display()));
    let database = Database::open(&config).await.unwrap();
    migrate(&database).await.unwrap();
    database
}

async fn all_connections(pool: &SqlitePool) -> Vec<PoolConnection<Sqlite>> {
    let mut connections = Vec::new();
    for _ in 0..pool.options().get_max_connections() {
        connections.push(pool.acquire().await.unwrap());
    }
    assert!(pool.try_acquire().is_none());
    connections
}

async fn pragma_value(connection: &mut PoolConnection<Sqlite>, pragma: &str) -> String {
    let sql = format!(
        "SELECT CAST(x.{0} AS TEXT) FROM pragma_{0} x",
        column(pragma)
    );
    let sql = sql.replace("pragma_timeout", "pragma_busy_timeout");
    sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
        .fetch_one(&mut **connection)
        .await
        .unwrap()
}

/// `PRAGMA busy_timeout` names its column `timeout`.
fn column(pragma: &str) -> &str {
    if pragma == "busy_timeout" {
        "timeout"
    } else {
        pragma
    }
}

async fn isolation(transaction: &DatabaseTransaction) -> String {
    let statement =
        sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, "SHOW transaction_isolation");
    let row = transaction.query_one_raw(statement).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

#[tokio::test]
async fn what_is_committed_after_the_disk_was_full_is_stored() {
    on_each(|database| async move {
        if database.dialect() == Dialect::Postgres {
            return;
        }
        let write = |text: &'static str| {
            let database = database.clone();
            async move {
                let tx = database.begin_write().await?;
                tx.execute_unprepared(text).await?;
                Ok::<_, sea_orm::DbErr>(tx)
            }
        };
        let made = write("CREATE TABLE kept (id INTEGER PRIMARY KEY, text TEXT)");
        made.await.unwrap().commit().await.unwrap();
        // No page more than there are: this connection finds the disk full.
        let full = "PRAGMA max_page_count = 1";
        database.write().execute_unprepared(full).await.unwrap();
        let large = write("INSERT INTO kept (text) VALUES (printf('%.9999999c', 'x'))");
        let refused = match large.await {
            Ok(tx) => tx.commit().await.unwrap_err(),
            Err(error) => error,
        };
        assert!(is_unavailable(&refused), "{refused}");

        drop(write("INSERT INTO kept (id) VALUES (1)").await);
        let small = write("INSERT INTO kept (id) VALUES (2)").await.unwrap();
        small.commit().await.unwrap();
        let statement =
            sea_orm::Statement::from_string(sea_orm::DbBackend::Sqlite, "SELECT id FROM kept");
        let kept = database.read().query_all_raw(statement).await.unwrap();
        let ids: Vec<i64> = kept
            .iter()
            .map(|row| row.try_get("", "id").unwrap())
            .collect();
        assert_eq!(ids, [2], "another connection sees what was committed");
    })
    .await;
}

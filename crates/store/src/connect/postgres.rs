//! PostgreSQL: one pool for everything.

use std::str::FromStr;
use std::time::Duration;

use sea_orm::DatabaseConnection;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sea_orm::sqlx::{ConnectOptions, Connection, Executor};

use super::{Database, DatabaseConfig, Dialect};
use crate::OpenError;

/// A connection that lay idle this long is tested before it is used: testing each time would be a
/// round trip for every statement.
const TEST_IF_IDLE: Duration = Duration::from_secs(30);

pub(super) async fn open(config: &DatabaseConfig) -> Result<Database, OpenError> {
    let options = PgConnectOptions::from_str(&config.url)
        .map_err(OpenError::Url)?
        .application_name("gatewright")
        .statement_cache_capacity(500)
        .disable_statement_logging();
    let pool = pool(config)
        .connect_with(options)
        .await
        .map_err(OpenError::Connect)?;
    let connection = DatabaseConnection::from(pool);
    Ok(Database {
        write: connection.clone(),
        read: connection,
        dialect: Dialect::Postgres,
    })
}

/// What each connection is told once. The isolation level, so that BEGIN needs no second call. No
/// compiling of plans: it takes longer than the statements. And no scan of a whole table where an
/// index serves: a plan that is made while a table is nearly empty is kept while the table grows.
const SESSION: &str = "SET default_transaction_isolation TO 'read committed'; \
    SET jit TO off; SET enable_seqscan TO off";

fn pool(config: &DatabaseConfig) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(config.max_connections.max(1))
        .acquire_timeout(config.acquire_timeout)
        .test_before_acquire(false)
        .before_acquire(|connection, metadata| {
            Box::pin(async move {
                if connection.is_in_transaction() {
                    return Ok(false);
                }
                if metadata.idle_for >= TEST_IF_IDLE {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .after_connect(|connection, _| {
            Box::pin(async move {
                connection.execute(SESSION).await?;
                Ok(())
            })
        })
}

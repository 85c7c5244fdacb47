//! Wake-ups of other nodes, by PostgreSQL's notifications.

use std::sync::Arc;
use std::time::Duration;

use gatewright_core::ids::ReceiverId;
use sea_orm::DbBackend;
use sqlx::postgres::PgListener;

use crate::engine::Ctx;
use crate::keeper;

/// Name of the channel; the payload is a receiver's id.
const CHANNEL: &str = "gatewright_wake";

/// Pause before listening is tried again. What is missed meanwhile is found by polling.
const RETRY: Duration = Duration::from_secs(2);

/// Runs until the engine drains; at once on SQLite, which has one node.
pub(crate) async fn run(ctx: Arc<Ctx>) {
    let read = ctx.ledger.kernel().db.read();
    if read.get_database_backend() != DbBackend::Postgres {
        return;
    }
    let pool = read.get_postgres_connection_pool();
    loop {
        tokio::select! {
            biased;
            () = ctx.draining.cancelled() => return,
            result = listen(&ctx, pool) => if let Err(error) = result {
                ctx.listening.send_replace(false);
                tracing::warn!(%error, "not listening for other nodes; polling goes on");
            },
        }
        tokio::select! {
            biased;
            () = ctx.draining.cancelled() => return,
            () = tokio::time::sleep(RETRY) => {}
        }
    }
}

async fn listen(ctx: &Arc<Ctx>, pool: &sqlx::PgPool) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    ctx.listening.send_replace(true);
    loop {
        match listener.try_recv().await? {
            Some(notification) => {
                if let Ok(id) = notification.payload().parse() {
                    ctx.desk.want([ReceiverId(id)], false);
                }
            }
            // The connection was lost and is made anew: look for what was missed.
            None => keeper::look(ctx).await,
        }
    }
}

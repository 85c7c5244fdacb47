//! An ended delivery is queued again.

use gatewright_store::entity::deliveries::{Column, Entity};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter};

use super::DeliveryState;
use crate::error::Result;
use crate::time::Timestamp;

/// Queues those of the deliveries again that have ended, due now, and answers how many. They are
/// late from the start: what left its lane never returns to it.
///
/// # Errors
/// Database errors.
pub(crate) async fn requeue(
    tx: &impl ConnectionTrait,
    which: Condition,
    now: Timestamp,
) -> Result<u64> {
    let ended = [DeliveryState::Delivered.code(), DeliveryState::Dead.code()];
    let result = Entity::update_many()
        .col_expr(Column::State, Expr::value(DeliveryState::Queued.code()))
        .col_expr(Column::Late, Expr::value(true))
        .col_expr(Column::Attempts, Expr::value(0_i32))
        .col_expr(Column::DueAt, Expr::value(now.0))
        .col_expr(Column::FinishedAt, Expr::value(Option::<i64>::None))
        .col_expr(Column::Replays, Expr::col(Column::Replays).add(1))
        .filter(which)
        .filter(Column::State.is_in(ended))
        .exec(tx)
        .await?;
    Ok(result.rows_affected)
}

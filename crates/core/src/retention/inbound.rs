//! Requests of providers, and the keys by which their repeats are known.

use gatewright_store::entity::{inbound_dedup, inbound_log};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::error::Result;
use crate::kernel::Kernel;

/// Of a request that was understood.
const UNDERSTOOD: i16 = 0;

/// Removes old requests, a batch per transaction. Their ids rise with time, so the first ones tell
/// whether there is more; those that were not understood may be kept longer and are passed over.
pub(super) async fn prune_requests(kernel: &Kernel) -> Result<u64> {
    let (now, retention) = (kernel.now(), &kernel.config.retention);
    let old = now.minus(retention.inbound).0;
    let dead = now.minus(retention.dead_letters).0;
    let (mut after, mut removed) = (0, 0);
    loop {
        let rows: Vec<(i64, i16, i64)> = inbound_log::Entity::find()
            .select_only()
            .columns([
                inbound_log::Column::Id,
                inbound_log::Column::State,
                inbound_log::Column::ReceivedAt,
            ])
            .filter(inbound_log::Column::Id.gt(after))
            .order_by_asc(inbound_log::Column::Id)
            .limit(kernel.batch())
            .into_tuple()
            .all(kernel.db.read())
            .await?;
        let Some((last, _, received_at)) = rows.last() else {
            return Ok(removed);
        };
        after = *last;
        let young = *received_at >= old.max(dead);
        let gone: Vec<i64> = rows
            .iter()
            .filter(|(_, state, at)| *at < if *state == UNDERSTOOD { old } else { dead })
            .map(|(id, ..)| *id)
            .collect();
        if !gone.is_empty() {
            let done = inbound_log::Entity::delete_many()
                .filter(inbound_log::Column::Id.is_in(gone))
                .exec(kernel.db.write())
                .await?;
            removed += done.rows_affected;
            kernel.breathe().await;
        }
        if young {
            return Ok(removed);
        }
    }
}

/// Removes old keys, a batch per transaction.
pub(super) async fn prune_keys(kernel: &Kernel) -> Result<u64> {
    let old = kernel.now().minus(kernel.config.retention.inbound).0;
    let mut removed = 0;
    loop {
        let keys: Vec<(i64, String)> = inbound_dedup::Entity::find()
            .select_only()
            .columns([
                inbound_dedup::Column::InboxId,
                inbound_dedup::Column::DedupKey,
            ])
            .filter(inbound_dedup::Column::CreatedAt.lt(old))
            .order_by_asc(inbound_dedup::Column::CreatedAt)
            .limit(kernel.batch())
            .into_tuple()
            .all(kernel.db.read())
            .await?;
        let any_of = keys.iter().fold(Condition::any(), |any, (inbox, key)| {
            any.add(
                Condition::all()
                    .add(inbound_dedup::Column::InboxId.eq(*inbox))
                    .add(inbound_dedup::Column::DedupKey.eq(key.as_str())),
            )
        });
        if keys.is_empty() {
            return Ok(removed);
        }
        let done = inbound_dedup::Entity::delete_many()
            .filter(any_of)
            .exec(kernel.db.write())
            .await?;
        removed += done.rows_affected;
        kernel.breathe().await;
    }
}

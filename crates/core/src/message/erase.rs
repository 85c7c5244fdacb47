use gatewright_store::entity::{message_provider_ids, messages};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};

use crate::attachment;
use crate::error::Result;

/// Removes the rows of messages, by their ids, with everything that points at them. Who calls it
/// keeps their number small and holds the locks; no event tells of it. Answers the files that are then
/// nobody's, for [`attachment::remove_bytes`] after the commit.
///
/// # Errors
/// Database errors.
pub(crate) async fn erase(tx: &DatabaseTransaction, ids: &[i64]) -> Result<Vec<String>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let files = attachment::revoke(tx, ids).await?;
    message_provider_ids::Entity::delete_many()
        .filter(message_provider_ids::Column::MessageId.is_in(ids.iter().copied()))
        .exec(tx)
        .await?;
    messages::Entity::delete_many()
        .filter(messages::Column::Id.is_in(ids.iter().copied()))
        .exec(tx)
        .await?;
    Ok(files)
}

use gatewright_store::entity::{attachments, blobs};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

use crate::error::Result;
use crate::ids::{AccountId, MessageId};

/// Takes the attachments of messages away within `tx`: their rows, and those of the files that no
/// other message has. Links to them answer 404 from the commit on; the bytes are swept later. Three
/// statements, however many messages.
///
/// # Errors
/// Database errors.
pub async fn revoke(
    tx: &impl ConnectionTrait,
    account_id: AccountId,
    message_ids: &[MessageId],
) -> Result<()> {
    let of_messages = || {
        let ids = message_ids.iter().map(|id| id.get());
        attachments::Column::MessageId.is_in(ids)
    };
    let files: Vec<i64> = attachments::Entity::find()
        .select_only()
        .column(attachments::Column::BlobId)
        .filter(attachments::Column::AccountId.eq(account_id.get()))
        .filter(of_messages())
        .filter(attachments::Column::BlobId.is_not_null())
        .into_tuple()
        .all(tx)
        .await?;
    attachments::Entity::delete_many()
        .filter(attachments::Column::AccountId.eq(account_id.get()))
        .filter(of_messages())
        .exec(tx)
        .await?;
    if files.is_empty() {
        return Ok(());
    }
    let used = attachments::Entity::find()
        .select_only()
        .column(attachments::Column::BlobId)
        .filter(attachments::Column::BlobId.is_in(files.iter().copied()))
        .into_query();
    blobs::Entity::delete_many()
        .filter(blobs::Column::AccountId.eq(account_id.get()))
        .filter(blobs::Column::Id.is_in(files))
        .filter(blobs::Column::Id.not_in_subquery(used))
        .exec(tx)
        .await?;
    Ok(())
}

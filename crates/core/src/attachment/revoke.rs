use gatewright_store::entity::{attachments, blobs};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

use crate::error::Result;

/// Files whose rows one statement removes.
const WINDOW: usize = 5000;

/// Takes the attachments of messages, by their ids, away within `tx`: their rows, and those of the
/// files that no other message has. Links to them answer 404 from the commit on. Answers the names
/// of these files: their bytes may go once it is committed, and are swept later otherwise. Two
/// statements, and one per 5000 files, however many messages.
///
/// # Errors
/// Database errors.
pub(crate) async fn revoke(tx: &impl ConnectionTrait, message_ids: &[i64]) -> Result<Vec<String>> {
    let of_messages = || attachments::Column::MessageId.is_in(message_ids.iter().copied());
    let files: Vec<i64> = attachments::Entity::find()
        .select_only()
        .column(attachments::Column::BlobId)
        .filter(of_messages())
        .filter(attachments::Column::BlobId.is_not_null())
        .into_tuple()
        .all(tx)
        .await?;
    attachments::Entity::delete_many()
        .filter(of_messages())
        .exec(tx)
        .await?;
    let mut removed = Vec::new();
    for files in files.chunks(WINDOW) {
        removed.extend(remove_unused(tx, files).await?);
    }
    Ok(removed)
}

async fn remove_unused(tx: &impl ConnectionTrait, files: &[i64]) -> Result<Vec<String>> {
    let used = attachments::Entity::find()
        .select_only()
        .column(attachments::Column::BlobId)
        .filter(attachments::Column::BlobId.is_in(files.iter().copied()))
        .into_query();
    let removed = blobs::Entity::delete_many()
        .filter(blobs::Column::Id.is_in(files.iter().copied()))
        .filter(blobs::Column::Id.not_in_subquery(used))
        .exec_with_returning(tx)
        .await?;
    Ok(removed.into_iter().map(|row| row.key).collect())
}

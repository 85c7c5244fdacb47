//! Files that were uploaded for a message and that no message took.

use gatewright_store::entity::{attachments, blobs};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use crate::attachment;
use crate::error::Result;
use crate::kernel::Kernel;

/// How far uploads were looked at. One that a message has is not looked at again: when the message
/// goes, it goes with it.
#[derive(Default)]
pub(super) struct Cursor {
    after: i64,
}

impl Cursor {
    /// Removes the rows and the bytes of old uploads, a batch per transaction.
    pub(super) async fn prune(&mut self, kernel: &Kernel) -> Result<u64> {
        let old = kernel.now().minus(kernel.config.retention.uploads).0;
        let mut removed = 0;
        loop {
            let next: Vec<(i64, i64)> = blobs::Entity::find()
                .select_only()
                .columns([blobs::Column::Id, blobs::Column::CreatedAt])
                .filter(blobs::Column::Id.gt(self.after))
                .order_by_asc(blobs::Column::Id)
                .limit(kernel.batch())
                .into_tuple()
                .all(kernel.db.read())
                .await?;
            // Ids need not be in the order of times: nothing behind a young one is passed over.
            let rows: Vec<i64> = next
                .into_iter()
                .take_while(|(_, created_at)| *created_at < old)
                .map(|(id, _)| id)
                .collect();
            let Some(last) = rows.last().copied() else {
                return Ok(removed);
            };
            let taken = attachments::Entity::find()
                .select_only()
                .column(attachments::Column::BlobId)
                .filter(attachments::Column::BlobId.is_in(rows.iter().copied()))
                .into_query();
            let gone = blobs::Entity::delete_many()
                .filter(blobs::Column::Id.is_in(rows))
                .filter(blobs::Column::Id.not_in_subquery(taken))
                .exec_with_returning(kernel.db.write())
                .await?;
            self.after = last;
            removed += u64::try_from(gone.len()).unwrap_or(0);
            let keys: Vec<String> = gone.into_iter().map(|row| row.key).collect();
            attachment::remove_bytes(kernel, &keys).await;
            kernel.breathe().await;
        }
    }
}

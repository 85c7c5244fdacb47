//! A conversation is deleted, with everything in it.

use gatewright_store::entity::{conversations, messages};
use gatewright_store::hot::intake as hot;
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::{Conversations, Located};
use crate::attachment;
use crate::caller::Caller;
use crate::error::Result;
use crate::ids::{ConversationId, DisplayId};
use crate::kernel::Kernel;
use crate::message;
use crate::transaction::transact;

impl Conversations {
    /// Deletes a conversation and its messages. Events that tell of them keep what they show, so
    /// what is on its way to receivers still arrives.
    ///
    /// It goes oldest message first, in transactions of a bounded size, and the conversation last:
    /// a deletion that was cut off is finished by the next one.
    ///
    /// # Errors
    /// [`crate::error::Denied::Policy`] for agents; as [`Self::show`].
    pub async fn delete(&self, caller: &Caller, id: DisplayId) -> Result<()> {
        caller.require_administrator()?;
        let located = self.locate(caller, id).await?;
        delete(&self.kernel, located).await
    }
}

/// Deletes a conversation that is known to be the caller's.
pub(crate) async fn delete(kernel: &Kernel, located: Located) -> Result<()> {
    loop {
        let (gone, files) = transact!(kernel, |tx| some(kernel, tx, located.id).await).await?;
        attachment::remove_bytes(kernel, &files).await;
        if gone {
            return Ok(());
        }
        kernel.breathe().await;
    }
}

/// Deletes some messages, and the conversation when they were the last. Answers whether it is gone,
/// and the files that are nobody's then.
async fn some(
    kernel: &Kernel,
    tx: &DatabaseTransaction,
    id: ConversationId,
) -> Result<(bool, Vec<String>)> {
    let batch = kernel.batch();
    let expected = hot::Expected::default();
    hot::lock(tx, kernel.db.dialect(), &[], &[id.get()], expected).await?;
    let oldest: Vec<i64> = messages::Entity::find()
        .select_only()
        .column(messages::Column::Id)
        .filter(messages::Column::ConversationId.eq(id.get()))
        .order_by_asc(messages::Column::Seq)
        .limit(batch)
        .into_tuple()
        .all(tx)
        .await?;
    let files = message::erase(tx, &oldest).await?;
    if u64::try_from(oldest.len()) == Ok(batch) {
        return Ok((false, files));
    }
    conversations::Entity::delete_by_id(id.get())
        .exec(tx)
        .await?;
    Ok((true, files))
}

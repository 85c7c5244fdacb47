use gatewright_store::entity::{inbox_members, inbox_routes, inboxes, webhooks};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter,
};

use super::{Inboxes, of, repo};
use crate::account::repo as account_rows;
use crate::caller::Caller;
use crate::error::{Error, Result};
use crate::ids::{InboxId, ReceiverId};
use crate::receiver::repo as receivers;
use crate::transaction::transact;

impl Inboxes {
    /// Takes an inbox out of service: from now on it is not found, its doors are closed, and what
    /// was on its way to its channel is given up. What it holds is erased afterwards, a batch at a
    /// time, by [`super::erase::erase_some`], also after a restart.
    ///
    /// # Errors
    /// [`crate::error::Denied::Policy`] for agents; [`Error::NotFound`].
    pub async fn delete(&self, caller: &Caller, inbox: InboxId) -> Result<()> {
        caller.require_administrator()?;
        let inbox = of(&self.kernel, caller.account_id(), inbox).await?;
        // The provider is told while the inbox's secrets can still be read.
        self.disconnect(inbox.id).await;
        let removed = transact!(self.kernel, |tx| {
            self.take_out(tx, caller, inbox.id).await
        })
        .await;
        if let Err(error) = removed {
            self.connect(inbox.id).await;
            return Err(error);
        }
        self.forget(&inbox);
        self.kernel.caches.identifiers.invalidate(&inbox.identifier);
        // Its own receiver is closed by now, which buries what is queued.
        self.kernel.dispatch().wake(inbox.receiver_id.as_slice());
        Ok(())
    }

    async fn take_out(
        &self,
        tx: &DatabaseTransaction,
        caller: &Caller,
        inbox: InboxId,
    ) -> Result<()> {
        let (account, now) = (caller.account_id(), self.kernel.now());
        let row = repo::lock(tx, account, inbox)
            .await?
            .ok_or(Error::NotFound)?;
        inbox_routes::Entity::delete_many()
            .filter(inbox_routes::Column::InboxId.eq(inbox.get()))
            .exec(tx)
            .await?;
        inbox_members::Entity::delete_many()
            .filter(inbox_members::Column::InboxId.eq(inbox.get()))
            .exec(tx)
            .await?;
        webhooks::Entity::update_many()
            .col_expr(webhooks::Column::InboxId, Expr::value(None::<i64>))
            .filter(webhooks::Column::AccountId.eq(account.get()))
            .filter(webhooks::Column::InboxId.eq(inbox.get()))
            .exec(tx)
            .await?;
        if let Some(id) = row.receiver_id.map(ReceiverId)
            && let Some(receiver) = receivers::find(tx, account, id).await?
        {
            receivers::remove(tx, receiver, now).await?;
        }
        let mut row: inboxes::ActiveModel = row.into();
        row.removed_at = Set(Some(now.0));
        row.updated_at = Set(now.0);
        row.update(tx).await?;
        account_rows::inboxes_changed(tx, account, now).await
    }

    /// Unregisters the inbox at its provider. That it could not be reached keeps nothing.
    async fn disconnect(&self, inbox: InboxId) {
        if let Some(runtime) = self.kernel.runtime()
            && let Err(error) = runtime.disconnect(inbox).await
        {
            tracing::warn!(%inbox, %error, "an inbox did not disconnect");
        }
    }
}

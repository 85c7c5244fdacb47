use gatewright_store::entity::{conversations, inbox_members};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use super::{ConversationFull, Conversations, repo};
use crate::caller::Caller;
use crate::error::Result;
use crate::ids::ContactId;

/// The contract shows no more (section 1.6).
const MOST: u64 = 20;

impl Conversations {
    /// The 20 conversations of a contact with the newest activity, of those in inboxes that the
    /// caller sees.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`] for an unknown contact.
    pub async fn of_contact(
        &self,
        caller: &Caller,
        contact: ContactId,
    ) -> Result<Vec<ConversationFull>> {
        let (conn, account) = (self.kernel.db.read(), caller.account_id());
        crate::contact::require(conn, account, contact).await?;
        let mut query = conversations::Entity::find()
            .select_only()
            .column(conversations::Column::Id)
            .filter(conversations::Column::AccountId.eq(account.get()))
            .filter(conversations::Column::ContactId.eq(contact.get()));
        if !caller.is_administrator() {
            let own = inbox_members::Entity::find()
                .select_only()
                .column(inbox_members::Column::InboxId)
                .filter(inbox_members::Column::UserId.eq(caller.user.id.get()))
                .into_query();
            query = query.filter(conversations::Column::InboxId.in_subquery(own));
        }
        let ids: Vec<i64> = query
            .order_by_desc(conversations::Column::LastActivityAt)
            .order_by_desc(conversations::Column::Id)
            .limit(MOST)
            .into_tuple()
            .all(conn)
            .await?;
        repo::full(&self.kernel, conn, account, &ids).await
    }
}

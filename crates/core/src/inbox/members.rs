use std::collections::BTreeSet;

use gatewright_store::entity::inbox_members;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter,
    QuerySelect,
};

use super::{Inboxes, repo, visible};
use crate::caller::Caller;
use crate::error::{Error, Result};
use crate::ids::{AccountId, InboxId, UserId};
use crate::model::User;
use crate::time::Timestamp;
use crate::transaction::transact;
use crate::user::{self, repo as users};

/// Rows in one statement: databases bound the parameters.
const CHUNK: usize = 500;

impl Inboxes {
    /// The members of an inbox, by id.
    ///
    /// # Errors
    /// As [`Self::show`].
    pub async fn members(&self, caller: &Caller, inbox: InboxId) -> Result<Vec<User>> {
        let inbox = visible(&self.kernel, caller, inbox).await?;
        users::of_inbox(self.kernel.db.read(), caller.account_id(), inbox.id).await
    }

    /// Makes users members of an inbox and answers all members; who is one already stays one.
    ///
    /// # Errors
    /// [`crate::error::Denied::Policy`] for agents; [`Error::NotFound`] without such an inbox;
    /// [`Error::Invalid`] `User must exist` for users outside the account.
    pub async fn add_members(
        &self,
        caller: &Caller,
        inbox: InboxId,
        wanted: &[UserId],
    ) -> Result<Vec<User>> {
        self.change_members(caller, inbox, |current| {
            let wanted = ids(wanted);
            Change {
                add: wanted.difference(current).copied().collect(),
                remove: Vec::new(),
            }
        })
        .await
    }

    /// Makes these users the members of an inbox, and nobody else.
    ///
    /// # Errors
    /// As [`Self::add_members`].
    pub async fn set_members(
        &self,
        caller: &Caller,
        inbox: InboxId,
        wanted: &[UserId],
    ) -> Result<Vec<User>> {
        self.change_members(caller, inbox, |current| {
            let wanted = ids(wanted);
            Change {
                add: wanted.difference(current).copied().collect(),
                remove: current.difference(&wanted).copied().collect(),
            }
        })
        .await
    }

    /// Takes users out of an inbox; who is no member is passed over.
    ///
    /// # Errors
    /// [`crate::error::Denied::Policy`] for agents; [`Error::NotFound`] without such an inbox.
    pub async fn remove_members(
        &self,
        caller: &Caller,
        inbox: InboxId,
        unwanted: &[UserId],
    ) -> Result<()> {
        let change = |current: &BTreeSet<i64>| Change {
            add: Vec::new(),
            remove: ids(unwanted).intersection(current).copied().collect(),
        };
        self.change_members(caller, inbox, change).await.map(drop)
    }

    async fn change_members(
        &self,
        caller: &Caller,
        inbox: InboxId,
        decide: impl Fn(&BTreeSet<i64>) -> Change + Sync,
    ) -> Result<Vec<User>> {
        caller.require_administrator()?;
        let (account, now) = (caller.account_id(), self.kernel.now());
        transact!(self.kernel, |tx| {
            repo::lock(tx, account, inbox)
                .await?
                .ok_or(Error::NotFound)?;
            let change = decide(&current(tx, inbox).await?);
            change.write(tx, account, inbox, now).await?;
            users::of_inbox(tx, account, inbox).await
        })
        .await
    }
}

fn ids(users: &[UserId]) -> BTreeSet<i64> {
    users.iter().map(|user| user.get()).collect()
}

async fn current(conn: &impl ConnectionTrait, inbox: InboxId) -> Result<BTreeSet<i64>> {
    let ids: Vec<i64> = inbox_members::Entity::find()
        .select_only()
        .column(inbox_members::Column::UserId)
        .filter(inbox_members::Column::InboxId.eq(inbox.get()))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(ids.into_iter().collect())
}

/// Who comes and who goes.
struct Change {
    add: Vec<i64>,
    remove: Vec<i64>,
}

impl Change {
    async fn write(
        &self,
        tx: &DatabaseTransaction,
        account: AccountId,
        inbox: InboxId,
        now: Timestamp,
    ) -> Result<()> {
        if !self.add.is_empty() {
            let known: BTreeSet<i64> = user::repo::ids_of_account(tx, account)
                .await?
                .into_iter()
                .collect();
            if self.add.iter().any(|user| !known.contains(user)) {
                return Err(Error::invalid("user", "must exist"));
            }
        }
        for chunk in self.add.chunks(CHUNK) {
            add(tx, inbox, chunk, now).await?;
        }
        for chunk in self.remove.chunks(CHUNK) {
            inbox_members::Entity::delete_many()
                .filter(inbox_members::Column::InboxId.eq(inbox.get()))
                .filter(inbox_members::Column::UserId.is_in(chunk.iter().copied()))
                .exec(tx)
                .await?;
        }
        Ok(())
    }
}

async fn add(
    tx: &DatabaseTransaction,
    inbox: InboxId,
    users: &[i64],
    now: Timestamp,
) -> Result<()> {
    let row = |user: &i64| inbox_members::ActiveModel {
        inbox_id: Set(inbox.get()),
        user_id: Set(*user),
        created_at: Set(now.0),
    };
    inbox_members::Entity::insert_many(users.iter().map(row))
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

//! Inboxes: connected accounts of channels (contract, section 4.4).

mod change;
pub mod erase;
pub(crate) mod hours;
mod members;
mod remove;
mod repo;
mod secrets;
#[cfg(test)]
mod tests;
mod write;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use sea_orm::ConnectionTrait;
use serde_json::Value;

use crate::caller::Caller;
use crate::error::{Denied, Error, Result};
use crate::ids::{AccountId, InboxId, ReceiverId};
use crate::kernel::Kernel;
use crate::model::Inbox;
use crate::receiver::repo as receivers;
use crate::transaction::transact;

pub use change::{InboxChange, PreferencesChange};

/// The inboxes.
#[derive(Clone)]
pub struct Inboxes {
    kernel: Arc<Kernel>,
}

/// An inbox that was just made.
#[derive(Debug, Clone)]
pub struct InboxCreated {
    /// The inbox.
    pub inbox: Arc<Inbox>,
    /// Key of the signatures on what goes to its channel, `whsec_...`; shown here only.
    pub signing_secret: String,
}

/// An inbox with everything that its channel needs to run.
#[derive(Debug, Clone)]
pub struct OpenInbox {
    /// The inbox.
    pub inbox: Arc<Inbox>,
    /// The channel's settings in full, secrets included, in the plugin's current shape.
    pub settings: Value,
    /// Keys of signatures, newest first: one, or two for 24 h after a rotation.
    pub signing_secrets: Vec<String>,
    /// The secret of its path, where its channel's routes carry one.
    pub path_token: String,
}

impl Inboxes {
    /// The inboxes of this gateway.
    pub fn new(kernel: Arc<Kernel>) -> Self {
        Self { kernel }
    }

    /// The inboxes that the caller sees, by id: all for administrators, its own for agents.
    ///
    /// # Errors
    /// Database errors.
    pub async fn list(&self, caller: &Caller) -> Result<Vec<Arc<Inbox>>> {
        let visible = self.visible_ids(caller).await?;
        let rows = repo::of_account(self.kernel.db.read(), caller.account_id()).await?;
        rows.into_iter()
            .filter(|row| {
                visible
                    .as_ref()
                    .is_none_or(|ids| ids.contains(&InboxId(row.id)))
            })
            .map(|row| repo::from_row(&self.kernel, row).map(Arc::new))
            .collect()
    }

    /// The ids of the inboxes that the caller sees; `None` = all of the account.
    ///
    /// # Errors
    /// Database errors.
    pub async fn visible_ids(&self, caller: &Caller) -> Result<Option<Vec<InboxId>>> {
        if caller.is_administrator() {
            return Ok(None);
        }
        let conn = self.kernel.db.read();
        repo::ids_of_member(conn, caller.account_id(), caller.user.id)
            .await
            .map(Some)
    }

    /// One inbox that the caller sees.
    ///
    /// # Errors
    /// [`Error::NotFound`] without such an inbox in the caller's account; [`Denied::Policy`] for an
    /// agent who is not its member.
    pub async fn show(&self, caller: &Caller, inbox: InboxId) -> Result<Arc<Inbox>> {
        visible(&self.kernel, caller, inbox).await
    }

    /// Makes an inbox. `channel` holds `type`, the id of a channel, beside the channel's settings.
    ///
    /// # Errors
    /// [`Denied::Policy`] for agents; [`Error::Invalid`] naming the attributes.
    pub async fn create(&self, caller: &Caller, create: InboxChange) -> Result<InboxCreated> {
        caller.require_administrator()?;
        let kernel = &self.kernel;
        let draft = write::Draft::new(kernel, &create)?;
        let (inbox, signing_secret, recorded) =
            transact!(kernel, |tx| draft.insert(kernel, tx, caller).await).await?;
        self.forget(&inbox);
        recorded.publish(kernel);
        self.connect(inbox.id).await;
        Ok(InboxCreated {
            inbox: Arc::new(inbox),
            signing_secret,
        })
    }

    /// Changes an inbox; what is absent stays, also within `channel`.
    ///
    /// # Errors
    /// As [`Self::create`], and [`Error::NotFound`].
    pub async fn update(
        &self,
        caller: &Caller,
        inbox: InboxId,
        change: InboxChange,
    ) -> Result<Arc<Inbox>> {
        caller.require_administrator()?;
        let kernel = &self.kernel;
        let (inbox, reopen, recorded) = transact!(kernel, |tx| write::update(
            kernel, tx, caller, inbox, &change
        )
        .await)
        .await?;
        self.forget(&inbox);
        recorded.publish(kernel);
        if reopen {
            self.connect(inbox.id).await;
            // What waited for the earlier target may be deliverable now.
            kernel.dispatch().wake(inbox.receiver_id.as_slice());
        }
        Ok(Arc::new(inbox))
    }

    /// Mints a new signing secret, shown here only. What goes out is signed with both for 24 h.
    ///
    /// # Errors
    /// [`Denied::Policy`] for agents; [`Error::NotFound`].
    pub async fn rotate_signing_secret(&self, caller: &Caller, inbox: InboxId) -> Result<String> {
        caller.require_administrator()?;
        let (kernel, account) = (&self.kernel, caller.account_id());
        let (secret, receiver) = transact!(kernel, |tx| {
            let row = repo::lock(tx, account, inbox)
                .await?
                .ok_or(Error::NotFound)?;
            let id = row.receiver_id.map(ReceiverId).ok_or(Error::NotFound)?;
            let receiver = receivers::find(tx, account, id).await?;
            let receiver = receiver.ok_or(Error::NotFound)?;
            Ok((receivers::rotate(kernel, tx, receiver).await?, id))
        })
        .await?;
        kernel.caches.inboxes.invalidate(&inbox);
        kernel.caches.targets.invalidate(&receiver);
        Ok(secret)
    }

    /// An inbox of an account, from the cache where possible.
    ///
    /// # Errors
    /// [`Error::NotFound`] without such an inbox in the account.
    pub async fn get(&self, account: AccountId, inbox: InboxId) -> Result<Arc<Inbox>> {
        of(&self.kernel, account, inbox).await
    }

    /// The inbox with this public identifier, whose channel serves public clients.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn by_identifier(&self, identifier: &str) -> Result<Arc<Inbox>> {
        let inbox = by_identifier(&self.kernel, identifier).await?;
        let descriptor = self.kernel.registry.descriptor(&inbox.channel);
        let public = descriptor.is_some_and(|descriptor| descriptor.public_client.is_some());
        if public {
            Ok(inbox)
        } else {
            Err(Error::NotFound)
        }
    }

    /// The inbox with its secrets, for the channel host; `None` when it is gone or its channel is
    /// not built in.
    ///
    /// # Errors
    /// Database errors; secrets that do not open.
    pub async fn open_for_host(&self, inbox: InboxId) -> Result<Option<OpenInbox>> {
        let (kernel, conn) = (&self.kernel, self.kernel.db.read());
        let Some(row) = repo::any_account(conn, inbox).await? else {
            return Ok(None);
        };
        let Some(plugin) = kernel.registry.get(&row.channel) else {
            return Ok(None);
        };
        let account = AccountId(row.account_id);
        let settings = write::full_settings(kernel, plugin.as_ref(), &row)?;
        let receiver = match row.receiver_id {
            Some(id) => receivers::find(conn, account, ReceiverId(id)).await?,
            None => None,
        };
        let signing_secrets = match &receiver {
            Some(receiver) => receivers::signing_secrets(kernel, receiver)?,
            None => Vec::new(),
        };
        let path_token = row.path_token.clone();
        let inbox = Arc::new(repo::from_row(kernel, row)?);
        Ok(Some(OpenInbox {
            inbox,
            settings,
            signing_secrets,
            path_token,
        }))
    }

    /// The inbox that a channel's routing key names, by [`crate::cipher::sha256_hex`] of the key.
    ///
    /// # Errors
    /// Database errors.
    pub async fn route(&self, channel: &str, key_hash: &str) -> Result<Option<InboxId>> {
        repo::route(self.kernel.db.read(), channel, key_hash).await
    }

    fn forget(&self, inbox: &Inbox) {
        self.kernel.caches.inboxes.invalidate(&inbox.id);
        self.kernel.caches.receivers.invalidate(&inbox.account_id);
        if let Some(receiver) = &inbox.receiver_id {
            self.kernel.caches.targets.invalidate(receiver);
        }
    }

    /// Registers the inbox at its provider. That it could not be reached now undoes nothing: the
    /// host tries again.
    async fn connect(&self, inbox: InboxId) {
        if let Some(runtime) = self.kernel.runtime()
            && let Err(error) = runtime.connect(inbox).await
        {
            tracing::warn!(%inbox, %error, "an inbox did not connect");
        }
    }
}

/// An inbox of an account, from the cache where possible.
///
/// # Errors
/// [`Error::NotFound`] without such an inbox in the account.
pub(crate) async fn of(kernel: &Kernel, account: AccountId, id: InboxId) -> Result<Arc<Inbox>> {
    of_in(kernel, kernel.db.read(), account, id).await
}

/// The same, read through a connection that is held already: a second one, waited for inside a
/// transaction, may never come.
///
/// # Errors
/// As [`of`].
pub(crate) async fn of_in(
    kernel: &Kernel,
    conn: &impl ConnectionTrait,
    account: AccountId,
    id: InboxId,
) -> Result<Arc<Inbox>> {
    let inbox = cached(kernel, conn, id).await?;
    if inbox.account_id == account {
        Ok(inbox)
    } else {
        Err(Error::NotFound)
    }
}

/// Those of these inboxes that the account has, from the cache where possible: one query at most,
/// however many they are.
///
/// # Errors
/// Database errors.
pub(crate) async fn many(
    kernel: &Kernel,
    conn: &impl ConnectionTrait,
    account: AccountId,
    ids: &BTreeSet<InboxId>,
) -> Result<HashMap<InboxId, Arc<Inbox>>> {
    let cache = &kernel.caches.inboxes;
    let mut found = HashMap::new();
    let mut unknown = Vec::new();
    for id in ids {
        match cache.get(id) {
            Some(inbox) => drop(found.insert(*id, inbox)),
            None => unknown.push(*id),
        }
    }
    for row in repo::by_ids(conn, account, &unknown).await? {
        let inbox = Arc::new(repo::from_row(kernel, row)?);
        cache.insert(inbox.id, Arc::clone(&inbox));
        found.insert(inbox.id, inbox);
    }
    found.retain(|_, inbox| inbox.account_id == account);
    Ok(found)
}

/// An inbox that the caller sees.
///
/// # Errors
/// As [`Inboxes::show`].
pub(crate) async fn visible(kernel: &Kernel, caller: &Caller, id: InboxId) -> Result<Arc<Inbox>> {
    let inbox = of(kernel, caller.account_id(), id).await?;
    let conn = kernel.db.read();
    if caller.is_administrator()
        || crate::conversation::repo::is_member(conn, id, caller.user.id).await?
    {
        Ok(inbox)
    } else {
        Err(Error::Denied(Denied::Policy))
    }
}

/// The inbox with this public identifier.
///
/// # Errors
/// [`Error::NotFound`].
pub(crate) async fn by_identifier(kernel: &Kernel, identifier: &str) -> Result<Arc<Inbox>> {
    if let Some(id) = kernel.caches.identifiers.get(identifier) {
        return cached(kernel, kernel.db.read(), id).await;
    }
    let found = repo::id_of_identifier(kernel.db.read(), identifier).await?;
    let id = found.ok_or(Error::NotFound)?;
    kernel.caches.identifiers.insert(identifier.to_owned(), id);
    cached(kernel, kernel.db.read(), id).await
}

async fn cached(kernel: &Kernel, conn: &impl ConnectionTrait, id: InboxId) -> Result<Arc<Inbox>> {
    if let Some(inbox) = kernel.caches.inboxes.get(&id) {
        return Ok(inbox);
    }
    let row = repo::any_account(conn, id).await?.ok_or(Error::NotFound)?;
    let inbox = Arc::new(repo::from_row(kernel, row)?);
    kernel.caches.inboxes.insert(id, Arc::clone(&inbox));
    Ok(inbox)
}

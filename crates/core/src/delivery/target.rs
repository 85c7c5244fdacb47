use std::sync::Arc;

use gatewright_store::entity::{inboxes, receivers};
use sea_orm::EntityTrait;

use super::Ledger;
use crate::channel::Outbound;
use crate::error::Result;
use crate::ids::{AccountId, InboxId, ReceiverId};
use crate::kernel::Kernel;
use crate::receiver::{ReceiverKind, ReceiverState};
use crate::time::Timestamp;

/// Under which context the signing secrets of receivers are sealed.
pub const SECRET_CONTEXT: &str = "receiver.secret";

/// Where a receiver is, and how it is spoken to.
#[derive(Clone)]
pub struct Target {
    /// The receiver.
    pub id: ReceiverId,
    /// Its account.
    pub account_id: AccountId,
    /// What kind it is.
    pub kind: ReceiverKind,
    /// Whether it is served.
    pub state: ReceiverState,
    /// Where to post; absent for channels that know it themselves.
    pub url: Option<String>,
    /// The inbox whose channel it is.
    pub inbox_id: Option<InboxId>,
    /// Whether it takes messages instead of events.
    pub message_shaped: bool,
    /// Whether the same delivery may be sent twice.
    pub idempotent: bool,
    secret: String,
    previous: Option<(String, Timestamp)>,
}

impl Target {
    /// The signing secrets that count at a time, the newest first.
    pub fn secrets(&self, now: Timestamp) -> Vec<&str> {
        let previous = self.previous.as_ref().filter(|(_, until)| now < *until);
        std::iter::once(self.secret.as_str())
            .chain(previous.map(|(secret, _)| secret.as_str()))
            .collect()
    }
}

impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Target")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

impl Ledger {
    /// Where a receiver is; believed for as long as the kernel's caches are. None when it is gone.
    ///
    /// # Errors
    /// Database errors, and secrets that do not open with this master key.
    pub async fn target(&self, id: ReceiverId) -> Result<Option<Arc<Target>>> {
        if let Some(target) = self.kernel.caches.targets.get(&id) {
            return Ok(Some(target));
        }
        let Some(target) = load(&self.kernel, id).await? else {
            return Ok(None);
        };
        let target = Arc::new(target);
        self.kernel.caches.targets.insert(id, Arc::clone(&target));
        Ok(Some(target))
    }

    /// Forgets where a receiver is, because it changed.
    pub fn forget(&self, id: ReceiverId) {
        self.kernel.caches.targets.invalidate(&id);
    }
}

async fn load(kernel: &Kernel, id: ReceiverId) -> Result<Option<Target>> {
    let conn = kernel.db.read();
    let Some(row) = receivers::Entity::find_by_id(id.get()).one(conn).await? else {
        return Ok(None);
    };
    let kind = ReceiverKind::from_code(row.kind).unwrap_or(ReceiverKind::Webhook);
    let inbox = match row.inbox_id.filter(|_| kind == ReceiverKind::Channel) {
        Some(inbox_id) => inboxes::Entity::find_by_id(inbox_id).one(conn).await?,
        None => None,
    };
    let descriptor = inbox.and_then(|inbox| kernel.registry.descriptor(&inbox.channel));
    let previous = match (row.previous_secret_sealed, row.previous_secret_until) {
        (Some(sealed), Some(until)) => Some((
            kernel.cipher.open(SECRET_CONTEXT, &sealed)?,
            Timestamp(until),
        )),
        _ => None,
    };
    Ok(Some(Target {
        id,
        account_id: AccountId(row.account_id),
        kind,
        state: ReceiverState::from_code(row.state).unwrap_or(ReceiverState::Removed),
        url: row.url,
        inbox_id: row.inbox_id.map(InboxId),
        message_shaped: descriptor.is_some_and(|d| d.outbound == Outbound::Messages),
        // A channel that is not built in sends nothing, so nothing can be sent twice.
        idempotent: descriptor.is_none_or(|d| d.idempotent_send),
        secret: kernel.cipher.open(SECRET_CONTEXT, &row.secret_sealed)?,
        previous,
    }))
}

use std::sync::Arc;

use super::{DeliveryFilter, DeliveryRecord, DeliveryWithAttempts, Trace, record, trace};
use crate::caller::Caller;
use crate::error::{Error, Result};
use crate::ids::{DeliveryId, MessageId};
use crate::kernel::Kernel;

/// What administrators see of deliveries, and what they can do about them.
#[derive(Clone)]
pub struct Deliveries {
    pub(super) kernel: Arc<Kernel>,
}

impl Deliveries {
    /// The service.
    pub fn new(kernel: Arc<Kernel>) -> Self {
        Self { kernel }
    }

    /// The deliveries that match, the newest first; the next page begins before the last id.
    ///
    /// # Errors
    /// [`crate::error::Denied::Policy`] for everybody but administrators.
    pub async fn list(
        &self,
        caller: &Caller,
        filter: &DeliveryFilter,
    ) -> Result<Vec<DeliveryRecord>> {
        caller.require_administrator()?;
        record::list(self.kernel.db.read(), caller.account_id(), filter).await
    }

    /// A delivery with its failed attempts.
    ///
    /// # Errors
    /// [`Error::NotFound`], also for deliveries of other accounts.
    pub async fn show(&self, caller: &Caller, id: DeliveryId) -> Result<DeliveryWithAttempts> {
        caller.require_administrator()?;
        let conn = self.kernel.db.read();
        let found = record::find(conn, caller.account_id(), id).await?;
        let delivery = found.ok_or(Error::NotFound)?;
        let attempts = record::attempts_of(conn, id).await?;
        Ok(DeliveryWithAttempts { delivery, attempts })
    }

    /// Every hop of a message: how it was stored, what was told of it, to whom, and how that went.
    ///
    /// # Errors
    /// [`Error::NotFound`], also for messages of other accounts.
    pub async fn trace(&self, caller: &Caller, message_id: MessageId) -> Result<Trace> {
        caller.require_administrator()?;
        trace::of(self.kernel.db.read(), caller.account_id(), message_id).await
    }
}

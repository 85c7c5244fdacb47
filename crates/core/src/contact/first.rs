use gatewright_channel::ContactRef;
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use crate::error::{Error, Result};
use crate::kernel::Kernel;
use crate::model::{Contact, ContactInbox, Inbox};

/// A contact and its presence, found or made. Both rows are locked until the transaction ends.
#[derive(Debug, Clone)]
pub struct FirstContact {
    /// The contact.
    pub contact: Contact,
    /// Its presence in the inbox.
    pub contact_inbox: ContactInbox,
    /// Whether the contact was made; then `contact_created` is to be recorded.
    pub contact_created: bool,
    /// Whether the presence was made.
    pub contact_inbox_created: bool,
}

/// Finds or makes the contact that `reference` names, and its presence in the inbox, and locks
/// both. Known contacts are not changed. Safe against others who do the same: of all, one makes
/// them. The caller retries the whole transaction on a serialization failure.
///
/// # Errors
/// [`Error::Unprocessable`] naming the fields, when the reference is empty, malformed, or names
/// two contacts; [`Error::NotFound`] for an unknown `id`.
pub async fn find_or_create(
    kernel: &Kernel,
    tx: &DatabaseTransaction,
    inbox: &Inbox,
    reference: &ContactRef,
) -> Result<FirstContact> {
    let _ = (kernel, tx, inbox, reference);
    Err(Error::internal("not written"))
}

/// The contact that `reference` names and its presence in the inbox, if both exist. Locks nothing.
///
/// # Errors
/// As [`find_or_create`].
pub async fn lookup(
    conn: &impl ConnectionTrait,
    inbox: &Inbox,
    reference: &ContactRef,
) -> Result<Option<(Contact, ContactInbox)>> {
    let _ = (conn, inbox, reference);
    Err(Error::internal("not written"))
}

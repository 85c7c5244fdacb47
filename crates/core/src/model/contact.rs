use serde::{Deserialize, Serialize};

use crate::attributes::Attributes;
use crate::ids::{AccountId, ContactId, ContactInboxId, InboxId};
use crate::time::Timestamp;

coded! {
    /// How much is known of a contact.
    ContactKind {
        /// Nothing to reach it by.
        Visitor = 0 "visitor",
        /// An email, phone number or social profile.
        Lead = 1 "lead",
        /// Made one by a person.
        Customer = 2 "customer",
    }
}

/// A person who writes to the account. It stands whole in event snapshots.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contact {
    /// Its id.
    pub id: ContactId,
    /// Its account.
    pub account_id: AccountId,
    /// Name; may be empty.
    pub name: String,
    /// Address in lower case, unique per account.
    pub email: Option<String>,
    /// E.164, unique per account.
    pub phone_number: Option<String>,
    /// The caller's own id, unique per account.
    pub identifier: Option<String>,
    /// Whether its messages reopen nothing.
    pub blocked: bool,
    /// How much is known of it.
    pub kind: ContactKind,
    /// System facts.
    pub additional_attributes: Attributes,
    /// The account's own attributes.
    pub custom_attributes: Attributes,
    /// When it last wrote.
    pub last_activity_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A contact's presence in one inbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactInbox {
    /// Its id.
    pub id: ContactInboxId,
    /// The contact.
    pub contact_id: ContactId,
    /// The inbox.
    pub inbox_id: InboxId,
    /// The contact's id there, unique per inbox.
    pub source_id: String,
    /// Whether the contact proved its identity.
    pub hmac_verified: bool,
    /// Credential of the contact's live stream.
    pub pubsub_token: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

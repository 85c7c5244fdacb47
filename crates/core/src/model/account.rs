use serde::{Deserialize, Serialize};

use crate::attributes::Attributes;
use crate::ids::{AccountId, UserId};
use crate::time::Timestamp;

coded! {
    /// Whether an account is in use.
    AccountStatus {
        /// In use.
        Active = 0 "active",
        /// Refused at every door.
        Suspended = 1 "suspended",
    }
}

coded! {
    /// What a user may do in an account.
    Role {
        /// Answers conversations of the inboxes it is a member of.
        Agent = 0 "agent",
        /// May do everything in the account.
        Administrator = 1 "administrator",
    }
}

/// A tenant.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Its name.
    pub name: String,
    /// Language of system texts, for example `en`.
    pub locale: String,
    /// Whether it is in use.
    pub status: AccountStatus,
    /// When it was made.
    pub created_at: Timestamp,
}

/// An account as webhook bodies name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountRef {
    /// Its id.
    pub id: AccountId,
    /// Its name at the time.
    pub name: String,
}

/// A person who works in accounts.
#[derive(Debug, Clone, PartialEq)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// Its name.
    pub name: String,
    /// Name shown to contacts; the name when absent.
    pub display_name: Option<String>,
    /// Its address, in lower case.
    pub email: String,
    /// Whether the address is confirmed.
    pub confirmed: bool,
    /// Credential of its live stream.
    pub pubsub_token: String,
    /// Text under its messages.
    pub message_signature: Option<String>,
    /// Settings of its screens, kept for it.
    pub ui_settings: Attributes,
    /// Its own attributes.
    pub custom_attributes: Attributes,
    /// Its accounts, most recently active first.
    pub memberships: Vec<Membership>,
}

impl User {
    /// The name shown to contacts.
    pub fn available_name(&self) -> &str {
        self.display_name
            .as_deref()
            .filter(|name| !name.is_empty())
            .unwrap_or(&self.name)
    }

    /// The user as messages and events name it.
    pub fn to_ref(&self) -> UserRef {
        UserRef {
            id: self.id,
            name: self.name.clone(),
            available_name: self.available_name().to_owned(),
            email: self.email.clone(),
        }
    }
}

/// A user's place in one account.
#[derive(Debug, Clone, PartialEq)]
pub struct Membership {
    /// The account.
    pub account_id: AccountId,
    /// The account's name.
    pub account_name: String,
    /// Whether the account is in use.
    pub account_status: AccountStatus,
    /// What the user may do there.
    pub role: Role,
    /// Who added it.
    pub inviter_id: Option<UserId>,
    /// `online`, `offline` or `busy`.
    pub availability: &'static str,
    /// Whether it shows offline without a live stream.
    pub auto_offline: bool,
    /// When it last worked there.
    pub active_at: Option<Timestamp>,
}

/// A user as messages and events name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserRef {
    /// Its id.
    pub id: UserId,
    /// Its name at the time.
    pub name: String,
    /// The name shown to contacts.
    pub available_name: String,
    /// Its address.
    pub email: String,
}

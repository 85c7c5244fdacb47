use std::borrow::Cow;

use serde::Serialize;

use super::contact::ContactHook;
use super::form::{Keep, copy, lend};
use crate::attributes::Attributes;
use crate::ids::{AccountId, UserId};
use crate::model::{AccountStatus, Membership, Role, User, UserRef};
use crate::time::Timestamp;

/// A user in one account (contract, section 3: `S.Agent`).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = Agent))]
pub struct AgentView {
    /// Its id.
    pub id: i64,
    /// The account.
    pub account_id: i64,
    /// `online`, `busy` or `offline`.
    pub availability_status: &'static str,
    /// Whether it shows offline without a live stream.
    pub auto_offline: bool,
    /// Whether its address is confirmed.
    pub confirmed: bool,
    /// Its address.
    pub email: String,
    /// How it signs in; always `email`.
    pub provider: &'static str,
    /// The name shown to contacts.
    pub available_name: String,
    /// Its own attributes; left out when there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub custom_attributes: Option<Attributes>,
    /// Its name.
    pub name: String,
    /// What it may do in the account.
    pub role: Role,
    /// Link to its picture; empty when it has none.
    pub thumbnail: &'static str,
}

impl AgentView {
    /// The view of a user in one of its accounts; `None` when it is not in that one.
    pub fn in_account(user: &User, account: AccountId) -> Option<Self> {
        let mut memberships = user.memberships.iter();
        let membership = memberships.find(|membership| membership.account_id == account)?;
        Some(Self::new(user, membership))
    }

    /// The view of a user in the account of `membership`.
    pub fn new(user: &User, membership: &Membership) -> Self {
        Self {
            id: user.id.get(),
            account_id: membership.account_id.get(),
            availability_status: availability_status(membership),
            auto_offline: membership.auto_offline,
            confirmed: user.confirmed,
            email: user.email.clone(),
            provider: "email",
            available_name: user.available_name().to_owned(),
            custom_attributes: present(&user.custom_attributes),
            name: user.name.clone(),
            role: membership.role,
            thumbnail: "",
        }
    }
}

/// A user's own profile (contract, section 3: `S.User`).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = User))]
pub struct UserView {
    /// Its access token.
    pub access_token: String,
    /// The account it was most recently active in.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub account_id: Option<i64>,
    /// The name shown to contacts.
    pub available_name: String,
    /// Link to its picture; empty when it has none.
    pub avatar_url: &'static str,
    /// Whether its address is confirmed.
    pub confirmed: bool,
    /// The name shown to contacts, where it chose one.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub display_name: Option<String>,
    /// Text under its messages.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub message_signature: Option<String>,
    /// Its address.
    pub email: String,
    /// Its id.
    pub id: i64,
    /// Who added it to that account.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub inviter_id: Option<i64>,
    /// Its name.
    pub name: String,
    /// How it signs in; always `email`.
    pub provider: &'static str,
    /// Credential of its live stream.
    pub pubsub_token: String,
    /// Its own attributes; left out when there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub custom_attributes: Option<Attributes>,
    /// What it may do in that account.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub role: Option<Role>,
    /// Settings of its screens, kept for it.
    pub ui_settings: Attributes,
    /// Its address.
    pub uid: String,
    /// Always null.
    #[serde(rename = "type")]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub kind: Option<&'static str>,
    /// Its accounts, most recently active first.
    pub accounts: Vec<UserAccount>,
}

impl UserView {
    /// The profile of a user who owns `access_token`.
    pub fn new(user: &User, access_token: String) -> Self {
        let current = user.memberships.first();
        Self {
            access_token,
            account_id: current.map(|membership| membership.account_id.get()),
            available_name: user.available_name().to_owned(),
            avatar_url: "",
            confirmed: user.confirmed,
            display_name: user.display_name.clone(),
            message_signature: user.message_signature.clone(),
            email: user.email.clone(),
            id: user.id.get(),
            inviter_id: current.and_then(|m| m.inviter_id).map(UserId::get),
            name: user.name.clone(),
            provider: "email",
            pubsub_token: user.pubsub_token.clone(),
            custom_attributes: present(&user.custom_attributes),
            role: current.map(|membership| membership.role),
            ui_settings: user.ui_settings.clone(),
            uid: user.email.clone(),
            kind: None,
            accounts: user.memberships.iter().map(UserAccount::new).collect(),
        }
    }
}

/// An account in a user's profile.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserAccount {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Whether it is in use.
    pub status: AccountStatus,
    /// When the user last worked there, ISO 8601 with milliseconds.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub active_at: Option<String>,
    /// What the user may do there.
    pub role: Role,
    /// The same as a list.
    pub permissions: [Role; 1],
    /// What the user chose to show: `online`, `busy` or `offline`.
    pub availability: &'static str,
    /// What others see.
    pub availability_status: &'static str,
    /// Whether it shows offline without a live stream.
    pub auto_offline: bool,
}

impl UserAccount {
    fn new(membership: &Membership) -> Self {
        Self {
            id: membership.account_id.get(),
            name: membership.account_name.clone(),
            status: membership.account_status,
            active_at: membership.active_at.map(Timestamp::iso),
            role: membership.role,
            permissions: [membership.role],
            availability: membership.availability,
            availability_status: availability_status(membership),
            auto_offline: membership.auto_offline,
        }
    }
}

/// A user in live streams and beside messages (contract, section 3: `S.UserPush`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserPush<'a> {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: Cow<'a, str>,
    /// The name shown to contacts.
    pub available_name: Cow<'a, str>,
    /// Link to its picture; empty when it has none.
    pub avatar_url: &'static str,
    /// Always `user`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// `online`, `busy` or `offline`; null where presence is not known.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub availability_status: Option<&'static str>,
    /// Link to its picture; empty when it has none.
    pub thumbnail: &'static str,
}

impl<'a> UserPush<'a> {
    /// The form that borrows from the user.
    pub fn new(user: &'a UserRef) -> Self {
        Self::build(user, lend)
    }

    pub(super) fn build<'m>(user: &'m UserRef, keep: Keep<'m, 'a>) -> Self {
        Self {
            id: user.id.get(),
            name: keep(&user.name),
            available_name: keep(&user.available_name),
            avatar_url: "",
            kind: "user",
            availability_status: None,
            thumbnail: "",
        }
    }
}

impl UserPush<'static> {
    /// The form that stands alone.
    pub fn owned(user: &UserRef) -> Self {
        Self::build(user, copy)
    }
}

/// A user in webhooks (contract, section 3: `S.UserHook`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserHook<'a> {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: &'a str,
    /// Its address.
    pub email: &'a str,
    /// Always `user`.
    #[serde(rename = "type")]
    pub kind: &'static str,
}

impl<'a> UserHook<'a> {
    /// The form of a user.
    pub fn new(user: &'a UserRef) -> Self {
        Self {
            id: user.id.get(),
            name: &user.name,
            email: &user.email,
            kind: "user",
        }
    }
}

/// Who wrote or types, in webhooks.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum HookSender<'a> {
    /// A user.
    User(UserHook<'a>),
    /// The conversation's contact.
    Contact(ContactHook<'a>),
}

/// What others see of a user's presence. Without a live stream who shows offline then, is offline.
fn availability_status(membership: &Membership) -> &'static str {
    if membership.auto_offline {
        "offline"
    } else {
        membership.availability
    }
}

fn present(attributes: &Attributes) -> Option<Attributes> {
    (!attributes.is_empty()).then(|| attributes.clone())
}

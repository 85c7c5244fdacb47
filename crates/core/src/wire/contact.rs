use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value;

use super::form::{Keep, copy, lend};
use super::inbox::InboxSlim;
use crate::attributes::Attributes;
use crate::model::{AccountRef, Contact, ContactKind, InboxRef};
use crate::time::Timestamp;

/// A contact as REST answers it (contract, section 3: `S.Contact`).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = Contact))]
pub struct ContactView {
    /// System facts.
    pub additional_attributes: Attributes,
    /// `online` or `offline`.
    pub availability_status: &'static str,
    /// Address in lower case, unique per account.
    #[cfg_attr(feature = "openapi", schema(required, example = "ana@example.test"))]
    pub email: Option<String>,
    /// Its id.
    pub id: i64,
    /// Name; may be empty.
    #[cfg_attr(feature = "openapi", schema(example = "Ana"))]
    pub name: String,
    /// E.164, unique per account.
    #[cfg_attr(feature = "openapi", schema(required, example = "+4912345678"))]
    pub phone_number: Option<String>,
    /// Whether its messages reopen nothing.
    pub blocked: bool,
    /// The caller's own id, unique per account.
    #[cfg_attr(feature = "openapi", schema(required, example = "crm-42"))]
    pub identifier: Option<String>,
    /// Link to its picture; empty when it has none.
    pub thumbnail: &'static str,
    /// The account's own attributes.
    pub custom_attributes: Attributes,
    /// When it last wrote, in Unix seconds; left out when never.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub last_activity_at: Option<i64>,
    /// When it was made, in Unix seconds.
    pub created_at: i64,
    /// Its presences in inboxes, where they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub contact_inboxes: Option<Vec<ContactInboxView>>,
}

impl ContactView {
    /// The view of a contact; without `contact_inboxes` that key is left out.
    pub fn new(contact: &Contact, contact_inboxes: Option<Vec<ContactInboxView>>) -> Self {
        Self {
            additional_attributes: contact.additional_attributes.clone(),
            availability_status: "offline",
            email: contact.email.clone(),
            id: contact.id.get(),
            name: contact.name.clone(),
            phone_number: contact.phone_number.clone(),
            blocked: contact.blocked,
            identifier: contact.identifier.clone(),
            thumbnail: "",
            custom_attributes: contact.custom_attributes.clone(),
            last_activity_at: contact.last_activity_at.map(Timestamp::unix),
            created_at: contact.created_at.unix(),
            contact_inboxes,
        }
    }
}

/// A contact's presence in one inbox, as contacts list it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = ContactInbox))]
pub struct ContactInboxView {
    /// The contact's id in the inbox.
    #[cfg_attr(feature = "openapi", schema(example = "crm-42"))]
    pub source_id: String,
    /// The inbox.
    pub inbox: InboxSlim,
}

/// A contact in live streams and beside messages (contract, section 3: `S.ContactPush`).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ContactPush<'a> {
    /// System facts.
    pub additional_attributes: Attributes,
    /// The account's own attributes.
    pub custom_attributes: Attributes,
    /// Address in lower case.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub email: Option<Cow<'a, str>>,
    /// Its id.
    pub id: i64,
    /// The caller's own id.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub identifier: Option<Cow<'a, str>>,
    /// Name; may be empty.
    pub name: Cow<'a, str>,
    /// E.164.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub phone_number: Option<Cow<'a, str>>,
    /// Link to its picture; empty when it has none.
    pub thumbnail: &'static str,
    /// Whether its messages reopen nothing.
    pub blocked: bool,
    /// Always `contact`.
    #[serde(rename = "type")]
    pub kind: &'static str,
}

impl<'a> ContactPush<'a> {
    /// The form that borrows from the contact.
    pub fn new(contact: &'a Contact) -> Self {
        Self::build(contact, lend)
    }

    pub(super) fn build<'m>(contact: &'m Contact, keep: Keep<'m, 'a>) -> Self {
        Self {
            additional_attributes: contact.additional_attributes.clone(),
            custom_attributes: contact.custom_attributes.clone(),
            email: contact.email.as_deref().map(keep),
            id: contact.id.get(),
            identifier: contact.identifier.as_deref().map(keep),
            name: keep(&contact.name),
            phone_number: contact.phone_number.as_deref().map(keep),
            thumbnail: "",
            blocked: contact.blocked,
            kind: "contact",
        }
    }
}

impl ContactPush<'static> {
    /// The form that stands alone.
    pub fn owned(contact: &Contact) -> Self {
        Self::build(contact, copy)
    }
}

/// A contact in webhooks (contract, section 3: `S.ContactHook`).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ContactHook<'a> {
    /// Its account.
    pub account: NamedRef<'a>,
    /// System facts.
    pub additional_attributes: &'a Attributes,
    /// Link to its picture; empty when it has none.
    pub avatar: &'static str,
    /// The account's own attributes.
    pub custom_attributes: &'a Attributes,
    /// Address in lower case.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub email: Option<&'a str>,
    /// Its id.
    pub id: i64,
    /// The caller's own id.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub identifier: Option<&'a str>,
    /// Name; may be empty.
    pub name: &'a str,
    /// E.164.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub phone_number: Option<&'a str>,
    /// Link to its picture; empty when it has none.
    pub thumbnail: &'static str,
    /// Whether its messages reopen nothing.
    pub blocked: bool,
}

impl<'a> ContactHook<'a> {
    /// The form of a contact of `account`.
    pub fn new(contact: &'a Contact, account: &'a AccountRef) -> Self {
        Self {
            account: account.into(),
            additional_attributes: &contact.additional_attributes,
            avatar: "",
            custom_attributes: &contact.custom_attributes,
            email: contact.email.as_deref(),
            id: contact.id.get(),
            identifier: contact.identifier.as_deref(),
            name: &contact.name,
            phone_number: contact.phone_number.as_deref(),
            thumbnail: "",
            blocked: contact.blocked,
        }
    }
}

/// A contact with all its columns, as the public client API shows it (contract, section 5).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ContactRecord {
    /// Its id.
    pub id: i64,
    /// Name; may be empty.
    pub name: String,
    /// Address in lower case.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub email: Option<String>,
    /// E.164.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub phone_number: Option<String>,
    /// Its account.
    pub account_id: i64,
    /// When it was made, ISO 8601 with milliseconds.
    pub created_at: String,
    /// When it last changed, ISO 8601 with milliseconds.
    pub updated_at: String,
    /// System facts.
    pub additional_attributes: Attributes,
    /// The caller's own id.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub identifier: Option<String>,
    /// The account's own attributes.
    pub custom_attributes: Attributes,
    /// When it last wrote, ISO 8601 with milliseconds.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub last_activity_at: Option<String>,
    /// How much is known of it.
    pub contact_type: ContactKind,
    /// Always empty.
    pub middle_name: &'static str,
    /// Always empty.
    pub last_name: &'static str,
    /// The `city` of its system facts.
    pub location: String,
    /// The `country` of its system facts.
    pub country_code: String,
    /// Whether its messages reopen nothing.
    pub blocked: bool,
    /// Always null.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub company_id: Option<i64>,
}

impl ContactRecord {
    /// All columns of a contact.
    pub fn new(contact: &Contact) -> Self {
        let facts = contact.additional_attributes.to_map();
        let fact = |name| facts.get(name).and_then(Value::as_str).unwrap_or_default();
        Self {
            id: contact.id.get(),
            name: contact.name.clone(),
            email: contact.email.clone(),
            phone_number: contact.phone_number.clone(),
            account_id: contact.account_id.get(),
            created_at: contact.created_at.iso(),
            updated_at: contact.updated_at.iso(),
            additional_attributes: contact.additional_attributes.clone(),
            identifier: contact.identifier.clone(),
            custom_attributes: contact.custom_attributes.clone(),
            last_activity_at: contact.last_activity_at.map(Timestamp::iso),
            contact_type: contact.kind,
            middle_name: "",
            last_name: "",
            location: fact("city").to_owned(),
            country_code: fact("country").to_owned(),
            blocked: contact.blocked,
            company_id: None,
        }
    }
}

/// An account or inbox as webhooks name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NamedRef<'a> {
    /// Its id.
    pub id: i64,
    /// Its name at the time.
    pub name: &'a str,
}

impl<'a> From<&'a AccountRef> for NamedRef<'a> {
    fn from(account: &'a AccountRef) -> Self {
        Self {
            id: account.id.get(),
            name: &account.name,
        }
    }
}

impl<'a> From<&'a InboxRef> for NamedRef<'a> {
    fn from(inbox: &'a InboxRef) -> Self {
        Self {
            id: inbox.id.get(),
            name: &inbox.name,
        }
    }
}

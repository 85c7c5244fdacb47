//! Conversations of a contact in an inbox.

use sea_orm::entity::prelude::*;

/// A row of `conversations`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "conversations")]
pub struct Model {
    /// Drawn from the sequence.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The account.
    pub account_id: i64,
    /// The inbox.
    pub inbox_id: i64,
    /// The contact.
    pub contact_id: i64,
    /// The contact's presence in the inbox.
    pub contact_inbox_id: i64,
    /// The number people see, unique within the account; gaps allowed, reuse not.
    pub display_id: i64,
    /// Unique; the id shown to the public.
    #[sea_orm(column_type = "Text")]
    pub uuid: String,
    /// 0 open, 1 resolved, 2 pending, 3 snoozed.
    pub status: i16,
    /// 0 low, 1 medium, 2 high, 3 urgent.
    pub priority: Option<i16>,
    /// The user who is responsible.
    pub assignee_id: Option<i64>,
    /// Microseconds UTC.
    pub snoozed_until: Option<i64>,
    /// Attributes set by the gateway and its channels, an object.
    #[sea_orm(column_type = "JsonBinary")]
    pub additional_attributes: Json,
    /// Free attributes, an object.
    #[sea_orm(column_type = "JsonBinary")]
    pub custom_attributes: Json,
    /// When any agent last looked, microseconds UTC.
    pub agent_last_seen_at: Option<i64>,
    /// When the assignee last looked, microseconds UTC.
    pub assignee_last_seen_at: Option<i64>,
    /// When the contact last looked, microseconds UTC.
    pub contact_last_seen_at: Option<i64>,
    /// When the first reply was made, microseconds UTC.
    pub first_reply_created_at: Option<i64>,
    /// Since when the contact waits for an answer, microseconds UTC.
    pub waiting_since: Option<i64>,
    /// Microseconds UTC.
    pub last_activity_at: i64,
    /// When the contact last wrote, microseconds UTC.
    #[sea_orm(nullable)]
    pub last_incoming_at: Option<i64>,
    /// The newest message's `seq`, which is the number of messages.
    pub last_seq: i64,
    /// Unread incoming messages, 0 to 10 (10 means ten or more).
    pub unread_count: i16,
    /// The newest message that is not private; not a foreign key, because it is written in the
    /// same statement.
    pub last_public_message_id: Option<i64>,
    /// The newest message that is not an activity; not a foreign key, because it is written in
    /// the same statement.
    pub last_non_activity_message_id: Option<i64>,
    /// Microseconds UTC.
    pub created_at: i64,
    /// Microseconds UTC.
    pub updated_at: i64,
}

/// No relations: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

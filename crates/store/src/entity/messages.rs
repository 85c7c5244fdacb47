//! Messages of a conversation.

use sea_orm::entity::prelude::*;

/// A row of `messages`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "messages")]
pub struct Model {
    /// Drawn from the sequence, rising with `seq` within a conversation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The account.
    pub account_id: i64,
    /// The inbox.
    pub inbox_id: i64,
    /// The conversation.
    pub conversation_id: i64,
    /// The conversation's `contact_inbox`, the scope of `source_id`.
    pub contact_inbox_id: i64,
    /// Gapless number within the conversation, from 1.
    pub seq: i64,
    /// 0 incoming, 1 outgoing, 2 activity, 3 template.
    pub message_type: i16,
    /// The text.
    #[sea_orm(column_type = "Text")]
    pub content: Option<String>,
    /// The contract's content type, such as `text`.
    #[sea_orm(column_type = "Text")]
    pub content_type: String,
    /// What the content type needs, an object.
    #[sea_orm(column_type = "JsonBinary")]
    pub content_attributes: Json,
    /// Attributes set by the gateway and its channels, an object.
    #[sea_orm(column_type = "JsonBinary")]
    pub additional_attributes: Json,
    /// Whether only the account sees the message.
    pub private: bool,
    /// 0 sent, 1 delivered, 2 read, 3 failed.
    pub status: i16,
    /// The provider's id, never empty; unique within the `contact_inbox`.
    #[sea_orm(column_type = "Text")]
    pub source_id: Option<String>,
    /// 0 contact, 1 user, 2 agent bot.
    pub sender_kind: Option<i16>,
    /// Id in the sender's table.
    pub sender_id: Option<i64>,
    /// Microseconds UTC.
    pub created_at: i64,
    /// Microseconds UTC.
    pub updated_at: i64,
}

/// No relations: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

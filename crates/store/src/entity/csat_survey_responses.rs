//! How contacts rated conversations; one for each survey message.

use sea_orm::entity::prelude::*;

/// A row of `csat_survey_responses`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "csat_survey_responses")]
pub struct Model {
    /// Given by the database.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The account.
    pub account_id: i64,
    /// The conversation.
    pub conversation_id: i64,
    /// The survey, one response each.
    pub message_id: i64,
    /// 1 to 5.
    pub rating: i16,
    /// What the contact said.
    #[sea_orm(column_type = "Text")]
    pub feedback_message: Option<String>,
    /// Who answered the conversation at the time.
    pub assigned_agent_id: Option<i64>,
    /// Microseconds UTC.
    pub created_at: i64,
    /// Microseconds UTC.
    pub updated_at: i64,
}

/// No relations: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

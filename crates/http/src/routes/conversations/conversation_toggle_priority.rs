use axum::extract::State;
use gatewright_core::conversation::Conversations;
use gatewright_core::model::Priority;
use serde::Deserialize;
use utoipa::ToSchema;

use super::ConversationPath;
use crate::caller::InAccount;
use crate::error::ApiError;
use crate::view::AppErrors;
use crate::{Empty200, Ids, Params, Root};

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = TogglePriorityParams)]
pub(super) struct TogglePriority {
    /// `low`, `medium`, `high` or `urgent`; absent, null or empty clears it.
    #[schema(example = "high")]
    priority: Option<String>,
}

impl Root for TogglePriority {}

/// Sets how urgent a conversation is, or clears it.
#[utoipa::path(post,
    path = "/api/v1/accounts/{account_id}/conversations/{conversation_id}/toggle_priority",
    tag = "conversations",
    params(("account_id" = i64, Path), ("conversation_id" = i64, Path)),
    request_body = TogglePriority,
    responses((status = 200), AppErrors))]
pub(super) async fn conversation_toggle_priority(
    InAccount(caller): InAccount,
    Ids(path): Ids<ConversationPath>,
    State(conversations): State<Conversations>,
    Params(params): Params<TogglePriority>,
) -> Result<Empty200, ApiError> {
    let priority = crate::routes::named(params.priority, "priority", Priority::from_name)?;
    conversations
        .set_priority(&caller, path.id(), priority)
        .await?;
    Ok(Empty200)
}

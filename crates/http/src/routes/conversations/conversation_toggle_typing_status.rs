use axum::extract::State;
use gatewright_core::conversation::Conversations;
use gatewright_core::typing::TypingStatus;
use serde::Deserialize;
use utoipa::ToSchema;

use super::ConversationPath;
use crate::caller::InAccount;
use crate::error::ApiError;
use crate::view::AppErrors;
use crate::{Empty200, Ids, Params, Root};

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = ToggleTypingParams)]
pub(crate) struct ToggleTyping {
    /// `on` or `off`; anything else tells nothing.
    #[schema(example = "on")]
    typing_status: Option<String>,
    /// Whether it will be a note among agents.
    is_private: Option<bool>,
}

impl Root for ToggleTyping {}

impl ToggleTyping {
    pub(crate) fn status(&self) -> Option<TypingStatus> {
        self.typing_status
            .as_deref()
            .and_then(TypingStatus::from_name)
    }
}

/// Tells that the caller types, or has stopped. It is told once, to receivers in good health, and
/// kept nowhere.
#[utoipa::path(post,
    path = "/api/v1/accounts/{account_id}/conversations/{conversation_id}/toggle_typing_status",
    tag = "conversations",
    params(("account_id" = i64, Path), ("conversation_id" = i64, Path)),
    request_body = ToggleTyping, responses((status = 200), AppErrors))]
pub(super) async fn conversation_toggle_typing_status(
    InAccount(caller): InAccount,
    Ids(path): Ids<ConversationPath>,
    State(conversations): State<Conversations>,
    Params(params): Params<ToggleTyping>,
) -> Result<Empty200, ApiError> {
    let is_private = params.is_private.unwrap_or(false);
    conversations
        .toggle_typing(&caller, path.id(), params.status(), is_private)
        .await?;
    Ok(Empty200)
}

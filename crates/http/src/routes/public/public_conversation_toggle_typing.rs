use axum::extract::State;
use gatewright_core::ids::DisplayId;
use gatewright_core::public::PublicClient;
use gatewright_core::typing::TypingStatus;
use serde::Deserialize;
use utoipa::ToSchema;

use super::public_message_create::ConversationPath;
use crate::error::ApiError;
use crate::view::PublicErrors;
use crate::{Empty200, Ids, Params, Root};

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = PublicToggleTypingParams)]
pub(super) struct ToggleTyping {
    /// `on` or `off`; anything else tells nothing.
    #[schema(example = "on")]
    typing_status: Option<String>,
}

impl Root for ToggleTyping {}

/// Tells that the contact types, or has stopped. It is told once, to receivers in good health, and
/// kept nowhere.
#[utoipa::path(post,
    path = "/public/api/v1/inboxes/{inbox_identifier}/contacts/{contact_identifier}/conversations/{conversation_id}/toggle_typing",
    tag = "public", security(()),
    params(("inbox_identifier" = String, Path), ("contact_identifier" = String, Path),
        ("conversation_id" = i64, Path)),
    request_body = ToggleTyping, responses((status = 200), PublicErrors))]
pub(super) async fn public_conversation_toggle_typing(
    Ids(path): Ids<ConversationPath>,
    State(public): State<PublicClient>,
    Params(params): Params<ToggleTyping>,
) -> Result<Empty200, ApiError> {
    let id = DisplayId(path.conversation_id);
    let status = params.typing_status.as_deref();
    let status = status.and_then(TypingStatus::from_name);
    public
        .toggle_typing(&path.inbox_identifier, &path.contact_identifier, id, status)
        .await
        .map_err(ApiError::framework)?;
    Ok(Empty200)
}

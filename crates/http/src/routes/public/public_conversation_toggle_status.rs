use axum::extract::State;
use gatewright_core::ids::DisplayId;
use gatewright_core::public::PublicClient;
use gatewright_core::wire::PublicConversation;

use super::public_message_create::ConversationPath;
use crate::error::ApiError;
use crate::view::PublicErrors;
use crate::{Ids, Json200};

/// The contact resolves the conversation. It never opens one again: a message does.
#[utoipa::path(post,
    path = "/public/api/v1/inboxes/{inbox_identifier}/contacts/{contact_identifier}/conversations/{conversation_id}/toggle_status",
    tag = "public", security(()),
    params(("inbox_identifier" = String, Path), ("contact_identifier" = String, Path),
        ("conversation_id" = i64, Path)),
    responses((status = 200, body = PublicConversation), PublicErrors))]
pub(super) async fn public_conversation_toggle_status(
    Ids(path): Ids<ConversationPath>,
    State(public): State<PublicClient>,
) -> Result<Json200<PublicConversation>, ApiError> {
    let id = DisplayId(path.conversation_id);
    let resolved = public
        .resolve(&path.inbox_identifier, &path.contact_identifier, id)
        .await
        .map_err(ApiError::framework)?;
    Ok(Json200(resolved.view()))
}

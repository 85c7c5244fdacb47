use axum::extract::State;
use gatewright_core::ids::DisplayId;
use gatewright_core::public::PublicClient;

use super::public_message_create::ConversationPath;
use crate::error::ApiError;
use crate::view::PublicErrors;
use crate::{Empty200, Ids};

/// Notes that the contact has looked; what was on its way to it counts as read.
#[utoipa::path(post,
    path = "/public/api/v1/inboxes/{inbox_identifier}/contacts/{contact_identifier}/conversations/{conversation_id}/update_last_seen",
    tag = "public", security(()),
    params(("inbox_identifier" = String, Path), ("contact_identifier" = String, Path),
        ("conversation_id" = i64, Path)),
    responses((status = 200), PublicErrors))]
pub(super) async fn public_conversation_update_last_seen(
    Ids(path): Ids<ConversationPath>,
    State(public): State<PublicClient>,
) -> Result<Empty200, ApiError> {
    let id = DisplayId(path.conversation_id);
    public
        .update_last_seen(&path.inbox_identifier, &path.contact_identifier, id)
        .await
        .map_err(ApiError::framework)?;
    Ok(Empty200)
}

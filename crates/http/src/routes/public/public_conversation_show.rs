use axum::extract::State;
use gatewright_core::ids::DisplayId;
use gatewright_core::public::PublicClient;
use gatewright_core::wire::PublicConversation;

use super::public_message_create::ConversationPath;
use crate::error::ApiError;
use crate::view::PublicErrors;
use crate::{Ids, Json200};

/// One conversation of the contact with all its public messages.
#[utoipa::path(get,
    path = "/public/api/v1/inboxes/{inbox_identifier}/contacts/{contact_identifier}/conversations/{conversation_id}",
    tag = "public", security(()),
    params(("inbox_identifier" = String, Path), ("contact_identifier" = String, Path),
        ("conversation_id" = i64, Path)),
    responses((status = 200, body = PublicConversation), PublicErrors))]
pub(super) async fn public_conversation_show(
    Ids(path): Ids<ConversationPath>,
    State(public): State<PublicClient>,
) -> Result<Json200<PublicConversation>, ApiError> {
    let id = DisplayId(path.conversation_id);
    let found = public
        .conversation(&path.inbox_identifier, &path.contact_identifier, id)
        .await
        .map_err(ApiError::framework)?;
    Ok(Json200(found.view()))
}

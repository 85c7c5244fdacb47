use axum::extract::State;
use gatewright_core::public::{ContactConversation, PublicClient};
use gatewright_core::wire::PublicConversation;

use super::public_conversation_create::ContactPath;
use crate::error::ApiError;
use crate::view::PublicErrors;
use crate::{Ids, Json200};

/// All conversations of the contact's presence, or of the whole contact where the presence is
/// verified; the oldest first, each with all its public messages.
#[utoipa::path(get,
    path = "/public/api/v1/inboxes/{inbox_identifier}/contacts/{contact_identifier}/conversations",
    tag = "public", security(()),
    params(("inbox_identifier" = String, Path), ("contact_identifier" = String, Path)),
    responses((status = 200, body = Vec<PublicConversation>), PublicErrors))]
pub(super) async fn public_conversation_list(
    Ids(path): Ids<ContactPath>,
    State(public): State<PublicClient>,
) -> Result<Json200<Vec<PublicConversation>>, ApiError> {
    let found = public
        .conversations(&path.inbox_identifier, &path.contact_identifier)
        .await
        .map_err(ApiError::framework)?;
    Ok(Json200(
        found.iter().map(ContactConversation::view).collect(),
    ))
}

use axum::extract::State;
use gatewright_core::ids::{DisplayId, MessageId};
use gatewright_core::public::PublicClient;
use gatewright_core::wire::PublicMessage;
use serde::Deserialize;
use utoipa::IntoParams;

use super::public_message_create::ConversationPath;
use crate::error::ApiError;
use crate::view::PublicErrors;
use crate::{Ids, Json200, Params, Root};

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(super) struct WindowParams {
    /// Ids below this one.
    before: Option<i64>,
}

impl Root for WindowParams {}

/// The newest 20 messages that are neither private nor activity, or the 20 before one; ascending.
#[utoipa::path(get,
    path = "/public/api/v1/inboxes/{inbox_identifier}/contacts/{contact_identifier}/conversations/{conversation_id}/messages",
    tag = "public", security(()),
    params(("inbox_identifier" = String, Path), ("contact_identifier" = String, Path),
        ("conversation_id" = i64, Path), WindowParams),
    responses((status = 200, body = Vec<PublicMessage>), PublicErrors))]
pub(super) async fn public_message_list(
    Ids(path): Ids<ConversationPath>,
    State(public): State<PublicClient>,
    Params(params): Params<WindowParams>,
) -> Result<Json200<Vec<PublicMessage>>, ApiError> {
    let id = DisplayId(path.conversation_id);
    let before = params.before.map(MessageId);
    let found = public
        .messages(&path.inbox_identifier, &path.contact_identifier, id, before)
        .await
        .map_err(ApiError::framework)?;
    let view = |message| PublicMessage::new(message, &found.contact);
    Ok(Json200(found.messages.iter().map(view).collect()))
}

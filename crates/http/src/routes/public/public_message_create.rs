use axum::extract::State;
use axum::response::Response;
use gatewright_core::ids::DisplayId;
use gatewright_core::public::PublicClient;
use gatewright_core::wire::PublicMessage;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::routes::messages::marked;
use crate::view::PublicErrors;
use crate::{Ids, Json200, Params, Root};

#[derive(Debug, Deserialize)]
pub(super) struct ConversationPath {
    pub(super) inbox_identifier: String,
    pub(super) contact_identifier: String,
    pub(super) conversation_id: i64,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = PublicMessageCreateParams)]
pub(super) struct CreateParams {
    /// Text.
    #[schema(example = "Hello", max_length = 150_000)]
    content: Option<String>,
    /// The client's own mark; it comes back on live streams, not here.
    echo_id: Option<String>,
}

impl Root for CreateParams {}

/// Stores a message of the contact.
#[utoipa::path(post,
    path = "/public/api/v1/inboxes/{inbox_identifier}/contacts/{contact_identifier}/conversations/{conversation_id}/messages",
    tag = "public", security(()),
    params(("inbox_identifier" = String, Path), ("contact_identifier" = String, Path),
        ("conversation_id" = i64, Path)),
    request_body = CreateParams,
    responses((status = 200, body = PublicMessage), PublicErrors))]
pub(super) async fn public_message_create(
    Ids(path): Ids<ConversationPath>,
    State(public): State<PublicClient>,
    Params(params): Params<CreateParams>,
) -> Result<Response, ApiError> {
    let stored = public
        .message_create(
            &path.inbox_identifier,
            &path.contact_identifier,
            DisplayId(path.conversation_id),
            params.content,
            params.echo_id,
        )
        .await
        .map_err(ApiError::framework)?;
    let view = PublicMessage::new(&stored.message, &stored.contact);
    Ok(marked(&stored, Json200(view)))
}

use axum::extract::State;
use gatewright_core::public::PublicClient;
use gatewright_core::wire::PublicConversation;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::view::PublicErrors;
use crate::{Ids, Json200, Params, Root};

#[derive(Debug, Deserialize)]
pub(super) struct ContactPath {
    pub(super) inbox_identifier: String,
    pub(super) contact_identifier: String,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = PublicConversationCreateParams)]
pub(super) struct CreateParams {
    /// The account's own attributes.
    #[schema(value_type = Option<gatewright_core::Attributes>)]
    custom_attributes: Option<Map<String, Value>>,
}

impl Root for CreateParams {}

/// Makes a conversation of the contact.
#[utoipa::path(post,
    path = "/public/api/v1/inboxes/{inbox_identifier}/contacts/{contact_identifier}/conversations",
    tag = "public", security(()),
    params(("inbox_identifier" = String, Path), ("contact_identifier" = String, Path)),
    request_body = CreateParams,
    responses((status = 200, body = PublicConversation), PublicErrors))]
pub(super) async fn public_conversation_create(
    Ids(path): Ids<ContactPath>,
    State(public): State<PublicClient>,
    Params(params): Params<CreateParams>,
) -> Result<Json200<PublicConversation>, ApiError> {
    let attributes = params.custom_attributes.unwrap_or_default();
    let (made, messages) = public
        .conversation_create(&path.inbox_identifier, &path.contact_identifier, attributes)
        .await
        .map_err(ApiError::framework)?;
    Ok(Json200(PublicConversation::new(
        &made.row,
        &made.contact,
        &messages,
    )))
}

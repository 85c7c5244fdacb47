use axum::extract::State;
use gatewright_core::ids::{DisplayId, MessageId};
use gatewright_core::public::{PublicClient, Submitted};
use gatewright_core::wire::PublicMessage;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::view::{PublicErrors, SubmittedValues};
use crate::{Ids, Json200, Params, Root};

#[derive(Debug, Deserialize)]
pub(super) struct MessagePath {
    inbox_identifier: String,
    contact_identifier: String,
    conversation_id: i64,
    message_id: i64,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = PublicMessageUpdateParams)]
pub(super) struct UpdateParams {
    /// What the contact chose, filled in or rated.
    #[schema(value_type = Option<SubmittedValues>)]
    submitted_values: Option<Value>,
    /// The address that an `input_email` message asked for.
    submitted_email: Option<String>,
}

impl Root for UpdateParams {}

/// Keeps what the contact answered to a message. Surveys can be answered for 14 days.
#[utoipa::path(patch,
    path = "/public/api/v1/inboxes/{inbox_identifier}/contacts/{contact_identifier}/conversations/{conversation_id}/messages/{message_id}",
    tag = "public", security(()),
    params(("inbox_identifier" = String, Path), ("contact_identifier" = String, Path),
        ("conversation_id" = i64, Path), ("message_id" = i64, Path)),
    request_body = UpdateParams,
    responses((status = 200, body = PublicMessage), PublicErrors))]
pub(super) async fn public_message_update(
    Ids(path): Ids<MessagePath>,
    State(public): State<PublicClient>,
    Params(params): Params<UpdateParams>,
) -> Result<Json200<PublicMessage>, ApiError> {
    let submitted = Submitted::new(params.submitted_values, params.submitted_email)?;
    let stored = public
        .message_submit(
            &path.inbox_identifier,
            &path.contact_identifier,
            DisplayId(path.conversation_id),
            MessageId(path.message_id),
            submitted,
        )
        .await
        .map_err(ApiError::framework)?;
    Ok(Json200(PublicMessage::new(
        &stored.message,
        &stored.contact,
    )))
}

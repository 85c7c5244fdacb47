use axum::extract::State;
use axum::response::Response;
use gatewright_core::ids::{DisplayId, MessageId};
use gatewright_core::message::Messages;
use gatewright_core::wire::MessageView;
use serde::Deserialize;
use utoipa::ToSchema;

use super::answer;
use crate::caller::InAccount;
use crate::error::ApiError;
use crate::view::AppErrors;
use crate::{Ids, Params, Root};

#[derive(Debug, Deserialize)]
pub(super) struct MessagePath {
    pub(super) conversation_id: i64,
    pub(super) message_id: i64,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = MessageUpdateParams)]
pub(super) struct UpdateParams {
    /// `sent`, `delivered`, `read` or `failed`; anything else changes nothing.
    #[schema(example = "delivered")]
    status: Option<String>,
    /// What went wrong, with `failed`.
    external_error: Option<String>,
}

impl Root for UpdateParams {}

/// Reports how far a message has come. What was read stays read.
#[utoipa::path(patch,
    path = "/api/v1/accounts/{account_id}/conversations/{conversation_id}/messages/{message_id}",
    tag = "messages",
    params(("account_id" = i64, Path), ("conversation_id" = i64, Path), ("message_id" = i64, Path)),
    request_body = UpdateParams,
    responses((status = 200, body = MessageView),
        (status = 403, body = crate::view::TextError,
            description = "The channel knows the status itself."),
        AppErrors))]
pub(super) async fn message_update(
    InAccount(caller): InAccount,
    Ids(path): Ids<MessagePath>,
    State(messages): State<Messages>,
    Params(params): Params<UpdateParams>,
) -> Result<Response, ApiError> {
    let conversation = DisplayId(path.conversation_id);
    let message = MessageId(path.message_id);
    let status = params.status.as_deref();
    let stored = messages
        .update_status(
            &caller,
            conversation,
            message,
            status,
            params.external_error,
        )
        .await?;
    Ok(answer(&stored))
}

/// The same as PATCH.
#[utoipa::path(put,
    path = "/api/v1/accounts/{account_id}/conversations/{conversation_id}/messages/{message_id}",
    tag = "messages",
    params(("account_id" = i64, Path), ("conversation_id" = i64, Path), ("message_id" = i64, Path)),
    request_body = UpdateParams,
    responses((status = 200, body = MessageView),
        (status = 403, body = crate::view::TextError,
            description = "The channel knows the status itself."),
        AppErrors))]
pub(super) async fn message_replace(
    caller: InAccount,
    ids: Ids<MessagePath>,
    messages: State<Messages>,
    params: Params<UpdateParams>,
) -> Result<Response, ApiError> {
    message_update(caller, ids, messages, params).await
}

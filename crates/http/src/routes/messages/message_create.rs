use axum::extract::State;
use axum::response::Response;
use gatewright_core::idempotency::Idempotency;
use gatewright_core::message::{MessageCreate, Messages};
use gatewright_core::wire::MessageView;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::answer;
use crate::caller::InAccount;
use crate::error::ApiError;
use crate::once::{Keyed, OnceHeader, answer_once};
use crate::routes::conversations::ConversationPath;
use crate::view::AppErrors;
use crate::{Ids, Params, Root};

/// A new message.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
#[schema(as = MessageCreateParams)]
pub(crate) struct MessageParams {
    /// Text.
    #[schema(example = "Hello", max_length = 150_000)]
    content: Option<String>,
    /// Whether it is a note among agents.
    private: Option<bool>,
    /// `outgoing` when absent; `incoming` where the channel takes it.
    #[schema(example = "incoming")]
    message_type: Option<String>,
    /// `text` when absent.
    content_type: Option<String>,
    /// Structured parts of the content: an object, or its JSON text.
    #[schema(value_type = Option<gatewright_core::Attributes>)]
    content_attributes: Option<Value>,
    /// The caller's own mark, given back and never stored.
    echo_id: Option<String>,
    /// The caller's id of the message, unique per contact and inbox: a repeat answers the stored
    /// message.
    source_id: Option<String>,
    /// Name and parameters of a template.
    #[schema(value_type = Option<gatewright_core::Attributes>)]
    template_params: Option<Value>,
    /// The campaign it belongs to.
    #[schema(value_type = Option<i64>)]
    campaign_id: Option<Value>,
    /// When it was made elsewhere; kept in the content attributes.
    #[schema(value_type = Option<String>)]
    external_created_at: Option<Value>,
}

impl Root for MessageParams {}

impl From<MessageParams> for MessageCreate {
    fn from(params: MessageParams) -> Self {
        Self {
            content: params.content,
            private: params.private.unwrap_or(false),
            message_type: params.message_type,
            content_type: params.content_type,
            content_attributes: params.content_attributes,
            echo_id: params.echo_id,
            source_id: params.source_id,
            template_params: params.template_params,
            campaign_id: params.campaign_id,
            external_created_at: params.external_created_at,
        }
    }
}

/// Stores a message. The answer comes when it is durable.
#[utoipa::path(post,
    path = "/api/v1/accounts/{account_id}/conversations/{conversation_id}/messages",
    tag = "messages", params(("account_id" = i64, Path), ("conversation_id" = i64, Path), OnceHeader),
    request_body = MessageParams,
    responses((status = 200, body = MessageView,
        headers(("Idempotent-Replayed" = bool, description = "The message was stored before."))),
        AppErrors))]
pub(super) async fn message_create(
    InAccount(caller): InAccount,
    Ids(path): Ids<ConversationPath>,
    State(messages): State<Messages>,
    State(once): State<Idempotency>,
    Keyed(Params(params), key): Keyed<MessageParams>,
) -> Result<Response, ApiError> {
    answer_once(&once, caller.token_id, ("message", key), |claim| async {
        let caller = caller.with_claim(claim);
        let stored = messages.create(&caller, path.id(), params.into()).await?;
        Ok(answer(&stored))
    })
    .await
}

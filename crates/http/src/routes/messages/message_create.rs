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
use crate::once::{KeyedFiles, OnceHeader, answer_once};
use crate::routes::conversations::ConversationPath;
use crate::view::AppErrors;
use crate::{Files, Ids, Root, WithFiles};

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
    /// Signed ids of uploads. A form carries files in `attachments[]`.
    attachments: Option<Vec<String>>,
}

/// A new message with files, as a form.
#[derive(ToSchema)]
#[schema(as = MessageCreateForm)]
#[expect(
    dead_code,
    reason = "it describes the form, which is read as it streams in"
)]
pub(super) struct MessageForm {
    #[serde(flatten)]
    params: MessageParams,
    /// Files.
    #[serde(rename = "attachments[]")]
    #[schema(value_type = Vec<String>, format = Binary)]
    files: Vec<String>,
}

impl Root for MessageParams {
    const FILES: &'static [&'static str] = &["attachments"];
}

impl MessageParams {
    /// The message that these parameters and files ask for.
    pub(crate) fn with(self, files: &Files) -> MessageCreate {
        MessageCreate {
            content: self.content,
            private: self.private.unwrap_or(false),
            message_type: self.message_type,
            content_type: self.content_type,
            content_attributes: self.content_attributes,
            echo_id: self.echo_id,
            source_id: self.source_id,
            template_params: self.template_params,
            campaign_id: self.campaign_id,
            external_created_at: self.external_created_at,
            attachments: files.sources(self.attachments),
        }
    }
}

/// Stores a message. The answer comes when it is durable.
#[utoipa::path(post,
    path = "/api/v1/accounts/{account_id}/conversations/{conversation_id}/messages",
    tag = "messages",
    params(("account_id" = i64, Path), ("conversation_id" = i64, Path), OnceHeader),
    request_body(content((MessageParams = "application/json"),
        (MessageForm = "multipart/form-data"))),
    responses((status = 200, body = MessageView,
        headers(("Idempotent-Replayed" = bool, description = "The message was stored before."))),
        AppErrors))]
pub(super) async fn message_create(
    InAccount(caller): InAccount,
    Ids(path): Ids<ConversationPath>,
    State(messages): State<Messages>,
    State(once): State<Idempotency>,
    KeyedFiles(with, key): KeyedFiles<MessageParams>,
) -> Result<Response, ApiError> {
    let WithFiles { params, files } = with;
    let create = params.with(&files);
    let made = answer_once(&once, caller.token_id, ("message", key), |claim| async {
        let caller = caller.with_claim(claim);
        let stored = messages.create(&caller, path.id(), create).await?;
        Ok(answer(&stored))
    });
    files.settled(made).await
}

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use gatewright_core::Timestamp;
use gatewright_core::conversation::{ConversationCreate, Conversations};
use gatewright_core::idempotency::Idempotency;
use gatewright_core::ids::{ContactId, InboxId, UserId};
use gatewright_core::model::ConversationStatus;
use gatewright_core::wire::ConversationView;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::caller::InAccount;
use crate::error::ApiError;
use crate::once::{KeyedFiles, OnceHeader, answer_once};
use crate::routes::messages::MessageParams;
use crate::view::AppErrors;
use crate::{Files, Json200, Root, WithFiles};

/// A new conversation.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = ConversationCreateParams)]
pub(super) struct CreateParams {
    /// The contact's id in the inbox; alone it names an existing one.
    #[schema(example = "crm-42")]
    source_id: Option<String>,
    /// The inbox.
    inbox_id: Option<i64>,
    /// The contact.
    contact_id: Option<i64>,
    /// System facts.
    #[schema(value_type = Option<gatewright_core::Attributes>)]
    additional_attributes: Option<Map<String, Value>>,
    /// The account's own attributes.
    #[schema(value_type = Option<gatewright_core::Attributes>)]
    custom_attributes: Option<Map<String, Value>>,
    /// `open` when absent.
    status: Option<String>,
    /// Who answers it.
    assignee_id: Option<i64>,
    /// Until when it is hidden, with `snoozed`: ISO 8601.
    snoozed_until: Option<String>,
    /// The first message.
    message: Option<MessageParams>,
}

/// A new conversation with the files of its first message, as a form.
#[derive(ToSchema)]
#[schema(as = ConversationCreateForm)]
#[expect(
    dead_code,
    reason = "it describes the form, which is read as it streams in"
)]
pub(super) struct CreateForm {
    #[serde(flatten)]
    params: CreateParams,
    /// Files of the first message.
    #[serde(rename = "message[attachments][]")]
    #[schema(value_type = Vec<String>, format = Binary)]
    files: Vec<String>,
}

impl Root for CreateParams {
    const FILES: &'static [&'static str] = &["message.attachments"];
}

/// Makes a conversation, with its first message if one is given, in one transaction.
#[utoipa::path(post, path = "/api/v1/accounts/{account_id}/conversations", tag = "conversations",
    params(("account_id" = i64, Path), OnceHeader),
    request_body(content((CreateParams = "application/json"),
        (CreateForm = "multipart/form-data"))),
    responses((status = 200, body = ConversationView), AppErrors))]
pub(super) async fn conversation_create(
    InAccount(caller): InAccount,
    State(conversations): State<Conversations>,
    State(once): State<Idempotency>,
    KeyedFiles(with, key): KeyedFiles<CreateParams>,
) -> Result<Response, ApiError> {
    let WithFiles { params, files } = with;
    let create = match convert(params, &files) {
        Ok(create) => create,
        Err(refused) => return Err(files.refused(refused).await),
    };
    let resource = ("conversation", key);
    let made = answer_once(&once, caller.token_id, resource, |claim| async {
        let caller = caller.with_claim(claim);
        let made = conversations.create(&caller, create).await?;
        Ok(Json200(made.view()).into_response())
    });
    files.settled(Box::pin(made)).await
}

fn convert(params: CreateParams, files: &Files) -> Result<ConversationCreate, ApiError> {
    let until = params.snoozed_until.filter(|text| !text.is_empty());
    // A message of files only has no parameters.
    let message = params
        .message
        .or_else(|| (!files.is_empty()).then(MessageParams::default));
    Ok(ConversationCreate {
        source_id: params.source_id.filter(|id| !id.is_empty()),
        inbox_id: params.inbox_id.map(InboxId),
        contact_id: params.contact_id.map(ContactId),
        additional_attributes: params.additional_attributes.unwrap_or_default(),
        custom_attributes: params.custom_attributes.unwrap_or_default(),
        status: crate::routes::named(params.status, "status", ConversationStatus::from_name)?,
        assignee_id: params.assignee_id.map(UserId),
        snoozed_until: until.map(|text| iso(&text)).transpose()?,
        message: message.map(|message| message.with(files)),
    })
}

fn iso(text: &str) -> Result<Timestamp, ApiError> {
    Timestamp::parse_iso(text).ok_or_else(|| {
        ApiError::unprocessable(
            "snoozed_until must be an ISO 8601 time, for example 2026-01-20T09:15:00Z",
        )
    })
}

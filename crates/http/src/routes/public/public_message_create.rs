use axum::extract::{FromRequestParts, State};
use axum::response::Response;
use gatewright_core::ids::DisplayId;
use gatewright_core::public::{PublicClient, PublicMessageCreate};
use gatewright_core::wire::PublicMessage;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::params::is_form;
use crate::routes::messages::marked;
use crate::state::AppState;
use crate::view::PublicErrors;
use crate::{Ids, Json200, Root, WithFiles};

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
    /// Signed ids of uploads. A form carries files in `attachments[]`.
    attachments: Option<Vec<String>>,
}

/// A message with files, as a form.
#[derive(ToSchema)]
#[schema(as = PublicMessageCreateForm)]
#[expect(
    dead_code,
    reason = "it describes the form, which is read as it streams in"
)]
pub(super) struct CreateForm {
    #[serde(flatten)]
    params: CreateParams,
    /// Files.
    #[serde(rename = "attachments[]")]
    #[schema(value_type = Vec<String>, format = Binary)]
    files: Vec<String>,
}

impl Root for CreateParams {
    const FILES: &'static [&'static str] = &["attachments"];
}

/// There is no token here, so files are taken in only for a contact that is known.
pub(super) struct KnownSender;

impl FromRequestParts<AppState> for KnownSender {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let content_type = parts.headers.get(CONTENT_TYPE);
        let content_type = content_type.and_then(|value| value.to_str().ok());
        if content_type.is_some_and(is_form) {
            let Ids(path) = Ids::<ConversationPath>::from_request_parts(parts, state).await?;
            let ConversationPath {
                inbox_identifier,
                contact_identifier,
                ..
            } = path;
            let known = state
                .public
                .presence(&inbox_identifier, &contact_identifier);
            known.await.map_err(ApiError::framework)?;
        }
        Ok(Self)
    }
}

/// Stores a message of the contact.
#[utoipa::path(post,
    path = "/public/api/v1/inboxes/{inbox_identifier}/contacts/{contact_identifier}/conversations/{conversation_id}/messages",
    tag = "public", security(()),
    params(("inbox_identifier" = String, Path), ("contact_identifier" = String, Path),
        ("conversation_id" = i64, Path)),
    request_body(content((CreateParams = "application/json"),
        (CreateForm = "multipart/form-data"))),
    responses((status = 200, body = PublicMessage), PublicErrors))]
pub(super) async fn public_message_create(
    Ids(path): Ids<ConversationPath>,
    State(public): State<PublicClient>,
    _: KnownSender,
    WithFiles { params, files }: WithFiles<CreateParams>,
) -> Result<Response, ApiError> {
    let create = PublicMessageCreate {
        content: params.content,
        echo_id: params.echo_id,
        attachments: files.sources(params.attachments),
    };
    let conversation = DisplayId(path.conversation_id);
    let (inbox, contact) = (&path.inbox_identifier, &path.contact_identifier);
    let made = async {
        let stored = public
            .message_create(inbox, contact, conversation, create)
            .await
            .map_err(ApiError::framework)?;
        let view = PublicMessage::new(&stored.message, &stored.contact);
        Ok(marked(&stored, Json200(view)))
    };
    files.settled(made).await
}

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use gatewright_core::attachment::Attachments;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::caller::InAccount;
use crate::error::ApiError;
use crate::view::AppErrors;
use crate::{Json200, Root, WithFiles};

/// A file.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Upload {}

impl Root for Upload {
    const FILES: &'static [&'static str] = &["attachment"];
}

/// A file, as a form.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "it describes the form, which is read as it streams in"
)]
pub(super) struct UploadForm {
    /// The file.
    #[schema(format = Binary)]
    attachment: String,
}

/// A file that waits for its message.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Upload)]
pub(super) struct UploadView {
    /// Absolute link to the bytes; it needs no authentication.
    file_url: String,
    /// Signed id, which messages of the account take in `attachments`.
    blob_id: String,
}

/// Stores a file for a message to come, or for its link.
#[utoipa::path(post, path = "/api/v1/accounts/{account_id}/upload", tag = "attachments",
    params(("account_id" = i64, Path)),
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 200, body = UploadView), AppErrors))]
pub(super) async fn upload_create(
    InAccount(caller): InAccount,
    State(attachments): State<Attachments>,
    WithFiles { files, .. }: WithFiles<Upload>,
) -> Result<Response, ApiError> {
    let mut sent = files.uploaded().to_vec();
    let stored = async {
        let made = match sent.pop() {
            Some(file) if sent.is_empty() => attachments.upload(&caller, file).await?,
            Some(_) => return Err(ApiError::unprocessable("attachment must be one file")),
            None => return Err(ApiError::MissingParam("attachment".to_owned())),
        };
        Ok(Json200(UploadView {
            file_url: made.file_url,
            blob_id: made.blob_id,
        })
        .into_response())
    };
    files.settled(stored).await
}

//! The bytes of what is attached. Links are their own credential: no token is asked for. They are
//! no operations of the API, so they do not stand in its description.

mod answer;
mod range;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use gatewright_core::attachment::Attachments;
use http::header::LOCATION;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use crate::Ids;
use crate::error::ApiError;
use crate::state::AppState;

/// Where a link leads; the name behind it is for people.
#[derive(Debug, Deserialize)]
struct FilePath {
    signed: String,
}

pub(crate) fn router() -> Router<AppState> {
    let base = "/rails/active_storage/blobs";
    Router::new()
        .route(
            &format!("{base}/redirect/{{signed}}/{{filename}}"),
            get(file_redirect),
        )
        .route(
            &format!("{base}/proxy/{{signed}}/{{filename}}"),
            get(file_show),
        )
}

/// Leads from `data_url` to the bytes (contract, section 3).
async fn file_redirect(
    Ids(path): Ids<FilePath>,
    State(attachments): State<Attachments>,
) -> Result<Response, ApiError> {
    let url = attachments
        .locate(&path.signed)
        .await
        .map_err(ApiError::framework)?;
    Ok((StatusCode::FOUND, [(LOCATION, url)]).into_response())
}

/// The bytes, or one range of them.
async fn file_show(
    Ids(path): Ids<FilePath>,
    State(attachments): State<Attachments>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let file = attachments
        .open(&path.signed)
        .await
        .map_err(ApiError::framework)?;
    answer::answer(&attachments, &file, &headers)
        .await
        .map_err(ApiError::framework)
}

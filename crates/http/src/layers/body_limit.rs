//! No body larger than the limit, whether it says so in advance or not.

use axum::body::Body;
use http::{
    Request,
    header::{CONTENT_LENGTH, CONTENT_TYPE},
};
use http_body_util::Limited;

use super::memory::{BodyMemory, Held};
use crate::{
    error::ApiError,
    params::{BodyLimit, is_form},
};

/// The largest bodies, in bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Of a body without files, and of the texts of one with files.
    pub(super) body_bytes: usize,
    /// Of a form with files.
    pub(super) upload_bytes: usize,
}

/// Whether the request may carry files.
pub(super) fn is_upload(request: &Request<Body>) -> bool {
    let content_type = request.headers().get(CONTENT_TYPE);
    content_type
        .and_then(|value| value.to_str().ok())
        .is_some_and(is_form)
}

/// Limits the body of a request, tells the extractors the limit, and counts its bytes in memory
/// until the returned share is dropped.
///
/// # Errors
/// At once: 413 when the announced length is over the limit, 503 when there is no memory for it.
pub(super) fn limit(
    request: Request<Body>,
    limits: Limits,
    memory: &BodyMemory,
) -> Result<(Request<Body>, Held), ApiError> {
    let Limits {
        body_bytes,
        upload_bytes,
    } = limits;
    let upload = is_upload(&request);
    let (limit_bytes, too_large) = if upload {
        (upload_bytes, ApiError::UploadTooLarge)
    } else {
        let limit_bytes = body_bytes;
        (body_bytes, ApiError::PayloadTooLarge { limit_bytes })
    };
    let announced = request
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok());
    let announced = announced
        .and_then(|text| text.parse::<u64>().ok())
        .unwrap_or(0);
    let announced = usize::try_from(announced).unwrap_or(usize::MAX);
    if announced > limit_bytes {
        return Err(too_large);
    }
    let (request, held) = memory.count(request, announced, upload)?;
    let mut request = request.map(|body| Body::new(Limited::new(body, limit_bytes)));
    request.extensions_mut().insert(BodyLimit(body_bytes));
    Ok((request, held))
}

//! No body larger than the limit, whether it says so in advance or not.

use axum::body::Body;
use http::{Request, header::CONTENT_LENGTH};
use http_body_util::Limited;

use crate::{error::ApiError, params::BodyLimit};

/// Limits the body of a request, and tells the extractors the limit.
///
/// # Errors
/// 413 at once when the announced length is over the limit.
pub(super) fn limit(request: Request<Body>, limit_bytes: usize) -> Result<Request<Body>, ApiError> {
    let announced = request
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok());
    let announced = announced
        .and_then(|text| text.parse::<u64>().ok())
        .unwrap_or(0);
    if usize::try_from(announced).map_or(true, |bytes| bytes > limit_bytes) {
        return Err(ApiError::PayloadTooLarge { limit_bytes });
    }
    let mut request = request.map(|body| Body::new(Limited::new(body, limit_bytes)));
    request.extensions_mut().insert(BodyLimit(limit_bytes));
    Ok(request)
}

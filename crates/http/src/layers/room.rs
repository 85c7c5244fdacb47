//! Writes are refused while a disk is nearly full, and reads are not.

use axum::body::Body;
use gatewright_core::storage::{RETRY_AFTER_S, Storage};
use http::{Method, Request};

use super::{body_limit, refused};
use crate::error::ApiError;

/// What reads, though it is posted.
const READS: &str = "/filter";

/// Lets a request pass that stores nothing, and one for which there is room. Deletions pass: they
/// make room.
///
/// # Errors
/// 503.
pub(super) fn check(request: &Request<Body>, storage: &Storage) -> Result<(), ApiError> {
    let writes = [Method::POST, Method::PUT, Method::PATCH].contains(request.method());
    if !writes || request.uri().path().ends_with(READS) {
        return Ok(());
    }
    let text = if storage.refuses_writes() {
        "There is no room on the database's disk, try again later"
    } else if storage.refuses_files() && body_limit::is_upload(request) {
        "There is no room for files, try again later"
    } else {
        return Ok(());
    };
    refused("disk");
    Err(ApiError::unavailable(text, RETRY_AFTER_S))
}

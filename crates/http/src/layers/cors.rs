//! Calls from browsers of other origins: `*` on `/public/api/*`, and on `/api/*` when configured
//! (contract §1.5). Tokens travel in headers, never in cookies, so `*` grants no foreign session.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{
    HeaderMap, HeaderValue, Method, Request, StatusCode,
    header::{
        ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
        ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
        ACCESS_CONTROL_REQUEST_METHOD, VARY,
    },
};

const METHODS: HeaderValue =
    HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "access-token, client, expiry, uid, x-request-id, idempotent-replayed, retry-after",
);
const MAX_AGE_S: HeaderValue = HeaderValue::from_static("7200");

/// What a request crosses with: whether its path is open to other origins, and whether it is only
/// the browser's question in advance.
pub(super) struct Crossing {
    open: bool,
    preflight: bool,
    asked_headers: Option<HeaderValue>,
}

impl Crossing {
    /// Looks at path, method and headers of a request.
    pub(super) fn of(request: &Request<Body>, api_open: bool) -> Self {
        let path = request.uri().path();
        let headers = request.headers();
        Self {
            open: path.starts_with("/public/api/") || (api_open && path.starts_with("/api/")),
            preflight: request.method() == Method::OPTIONS
                && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD),
            asked_headers: headers.get(ACCESS_CONTROL_REQUEST_HEADERS).cloned(),
        }
    }

    /// The answer to the browser's question, if this is one and the path is open.
    pub(super) fn preflight(&self) -> Option<Response> {
        (self.open && self.preflight).then(|| {
            let mut response = StatusCode::OK.into_response();
            let headers = response.headers_mut();
            headers.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
            headers.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE_S);
            headers.append(
                VARY,
                HeaderValue::from_static("access-control-request-headers"),
            );
            if let Some(asked) = &self.asked_headers {
                headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, asked.clone());
            }
            response
        })
    }

    /// Marks an answer as readable by every origin, if the path is open.
    pub(super) fn decorate(&self, headers: &mut HeaderMap) {
        if self.open {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        }
    }
}

//! The answers of success: always 200, creation included (contract §1.5).

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header::CONTENT_TYPE};
use serde::Serialize;

use crate::error::ApiError;

/// The content type of every JSON body.
pub(crate) const JSON_UTF8: HeaderValue =
    HeaderValue::from_static("application/json; charset=utf-8");

/// 200 with the value as a JSON body.
#[derive(Debug, Clone)]
pub struct Json200<T>(pub T);

impl<T: Serialize> IntoResponse for Json200<T> {
    fn into_response(self) -> Response {
        json_response(StatusCode::OK, &self.0)
    }
}

/// 200 with a body of zero bytes and `Content-Type: application/json`: the "200 empty" of the
/// contract. Clients rely on it being empty; it is not `{}`.
#[derive(Debug, Clone, Copy)]
pub struct Empty200;

impl IntoResponse for Empty200 {
    fn into_response(self) -> Response {
        let content_type = HeaderValue::from_static("application/json");
        (StatusCode::OK, [(CONTENT_TYPE, content_type)]).into_response()
    }
}

/// A JSON body with this status; a value that cannot be serialized is our own fault, so a 500.
pub(crate) fn json_response(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(bytes) => (status, [(CONTENT_TYPE, JSON_UTF8)], bytes).into_response(),
        Err(error) => ApiError::internal(&error).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;
    use serde_json::json;

    #[tokio::test]
    async fn a_value_is_answered_as_utf8_json() {
        let response = Json200(json!({"name": "Zoë"})).into_response();
        assert_eq!(response.status(), 200);
        assert_eq!(
            response.headers()[CONTENT_TYPE],
            "application/json; charset=utf-8"
        );
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(body, r#"{"name":"Zoë"}"#.as_bytes());
    }

    #[tokio::test]
    async fn the_empty_answer_has_no_byte() {
        let response = Empty200.into_response();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()[CONTENT_TYPE], "application/json");
        assert!(
            response
                .into_body()
                .collect()
                .await
                .unwrap()
                .to_bytes()
                .is_empty()
        );
    }
}

//! Ids and other texts of the path.

use axum::extract::{FromRequestParts, OriginalUri, RawPathParams};
use http::request::Parts;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::coerce::coerce_ids;
use crate::error::{ApiError, Family};

/// The parameters of the path as a `T` with a field for each, for example
/// `struct At { account_id: i64, conversation_id: i64 }`.
///
/// An id that is no positive number, or too large for one, belongs to no record: the rejection is
/// the 404 of the path's family (contract §1.3), never a 400 or 422.
#[derive(Debug, Clone, Copy)]
pub struct Ids<T>(pub T);

/// The positive id that this text of the path is, or `None`, which means "no such record".
pub fn parse_id(text: &str) -> Option<i64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits
        .then(|| text.parse().ok())
        .flatten()
        .filter(|id| *id > 0)
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Ids<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let not_found = ApiError::NotFound(family_of(parts));
        // The only ways to fail are a text that is not UTF-8 and a handler without a route.
        let Ok(params) = RawPathParams::from_request_parts(parts, state).await else {
            return Err(not_found);
        };
        let mut values = Map::new();
        for (name, text) in &params {
            if text.contains('\0') {
                return Err(not_found);
            }
            values.insert(name.to_owned(), Value::from(text));
        }
        coerce_ids(&Value::Object(values))
            .map(Self)
            .map_err(|_| not_found)
    }
}

/// The family of the whole path; a nested router sees only the rest of it.
fn family_of(parts: &Parts) -> Family {
    let original = parts
        .extensions
        .get::<OriginalUri>()
        .map(|OriginalUri(uri)| uri.path());
    Family::of_path(original.unwrap_or_else(|| parts.uri.path()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{Router, body::Body, routing::get};
    use http::Request;
    use http_body_util::BodyExt;
    use serde::Deserialize;
    use tower::ServiceExt;

    #[derive(Deserialize)]
    struct At {
        account_id: i64,
        source_id: String,
    }

    async fn fetch(uri: &str) -> (u16, String) {
        let handler =
            |Ids(at): Ids<At>| async move { format!("{} {}", at.account_id, at.source_id) };
        let inner = Router::new().route("/{account_id}/{source_id}", get(handler));
        let router: Router = Router::new()
            .nest("/api", inner.clone())
            .nest("/public", inner);
        let response = router
            .oneshot(Request::get(uri).body(Body::empty()).unwrap())
            .await
            .unwrap();
        let status = response.status().as_u16();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(bytes.to_vec()).unwrap())
    }

    #[test]
    fn only_positive_numbers_are_ids() {
        assert_eq!(parse_id("1"), Some(1));
        assert_eq!(parse_id("9223372036854775807"), Some(i64::MAX));
        for text in [
            "",
            "0",
            "-1",
            "+1",
            " 1",
            "1x",
            "x",
            "1.0",
            "9223372036854775808",
            "١",
        ] {
            assert_eq!(parse_id(text), None, "{text}");
        }
    }

    #[tokio::test]
    async fn the_path_is_read_by_name_and_texts_keep_their_zeros() {
        assert_eq!(fetch("/api/7/007").await, (200, "7 007".to_owned()));
        assert_eq!(fetch("/api/7/a%2Fb").await, (200, "7 a/b".to_owned()));
    }

    #[tokio::test]
    async fn what_is_no_id_is_not_found_in_the_words_of_its_family() {
        let app = (404, r#"{"error":"Resource could not be found"}"#.to_owned());
        for uri in [
            "/api/x/s",
            "/api/-1/s",
            "/api/9223372036854775808/s",
            "/api/7/a%00b",
        ] {
            assert_eq!(fetch(uri).await, app, "{uri}");
        }
        assert_eq!(fetch("/api/7/%ff").await, app);
        let (status, body) = fetch("/public/x/s").await;
        assert_eq!(status, 404);
        assert!(body.contains(r#""error":"Not Found""#), "{body}");
    }
}

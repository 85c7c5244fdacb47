//! The extractor of handlers: the bag, coerced into one type.

use axum::{body::Body, extract::FromRequest};
use http::Request;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Bag, ParamError, coerce};
use crate::error::ApiError;

/// Where a type's fields stand in the bag (contract §1.4).
pub trait Root {
    /// `Some("webhook")`: under this key, which a JSON body may leave out and a form may not.
    /// `None`: flat, never wrapped.
    const ROOT: Option<&'static str> = None;
    /// Fields whose files [`super::WithFiles`] takes, for example `message.attachments`.
    const FILES: &'static [&'static str] = &[];
}

/// The parameters of a request as a `T`: body over query, coerced as the contract coerces them.
/// It consumes the body, so it is a handler's last argument. Works without a body, too (GET).
///
/// `#[serde(flatten)]` and untagged enums in `T` switch the coercion off for what they hold,
/// because serde then reads the values before their type is known. `#[serde(default)]` covers a
/// field that is absent; one that may also be null or empty is an `Option` or a `Patch`.
///
/// Rejects with 400 when the request is malformed, 413 when it is too large, and 422 with the path
/// of the field when a value is missing or of the wrong kind.
#[derive(Debug, Clone, Copy)]
pub struct Params<T>(pub T);

impl<T: DeserializeOwned + Root> Params<T> {
    /// The `T` in this bag.
    ///
    /// # Errors
    /// The first field that is missing or of the wrong kind.
    pub fn from_bag(bag: Bag) -> Result<Self, ParamError> {
        let value = match T::ROOT {
            Some(root) => bag.under(root)?,
            None => Value::Object(bag.merged()),
        };
        coerce(value).map(Self)
    }
}

impl<T: DeserializeOwned + Root, S: Send + Sync> FromRequest<S> for Params<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request<Body>, state: &S) -> Result<Self, ApiError> {
        Ok(Self::from_bag(Bag::from_request(request, state).await?)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Json200;
    use axum::{Router, routing::any};
    use http_body_util::BodyExt;
    use serde::{Deserialize, Serialize};
    use serde_json::json;
    use tower::ServiceExt;

    #[derive(Deserialize, Serialize)]
    struct WebhookCreate {
        url: String,
        #[serde(default)]
        subscriptions: Vec<String>,
    }

    impl Root for WebhookCreate {
        const ROOT: Option<&'static str> = Some("webhook");
    }

    #[derive(Deserialize, Serialize)]
    struct ConversationCreate {
        inbox_id: i64,
        page: Option<u32>,
    }

    impl Root for ConversationCreate {}

    async fn echo<T>(Params(value): Params<T>) -> Json200<T>
    where
        T: DeserializeOwned + Serialize + Root,
    {
        Json200(value)
    }

    async fn send(uri: &str, content_type: &str, body: &'static str) -> (u16, Value) {
        let router: Router = Router::new()
            .route("/webhooks", any(echo::<WebhookCreate>))
            .route("/conversations", any(echo::<ConversationCreate>));
        let request = Request::post(uri)
            .header("content-type", content_type)
            .body(Body::from(body))
            .unwrap();
        let response = router.oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&bytes).unwrap())
    }

    const JSON: &str = "application/json";
    const FORM: &str = "application/x-www-form-urlencoded";

    #[tokio::test]
    async fn a_rooted_type_is_read_in_every_form_the_contract_allows() {
        let expected = (200, json!({"url": "u", "subscriptions": ["a"]}));
        for (content_type, body) in [
            (JSON, r#"{"webhook":{"url":"u","subscriptions":["a"]}}"#),
            (JSON, r#"{"url":"u","subscriptions":["a"],"unknown":1}"#),
            (FORM, "webhook[url]=u&webhook[subscriptions][]=a"),
            (FORM, "webhook[url]=u&webhook[subscriptions][0]=a"),
        ] {
            assert_eq!(
                send("/webhooks", content_type, body).await,
                expected,
                "{body}"
            );
        }
        let missing = json!({"error": "param is missing or the value is empty: webhook"});
        assert_eq!(send("/webhooks", FORM, "url=u").await, (422, missing));
    }

    #[tokio::test]
    async fn a_flat_type_is_read_from_body_and_query() {
        let answer = send("/conversations?page=2", JSON, r#"{"inbox_id":"3"}"#).await;
        assert_eq!(answer, (200, json!({"inbox_id": 3, "page": 2})));
        let answer = send("/conversations?inbox_id=3&page=", FORM, "").await;
        assert_eq!(answer, (200, json!({"inbox_id": 3, "page": null})));
    }

    #[tokio::test]
    async fn a_refusal_names_the_field() {
        let missing = json!({"error": "param is missing or the value is empty: inbox_id"});
        assert_eq!(send("/conversations", JSON, "{}").await, (422, missing));
        let wrong = json!({"error": "inbox_id: expected an integer, got the text \"abc\""});
        assert_eq!(
            send("/conversations", JSON, r#"{"inbox_id":"abc"}"#).await,
            (422, wrong)
        );
        let malformed = json!({"status": 400, "error": "Bad Request"});
        assert_eq!(send("/conversations", JSON, "{").await, (400, malformed));
    }
}

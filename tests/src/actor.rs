use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

use crate::Form;

/// Somebody who calls the gateway.
#[derive(Clone)]
pub struct Actor {
    router: Router,
    token: Option<String>,
    account_id: i64,
}

/// What the gateway answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Body text.
    pub text: String,
    /// Body bytes.
    pub bytes: Vec<u8>,
}

impl Answer {
    /// The body as JSON; null when it is empty.
    pub fn json(&self) -> Value {
        if self.text.is_empty() {
            return Value::Null;
        }
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    /// Asserts the shape that the contract gives to refusals: 4xx or a 503 that says when to come
    /// back, as JSON of one of four forms; 429 as text.
    pub fn assert_refused(&self, context: &str) {
        let status = self.status.as_u16();
        let later = status == 503 && self.headers.contains_key("retry-after");
        assert!(
            self.status.is_client_error() || later,
            "{context}: {status} {}",
            self.text
        );
        let kind = self.headers.get("content-type").map(|kind| kind.to_str());
        let kind = kind.and_then(Result::ok).unwrap_or_default();
        if status == 429 {
            assert_eq!((kind, self.text.as_str()), ("text/plain", "Retry later\n"));
            return;
        }
        assert_eq!(kind, "application/json; charset=utf-8", "{context}");
        assert!(is_error(&self.json(), status), "{context}: {}", self.text);
    }

    /// The body as JSON of a success.
    pub fn ok(&self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text);
        self.json()
    }
}

impl Actor {
    /// A caller of this router with this token, at this account.
    pub fn new(router: Router, token: Option<String>, account_id: i64) -> Self {
        Self {
            router,
            token,
            account_id,
        }
    }

    /// The same caller, at another account.
    #[must_use]
    pub fn at(&self, account_id: i64) -> Self {
        Self {
            account_id,
            ..self.clone()
        }
    }

    /// The token, for requests that a test makes itself.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// A path below the account, for example `/inboxes`.
    pub fn path(&self, path: &str) -> String {
        format!("/api/v1/accounts/{}{path}", self.account_id)
    }

    /// GET below the account.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, &self.path(path), &[], Vec::new())
            .await
    }

    /// POST of JSON below the account.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.json(Method::POST, &self.path(path), body).await
    }

    /// POST of a form below the account.
    pub async fn form(&self, path: &str, form: Form) -> Answer {
        let headers = [("content-type", Form::CONTENT_TYPE)];
        self.send(Method::POST, &self.path(path), &headers, form.into_bytes())
            .await
    }

    /// PATCH of JSON below the account.
    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.json(Method::PATCH, &self.path(path), body).await
    }

    /// DELETE below the account.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, &self.path(path), &[], Vec::new())
            .await
    }

    /// Any method with JSON at a whole path.
    pub async fn json(&self, method: Method, path: &str, body: &Value) -> Answer {
        let headers = [("content-type", "application/json")];
        self.send(method, path, &headers, body.to_string().into_bytes())
            .await
    }

    /// Any request.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(token) = &self.token {
            request = request.header("api_access_token", token);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body)).expect("a request");
        let response = self
            .router
            .clone()
            .oneshot(request)
            .await
            .expect("infallible");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answer {
            status: parts.status,
            headers: parts.headers,
            text,
            bytes: bytes.to_vec(),
        }
    }
}

fn is_error(body: &Value, status: u16) -> bool {
    let Some(object) = body.as_object() else {
        return false;
    };
    let texts = |name: &str| {
        let list = object.get(name).and_then(Value::as_array);
        list.is_some_and(|list| !list.is_empty() && list.iter().all(Value::is_string))
    };
    let text = |name: &str| {
        let text = object.get(name).and_then(Value::as_str);
        text.is_some_and(|text| !text.is_empty())
    };
    let keys: Vec<&str> = object.keys().map(String::as_str).collect();
    match keys.as_slice() {
        ["error"] => text("error") || object["error"].is_object(),
        ["errors"] => texts("errors"),
        ["message", "attributes"] | ["attributes", "message"] => {
            text("message") && texts("attributes")
        }
        ["status", "error"] | ["error", "status"] => object["status"] == status && text("error"),
        _ => false,
    }
}

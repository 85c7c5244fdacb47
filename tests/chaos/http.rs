//! Requests to the gateway.

use std::time::Duration;

use anyhow::Result;
use bytes::Bytes;
use http::{HeaderMap, Method, Request};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

/// Longer than the gateway's own limit of a request.
const TIMEOUT: Duration = Duration::from_secs(40);

/// A client with connections of its own.
#[derive(Clone)]
pub(crate) struct Http {
    client: Client<HttpConnector, Full<Bytes>>,
    token: String,
}

/// What was answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Http {
    pub(crate) fn new(token: &str) -> Self {
        Self {
            client: Client::builder(TokioExecutor::new()).build_http(),
            token: token.to_owned(),
        }
    }

    pub(crate) async fn get(&self, url: &str) -> Result<Answer> {
        self.send(Method::GET, url, None, &Value::Null).await
    }

    pub(crate) async fn post(&self, url: &str, body: &Value) -> Result<Answer> {
        self.send(Method::POST, url, None, body).await
    }

    /// Sends a request, with an `Idempotency-Key` if there is one.
    pub(crate) async fn send(
        &self,
        method: Method,
        url: &str,
        key: Option<&str>,
        body: &Value,
    ) -> Result<Answer> {
        let mut request = Request::builder()
            .method(method)
            .uri(url)
            .header("api_access_token", &self.token)
            .header("content-type", "application/json");
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let request = request.body(Full::new(Bytes::from(body.to_string())))?;
        let exchange = async {
            let response = self.client.request(request).await?;
            let (head, body) = response.into_parts();
            let bytes = body.collect().await?.to_bytes();
            anyhow::Ok(Answer {
                status: head.status.as_u16(),
                headers: head.headers,
                body: serde_json::from_slice(&bytes).unwrap_or_default(),
            })
        };
        tokio::time::timeout(TIMEOUT, exchange).await?
    }
}

//! What the fuzz targets have in common: a filled gateway that lives as long as the process, and
//! the lines before an input's body.

use std::sync::OnceLock;
use std::time::Duration;

use axum::http::{HeaderValue, Method, Uri};
use gatewright_tests::{Actor, Answer, TestGateway};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

/// A gateway with an inbox (1), a contact, a conversation (1) and a message; its inbox posts nowhere.
pub struct Subject {
    runtime: Runtime,
    gateway: TestGateway,
    administrator: Actor,
}

impl Subject {
    /// The one of this process.
    ///
    /// # Panics
    /// When it cannot be built.
    pub fn get() -> &'static Self {
        static SUBJECT: OnceLock<Subject> = OnceLock::new();
        SUBJECT.get_or_init(|| {
            let runtime = Builder::new_current_thread().enable_all().build();
            let runtime = runtime.expect("a runtime");
            let gateway = runtime.block_on(filled());
            let administrator = gateway.administrator();
            Self {
                runtime,
                gateway,
                administrator,
            }
        })
    }

    /// Sends a request below the account and waits until the gateway is at rest. A refusal has the
    /// contract's shape; `None` when the request is none that HTTP can carry.
    ///
    /// # Panics
    /// On an answer that the contract does not know.
    pub fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Option<Answer> {
        let carried = path.parse::<Uri>().is_ok()
            && headers
                .iter()
                .all(|(_, value)| HeaderValue::from_str(value).is_ok());
        if !carried {
            return None;
        }
        let path = if path.starts_with("/webhooks/") {
            path.to_owned()
        } else {
            self.administrator.path(path)
        };
        let account = self.gateway.account_id().to_string();
        let headers = [headers, &[("api_account_id", account.as_str())]].concat();
        let answer = self.runtime.block_on(async {
            // So many messages a minute are a flood.
            self.gateway.advance(Duration::from_secs(1)).await;
            let sent = self
                .administrator
                .send(method, &path, &headers, body.to_vec());
            let answer = sent.await;
            self.gateway.settle().await;
            answer
        });
        if answer.status != 200 {
            answer.assert_refused(&path);
        }
        Some(answer)
    }
}

async fn filled() -> TestGateway {
    let gateway = TestGateway::start().await;
    let inbox = gateway.inbox(None).await;
    gateway.conversation(&inbox).await;
    let message: Value = json!({ "content": "Hello", "message_type": "incoming" });
    let administrator = gateway.administrator();
    administrator
        .post("/conversations/1/messages", &message)
        .await
        .ok();
    gateway.settle().await;
    gateway
}

/// The first line of an input, which is text, and the rest.
pub fn line(input: &[u8]) -> Option<(&str, &[u8])> {
    let end = input.iter().position(|byte| *byte == b'\n')?;
    let (line, rest) = input.split_at(end);
    Some((std::str::from_utf8(line).ok()?, &rest[1..]))
}

use std::path::PathBuf;

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use gatewright_tests::{Answer, Form, Options, TestGateway};
use http::{Method, Request};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

/// A picture of three by two pixels.
pub(crate) const PNG: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x03\0\0\0\x02\x08\x02\0\0\0\x12\x16\xf1M";

/// A gateway, and the path of the messages of a conversation in an API inbox.
pub(crate) async fn start() -> (TestGateway, String) {
    start_with(Options::default()).await
}

pub(crate) async fn start_with(options: Options) -> (TestGateway, String) {
    let gateway = TestGateway::with(options).await;
    let inbox = gateway.inbox(None).await;
    let (_, conversation) = gateway.conversation(&inbox).await;
    let path = format!("/conversations/{}/messages", conversation["id"]);
    (gateway, path)
}

/// A form with one file in `attachments[]`.
pub(crate) fn file(name: &str, content_type: &str, bytes: &[u8]) -> Form {
    Form::new().file("attachments[]", name, content_type, bytes)
}

/// The one attachment of a message.
pub(crate) fn only(message: &Value) -> Value {
    let all = message["attachments"].as_array().expect("attachments");
    assert_eq!(all.len(), 1, "{message}");
    all[0].clone()
}

/// The path of a link of this gateway.
pub(crate) fn path_of(link: &Value) -> String {
    let link = link.as_str().expect("a link");
    let path = link.strip_prefix("http://127.0.0.1:8080");
    path.expect("a link of this gateway").to_owned()
}

/// Follows a link without a token: where it leads, and what is there.
pub(crate) async fn follow(gateway: &TestGateway, link: &Value) -> Answer {
    fetch(gateway, &path_of(link), &[]).await
}

/// Follows a link's redirect, then asks with these headers.
pub(crate) async fn fetch(gateway: &TestGateway, path: &str, headers: &[(&str, &str)]) -> Answer {
    let stranger = gateway.anonymous();
    let found = stranger.send(Method::GET, path, &[], Vec::new()).await;
    if found.status != 302 {
        return found;
    }
    let location = json!(found.headers["location"].to_str().expect("a location"));
    let path = path_of(&location);
    stranger.send(Method::GET, &path, headers, Vec::new()).await
}

/// Names of all files in the store, unfinished ones among them.
pub(crate) fn stored(gateway: &TestGateway) -> Vec<PathBuf> {
    let root = gateway.gateway().config().attachments.path.clone();
    let days = std::fs::read_dir(root.expect("a folder")).expect("it is there");
    let files = |day: std::fs::DirEntry| std::fs::read_dir(day.path()).expect("a day's folder");
    days.flat_map(|day| files(day.expect("a day")))
        .map(|file| file.expect("a file").path())
        .collect()
}

/// The value with what is signed in its links left out.
pub(crate) fn shown(value: &Value) -> Value {
    match value {
        Value::String(text) => json!(unsigned(text)),
        Value::Array(list) => list.iter().map(shown).collect(),
        Value::Object(object) => {
            let entries = object.iter();
            entries
                .map(|(key, value)| (key.clone(), shown(value)))
                .collect()
        }
        other => other.clone(),
    }
}

fn unsigned(text: &str) -> String {
    let parts: Vec<&str> = text.split('/').collect();
    match parts.as_slice() {
        [start @ .., _, name] if text.contains("/rails/active_storage/") => {
            format!("{}/[signed]/{name}", start.join("/"))
        }
        _ => text.to_owned(),
    }
}

/// POST of a form that comes in pieces, without its length.
pub(crate) async fn stream_in(
    gateway: &TestGateway,
    path: &str,
    body: Vec<u8>,
    piece_bytes: usize,
) -> (u16, Value) {
    let pieces: Vec<Result<Bytes, std::io::Error>> = body
        .chunks(piece_bytes)
        .map(|piece| Ok(Bytes::copy_from_slice(piece)))
        .collect();
    let actor = gateway.administrator();
    let request = Request::post(actor.path(path))
        .header("content-type", Form::CONTENT_TYPE)
        .header("api_access_token", actor.token().expect("a token"))
        .body(Body::from_stream(stream::iter(pieces)))
        .expect("a request");
    let response = gateway.router().oneshot(request).await.expect("infallible");
    let status = response.status().as_u16();
    let bytes = response.into_body().collect().await.expect("a body");
    let body = serde_json::from_slice(&bytes.to_bytes()).expect("JSON");
    (status, body)
}

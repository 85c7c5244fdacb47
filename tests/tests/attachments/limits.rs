//! What is refused, and that nothing of it stays.

use gatewright_tests::{Form, Options, TestGateway};
use http::Method;
use serde_json::{Value, json};

use crate::support::{file, start, start_with, stored, stream_in};

/// Files of two KiB at most.
fn small() -> Options {
    Options {
        max_file_bytes: 2048,
        ..Options::default()
    }
}

fn files(count: usize) -> Form {
    (0..count).fold(Form::new().text("content", "Files"), |form, n| {
        form.file("attachments[]", &format!("{n}.txt"), "text/plain", b"x")
    })
}

async fn refused(gateway: &TestGateway, path: &str, form: Form, text: &str) {
    let tables = gateway.tables().await;
    let before = tables.read().await;
    let answer = gateway.administrator().form(path, form).await;
    assert_eq!(answer.status, 422, "{}", answer.text);
    assert_eq!(answer.json(), json!({ "error": text }));
    assert_eq!(before.changed(&tables.read().await), Vec::<String>::new());
    tables.close().await;
    assert_eq!(stored(gateway).len(), 0, "{text}");
}

#[tokio::test]
async fn fifteen_files_are_taken_and_sixteen_refused() {
    let (gateway, path) = start().await;
    let text = "attachments: at most 15 files per message (the setting attachments.max_files)";
    refused(&gateway, &path, files(16), text).await;
    let id = "x".to_owned();
    let ids = json!({ "attachments": vec![id; 16] });
    let answer = gateway.administrator().post(&path, &ids).await;
    assert_eq!(answer.json(), json!({ "error": text }));
    let made = gateway.administrator().form(&path, files(15)).await.ok();
    assert_eq!(made["attachments"].as_array().map(Vec::len), Some(15));
    gateway.stop().await;
}

#[tokio::test]
async fn a_file_that_is_too_large_is_refused_by_its_name() {
    let (gateway, path) = start_with(small()).await;
    let form = file("ok.txt", "text/plain", b"x").file(
        "attachments[]",
        "dir/big.bin",
        "text/plain",
        &[0; 2049],
    );
    let text = "attachments: the file big.bin is larger than 2 KiB \
                (the setting attachments.max_file_bytes)";
    refused(&gateway, &path, form, text).await;
    gateway.stop().await;
}

#[tokio::test]
async fn a_form_that_is_larger_than_all_files_may_be_is_413() {
    let (gateway, path) = start_with(small()).await;
    let config = gateway.gateway().config();
    let limit = config.http.max_body_bytes + 15 * 2048;
    // A skipped file counts, too, whether its length is told in advance or not.
    let form = Form::new().file("avatar", "a", "image/png", &vec![0; limit]);
    let body = form.into_bytes();
    let (status, answer) = stream_in(&gateway, &path, body.clone(), 100_000).await;
    assert_eq!(status, 413);
    let text = "The request body is larger than the settings attachments.max_files and \
                attachments.max_file_bytes allow together";
    assert_eq!(answer, json!({ "error": text }));
    let length = body.len().to_string();
    let headers = [
        ("content-type", Form::CONTENT_TYPE),
        ("content-length", &length),
    ];
    let actor = gateway.administrator();
    let told = actor
        .send(Method::POST, &actor.path(&path), &headers, body)
        .await;
    assert_eq!((told.status.as_u16(), told.json()), (413, answer));
    // Texts are held in memory, so they have the limit of other bodies.
    let text = Form::new().text("content", &"x".repeat(config.http.max_body_bytes + 1));
    let long = actor.form(&path, text).await;
    assert_eq!(long.status, 413, "{}", long.text);
    assert!(long.text.contains("http.max_body_bytes"), "{}", long.text);
    gateway.stop().await;
}

#[tokio::test]
async fn what_is_no_form_is_400_and_leaves_nothing() {
    let (gateway, path) = start().await;
    let actor = gateway.administrator();
    let whole = file("a.txt", "text/plain", b"Hello")
        .text("content", "x")
        .into_bytes();
    let cut = whole[..whole.len() - 40].to_vec();
    let no_boundary = ("content-type", "multipart/form-data");
    let form = ("content-type", Form::CONTENT_TYPE);
    let not_text = Form::new().text("content", "x").into_bytes();
    let not_text: Vec<u8> = not_text
        .into_iter()
        .map(|b| if b == b'x' { 0xff } else { b })
        .collect();
    for (header, body) in [
        (no_boundary, whole.clone()),
        (form, cut),
        (form, b"nonsense".to_vec()),
        (form, Vec::new()),
        (form, not_text),
    ] {
        let answer = actor
            .send(Method::POST, &actor.path(&path), &[header], body)
            .await;
        assert_eq!(answer.status, 400, "{}", answer.text);
        assert_eq!(
            answer.json(),
            json!({ "status": 400, "error": "Bad Request" })
        );
        assert_eq!(stored(&gateway).len(), 0);
    }
    gateway.stop().await;
}

#[tokio::test]
async fn a_refused_message_leaves_neither_row_nor_file() {
    let (gateway, path) = start().await;
    let with = |name: &str, value: &str| file("a.txt", "text/plain", b"Hello").text(name, value);
    let cases: [(Form, &str); 4] = [
        (
            with("message_type", "nonsense"),
            "'nonsense' is not a valid message_type",
        ),
        (
            with("content_attributes", "nonsense"),
            "content_attributes must be an object, or the JSON text of an object",
        ),
        (
            with("content", "a\0b"),
            "content must not contain the character U+0000",
        ),
        (
            with("attachments[]", "forged--00"),
            "attachments: 'forged--00' is no signed id of an upload of this account",
        ),
    ];
    for (form, text) in cases {
        refused(&gateway, &path, form, text).await;
    }
    let form = file("a.txt", "text/plain", b"Hello");
    let nowhere = gateway
        .administrator()
        .form("/conversations/999/messages", form)
        .await;
    assert_eq!(nowhere.status, 404);
    assert_eq!(stored(&gateway).len(), 0);
    let agent = gateway.agent("Outsider").await;
    let form = file("a.txt", "text/plain", b"Hello");
    assert_eq!(agent.form(&path, form).await.status, 401);
    assert_eq!(stored(&gateway).len(), 0);
    gateway.stop().await;
}

#[tokio::test]
async fn a_flooded_conversation_takes_no_files() {
    let (gateway, path) = start().await;
    let administrator = gateway.administrator();
    for _ in 0..200 {
        let body: Value = json!({ "content": "x" });
        administrator.post(&path, &body).await.ok();
    }
    let form = file("a.txt", "text/plain", b"Hello");
    let text = "Validation failed: Too many messages";
    refused(&gateway, &path, form, text).await;
    gateway.stop().await;
}

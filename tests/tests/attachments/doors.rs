//! Files by the doors that find the conversation themselves, and by a contact's own client.

use gatewright_tests::{Form, Options, TestGateway};
use http::Method;
use serde_json::{Value, json};

use crate::support::{PNG, follow, only, shown, stored};

const DOOR: &str = "/webhooks/api_channel";

async fn door(gateway: &TestGateway, form: Form) -> gatewright_tests::Answer {
    let headers = [("content-type", Form::CONTENT_TYPE)];
    let actor = gateway.administrator();
    actor
        .send(Method::POST, DOOR, &headers, form.into_bytes())
        .await
}

fn letter(inbox: &Value) -> Form {
    Form::new()
        .text("inbox_id", &inbox["id"].to_string())
        .text("contact[identifier]", "ben")
        .text("contact[name]", "Ben")
        .text("message[content]", "Look")
        .text("message[source_id]", "m-1")
        .file("attachments[]", "photo.png", "image/png", PNG)
}

async fn a_file_goes_through_the_door(options: Options) {
    let gateway = TestGateway::with(options).await;
    let inbox = gateway.inbox(None).await;
    let made = door(&gateway, letter(&inbox)).await.ok();
    if !options.loopback {
        insta::assert_json_snapshot!("message_by_the_door", shown(&made));
    }
    assert_eq!(follow(&gateway, &only(&made)["data_url"]).await.bytes, PNG);
    let repeat = door(&gateway, letter(&inbox)).await;
    assert_eq!(repeat.headers["idempotent-replayed"], "true");
    assert_eq!(stored(&gateway).len(), 1, "a repeat keeps no file");
    let more = letter(&inbox).text("message[source_id]", "m-2");
    let more = door(&gateway, more).await.ok();
    assert_eq!(more["conversation_id"], made["conversation_id"]);
    assert_eq!(stored(&gateway).len(), 2);
    gateway.stop().await;
}

#[tokio::test]
async fn a_file_goes_through_the_door_of_a_channel() {
    a_file_goes_through_the_door(Options::default()).await;
}

#[tokio::test]
async fn a_file_goes_through_the_door_of_a_channel_behind_its_json_form() {
    let loopback = Options {
        loopback: true,
        ..Options::default()
    };
    a_file_goes_through_the_door(loopback).await;
}

#[tokio::test]
async fn a_refused_door_keeps_no_file() {
    let gateway = TestGateway::start().await;
    let inbox = gateway.inbox(None).await;
    let file = |form: Form| form.file("attachments[]", "a.txt", "text/plain", b"Hello");
    let inbox_id = inbox["id"].to_string();
    let nobody = Form::new().text("inbox_id", &inbox_id);
    let nowhere = Form::new()
        .text("inbox_id", "999")
        .text("contact[identifier]", "ben");
    for (form, status) in [(nobody, 422), (nowhere, 404), (Form::new(), 422)] {
        let refused = door(&gateway, file(form)).await;
        assert_eq!(refused.status, status, "{}", refused.text);
        assert_eq!(stored(&gateway).len(), 0);
    }
    gateway.stop().await;
}

/// The path of a contact's messages, below `/public`.
async fn public(gateway: &TestGateway) -> String {
    let inbox = gateway.inbox(None).await;
    let base = format!(
        "/public/api/v1/inboxes/{}/contacts",
        inbox["inbox_identifier"].as_str().expect("an identifier")
    );
    let client = gateway.anonymous();
    let contact = client
        .json(Method::POST, &base, &json!({ "source_id": "web-1" }))
        .await
        .ok();
    let contact = format!(
        "{base}/{}",
        contact["source_id"].as_str().expect("a source id")
    );
    let path = format!("{contact}/conversations");
    let made = client.json(Method::POST, &path, &json!({})).await.ok();
    format!("{path}/{}/messages", made["id"])
}

#[tokio::test]
async fn a_contact_sends_a_file_by_its_own_client() {
    let gateway = TestGateway::start().await;
    let path = public(&gateway).await;
    let headers = [("content-type", Form::CONTENT_TYPE)];
    let form = || {
        Form::new()
            .text("content", "Look")
            .text("echo_id", "mine")
            .file("attachments[]", "photo.png", "image/png", PNG)
            .into_bytes()
    };
    let client = gateway.anonymous();
    let made = client
        .send(Method::POST, &path, &headers, form())
        .await
        .ok();
    insta::assert_json_snapshot!("public_message", shown(&made));
    assert_eq!(follow(&gateway, &only(&made)["data_url"]).await.bytes, PNG);
    for unknown in [
        path.replace("web-1", "nobody"),
        path.replace("/messages", "9/messages"),
    ] {
        let refused = client.send(Method::POST, &unknown, &headers, form()).await;
        assert_eq!(
            refused.json(),
            json!({ "status": 404, "error": "Not Found" })
        );
        assert_eq!(stored(&gateway).len(), 1);
    }
    gateway.stop().await;
}

use gatewright_tests::TestGateway;
use serde_json::{Value, json};

use crate::support::{assert_refused, post, setting};

#[tokio::test]
async fn every_kind_of_content_is_stored_as_it_is() {
    let (gateway, _listener, conversation) = setting().await;
    let item = json!({ "title": "A", "value": "a" });
    let card = json!({ "title": "A", "description": "B", "media_url": "C",
        "actions": [{ "type": "link", "text": "Open", "uri": "https://example.com" }] });
    let field = json!({ "name": "mail", "label": "Mail", "type": "email", "required": true });
    let article = json!({ "title": "A", "description": "B", "link": "https://example.com" });
    for (kind, attributes) in [
        ("text", json!({})),
        ("input_text", json!({})),
        ("input_textarea", json!({})),
        ("input_email", json!({})),
        ("input_select", json!({ "items": [item] })),
        ("cards", json!({ "items": [card] })),
        ("form", json!({ "items": [field] })),
        ("article", json!({ "items": [article] })),
        ("incoming_email", json!({ "email": { "subject": "Hi" } })),
        ("input_csat", json!({ "display_type": "emoji" })),
        ("integrations", json!({ "data": { "x": 1 } })),
        ("sticker", json!({})),
        ("voice_call", json!({})),
    ] {
        let body =
            json!({ "content": "x", "content_type": kind, "content_attributes": attributes });
        let stored = post(&gateway, &conversation, &body).await.ok();
        assert_eq!(stored["content_type"], kind);
        assert_eq!(stored["content_attributes"], attributes, "{kind}");
    }
    gateway.stop().await;
}

#[tokio::test]
async fn items_with_other_keys_are_refused_by_name() {
    let (gateway, _listener, conversation) = setting().await;
    let refused = |kind: &str, items: Value| json!({ "content": "x", "content_type": kind, "content_attributes": { "items": items } });
    for (body, text) in [
        (
            refused("input_select", json!([{ "title": "A", "colour": 1 }])),
            "Validation failed: Content attributes contains invalid keys for items : [:colour]",
        ),
        (
            refused("cards", json!([{ "title": "A" }])),
            "Validation failed: Content attributes contains items missing actions",
        ),
        (
            refused("form", json!([])),
            "Validation failed: Content attributes At least one item is required.",
        ),
        (
            json!({ "content": "x", "content_type": "poem" }),
            "'poem' is not a valid content_type",
        ),
        (
            json!({ "content": "x", "message_type": "x" }),
            "'x' is not a valid message_type",
        ),
        (
            json!({ "content": "x".repeat(150_001) }),
            "Validation failed: Content is too long (maximum is 150000 characters)",
        ),
        (
            json!({ "content": "x", "template_params": { "language": "en" } }),
            "template_params must be an object with the template's name",
        ),
    ] {
        assert_refused(&post(&gateway, &conversation, &body).await, text);
    }
    let longest = json!({ "content": "ä".repeat(150_000) });
    post(&gateway, &conversation, &longest).await.ok();
    gateway.stop().await;
}

#[tokio::test]
async fn forms_send_attributes_as_text() {
    let (gateway, listener, conversation) = setting().await;
    let body = json!({
        "content": "x",
        "content_type": "input_select",
        "content_attributes": "{\"items\":[{\"title\":\"A\",\"value\":\"a\"}]}",
        "template_params": "{\"name\":\"hello\",\"language\":\"en\"}",
        "external_created_at": 1_700_000_000,
        "campaign_id": 3,
    });
    let stored = post(&gateway, &conversation, &body).await.ok();
    let expected = json!({ "items": [{ "title": "A", "value": "a" }],
        "external_created_at": 1_700_000_000 });
    assert_eq!(stored["content_attributes"], expected);
    gateway.settle().await;
    let told = crate::support::told(&listener, "message_created");
    let expected = json!({ "template_params": { "name": "hello", "language": "en" },
        "campaign_id": 3 });
    assert_eq!(told[0]["additional_attributes"], expected);
    gateway.stop().await;
}

#[tokio::test]
async fn templates_and_activities_can_be_posted_and_nobody_wrote_them() {
    let gateway = TestGateway::start().await;
    let inbox = gateway.inbox(None).await;
    let (_, conversation) = gateway.conversation(&inbox).await;
    for (kind, number) in [("template", 3), ("activity", 2)] {
        let body = json!({ "content": "x", "message_type": kind });
        let stored = post(&gateway, &conversation, &body).await.ok();
        assert_eq!(stored["message_type"], number);
    }
    gateway.stop().await;
}

#[tokio::test]
async fn json_within_a_text_is_checked_like_any_other() {
    let (gateway, _listener, conversation) = setting().await;
    let administrator = gateway.administrator();
    let path = format!("/conversations/{}/messages", conversation["id"]);
    let deep = format!("{}1{}", r#"{"a":"#.repeat(101), "}".repeat(101));
    for (attributes, fault) in [
        (r#"{"a":"\u0000"}"#, "U+0000"),
        (r#"{"a\u0000":1}"#, "U+0000"),
        (deep.as_str(), "nested too deeply"),
    ] {
        let body = json!({ "content": "x", "content_attributes": attributes });
        let refused = administrator.post(&path, &body).await;
        assert_eq!(refused.status.as_u16(), 422, "{}", refused.text);
        let error = refused.json()["error"].clone();
        let error = error.as_str().expect("a sentence");
        assert!(error.starts_with("content_attributes"), "{error}");
        assert!(error.contains(fault), "{error}");
    }
    let named = r#"{"name":"t","language":"\u0000"}"#;
    let body = json!({ "content": "x", "template_params": named });
    let refused = administrator.post(&path, &body).await;
    assert_eq!(refused.status.as_u16(), 422, "{}", refused.text);
    let milliseconds = json!({ "status": "snoozed", "snoozed_until": 1_768_900_502_113_i64 });
    let toggle = format!("/conversations/{}/toggle_status", conversation["id"]);
    let refused = administrator.post(&toggle, &milliseconds).await;
    assert_eq!(refused.status.as_u16(), 422, "{}", refused.text);
    gateway.stop().await;
}

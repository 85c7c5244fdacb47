//! Every field of every body, with what does not belong there.

use serde_json::json;

use super::{FORM, JSON, Siege, base, with};

#[tokio::test]
async fn wrong_types_in_every_field() {
    let siege = Siege::start().await;
    let values = [
        json!(null),
        json!(true),
        json!(""),
        json!("nonsense"),
        json!(-1),
        json!(0.5),
        json!([]),
        json!([1, "a", null, {}]),
        json!({}),
        json!({ "a": { "b": [1] } }),
    ];
    for operation in siege.with_body() {
        for field in siege.fields(operation) {
            for value in &values {
                let body = with(base(operation, &siege.world), &field, value);
                siege.attack_json(operation, &body, &body.to_string()).await;
            }
        }
    }
    siege.stop().await;
}

#[tokio::test]
async fn numbers_beyond_every_range() {
    let siege = Siege::start().await;
    let values = [
        json!(i64::MAX),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(1e300),
        json!("9223372036854775808"),
        json!("-9223372036854775809"),
        json!("99999999999999999999999999"),
    ];
    for operation in siege.with_body() {
        for field in siege.fields(operation) {
            for value in &values {
                let body = with(base(operation, &siege.world), &field, value);
                siege.attack_json(operation, &body, &body.to_string()).await;
            }
            // Larger than any number of JSON that is read as a float.
            let body = with(base(operation, &siege.world), &field, &json!("@"));
            let text = body.to_string().replace("\"@\"", "1e999");
            let path = siege.path(operation);
            siege
                .attack(operation, &path, JSON, text.into_bytes(), "1e999")
                .await;
        }
    }
    siege.stop().await;
}

#[tokio::test]
async fn the_null_character_in_every_field_and_key() {
    let siege = Siege::start().await;
    for operation in siege.with_body() {
        for field in siege.fields(operation) {
            let last = field.last().expect("a name");
            for value in [json!("a\0b"), json!({ "a\0": 1 }), json!(["\0"])] {
                let body = with(base(operation, &siege.world), &field, &value);
                let answer = siege.attack_json(operation, &body, "U+0000").await;
                assert_eq!(answer.status, 422, "{} {field:?} {value}", operation.id);
                assert!(answer.text.contains(last.as_str()), "{}", answer.text);
            }
        }
        let path = siege.path(operation);
        let answer = siege
            .attack(operation, &path, FORM, b"a=%00".to_vec(), "form")
            .await;
        assert_eq!(answer.status, 422, "{}", operation.id);
    }
    siege.stop().await;
}

#[tokio::test]
async fn very_long_texts_in_every_field() {
    let siege = Siege::start().await;
    let values = [
        json!("x".repeat(1 << 20)),
        json!(format!("{}@example.com", "x".repeat(100_000))),
    ];
    for operation in siege.with_body() {
        for field in siege.fields(operation) {
            for value in &values {
                let body = with(base(operation, &siege.world), &field, value);
                let context = format!("{field:?}");
                siege.attack_json(operation, &body, &context).await;
            }
        }
    }
    siege.stop().await;
}

#[tokio::test]
async fn unique_texts_of_a_hundred_thousand_characters_are_refused() {
    let siege = Siege::start().await;
    let long = "i".repeat(100_000);
    for (id, field) in [
        ("contact_create", "source_id"),
        ("contact_create", "identifier"),
        ("contact_create", "name"),
        ("contact_create", "email"),
        ("contact_update", "identifier"),
        ("contact_update", "name"),
        ("contact_update", "email"),
        ("contact_inbox_create", "source_id"),
        ("public_contact_update", "name"),
        ("public_contact_update", "email"),
        ("public_contact_create", "source_id"),
        ("public_contact_create", "name"),
        ("public_contact_create", "email"),
        ("message_create", "source_id"),
        ("conversation_create", "source_id"),
        ("webhook_create", "url"),
        ("webhook_create", "name"),
        ("inbox_create", "name"),
    ] {
        let operation = siege.operation(id);
        let mut body = base(operation, &siege.world);
        body[field] = json!(match field {
            "email" => format!("{long}@example.com"),
            "url" => format!("https://example.com/{long}"),
            _ => long.clone(),
        });
        if id == "contact_create" && field == "source_id" {
            body["inbox_id"] = json!(siege.world.number("inbox_id"));
        }
        let answer = siege.attack_json(operation, &body, field).await;
        assert_eq!(answer.status, 422, "{id} {field}: {}", answer.text);
        assert!(
            answer.text.len() < 1000,
            "{id} {field}: the text is not given back"
        );
    }
    siege.stop().await;
}

#[tokio::test]
async fn unknown_ids_and_names_in_bodies_are_refused() {
    let siege = Siege::start().await;
    let cases = [
        ("contact_create", json!({ "inbox_id": 999_999 }), 404),
        (
            "conversation_create",
            json!({ "inbox_id": 999_999, "contact_id": 1 }),
            404,
        ),
        (
            "conversation_create",
            json!({ "inbox_id": 1, "contact_id": 999_999 }),
            404,
        ),
        ("conversation_create", json!({ "status": "nonsense" }), 422),
        (
            "conversation_toggle_status",
            json!({ "status": "nonsense" }),
            422,
        ),
        ("message_create", json!({ "message_type": "nonsense" }), 422),
        ("message_create", json!({ "content_type": "nonsense" }), 422),
        (
            "inbox_create",
            json!({ "channel": { "type": "nonsense" } }),
            422,
        ),
        (
            "webhook_create",
            json!({ "subscriptions": ["nonsense"] }),
            422,
        ),
        ("webhook_create", json!({ "inbox_id": 999_999 }), 404),
        ("webhooks_api_channel", json!({ "inbox_id": 999_999 }), 404),
        ("contact_merge", json!({ "base_contact_id": 999_999 }), 404),
        (
            "contact_merge",
            json!({ "mergee_contact_id": 999_999 }),
            404,
        ),
        ("contact_inbox_create", json!({ "inbox_id": 999_999 }), 404),
        ("contact_inbox_filter", json!({ "inbox_id": 999_999 }), 404),
        ("contact_filter", json!({ "payload": [{}] }), 422),
        ("contact_filter", json!({ "payload": null }), 422),
        ("contact_filter", json!({ "sort": "nonsense" }), 422),
    ];
    for (id, change, status) in cases {
        let operation = siege.operation(id);
        let mut body = base(operation, &siege.world);
        for (name, value) in change.as_object().expect("an object") {
            body[name] = value.clone();
        }
        let answer = siege.attack_json(operation, &body, &body.to_string()).await;
        assert_eq!(answer.status, status, "{id} {body}: {}", answer.text);
    }
    siege.stop().await;
}

use gatewright_channel::{
    BlobRef, ChannelError, Direction, InboundAttachment, InboundBody, InboundEvent, InboundMessage,
    InboundRequest, Reply,
};
use serde_json::{Value, json};

use super::receive;

fn request(params: Value, files: Vec<BlobRef>) -> InboundRequest {
    let Value::Object(params) = params else {
        panic!("params are an object")
    };
    InboundRequest {
        method: "POST".to_owned(),
        route: "/webhooks/api_channel".to_owned(),
        query: String::new(),
        headers: Vec::new(),
        body: InboundBody::Bag { params, files },
        received_at_ms: 0,
        principal: None,
    }
}

fn message(params: Value) -> InboundMessage {
    let received = receive(request(params, Vec::new())).unwrap();
    assert_eq!(received.reply, Reply::Stored);
    let [InboundEvent::Message(message)] = &received.events[..] else {
        panic!("one message")
    };
    *message.clone()
}

/// The fields that are wrong and what is said of them.
fn problems(params: Value) -> Vec<(String, String)> {
    match receive(request(params, Vec::new())) {
        Err(ChannelError::Invalid { fields }) => fields
            .into_iter()
            .map(|error| (error.field, error.message))
            .collect(),
        other => panic!("expected Invalid, got {other:?}"),
    }
}

fn wrong_fields(params: Value) -> Vec<String> {
    problems(params)
        .into_iter()
        .map(|(field, _)| field)
        .collect()
}

fn hello(contact: Value) -> Value {
    let mut params = json!({"inbox_id": 1, "message": {"content": "Hello"}});
    params["contact"] = contact;
    params
}

fn with_message(message: Value) -> Value {
    let mut params = json!({"inbox_id": 1, "contact": {"contact_id": 1}});
    params["message"] = message;
    params
}

#[test]
fn ids_are_taken_as_numbers_and_as_text() {
    for id in [json!(7), json!("7"), json!(" 7 ")] {
        assert_eq!(
            message(hello(json!({"contact_id": id}))).contact.id,
            Some(7)
        );
    }
    let contact = message(hello(json!({"identifier": 42, "source_id": 4.5}))).contact;
    assert_eq!(contact.identifier.as_deref(), Some("42"));
    assert_eq!(contact.source_id.as_deref(), Some("4.5"));
    for id in [
        json!(0),
        json!(-1),
        json!("x"),
        json!(1.5),
        json!(true),
        json!(u64::MAX),
    ] {
        assert_eq!(
            wrong_fields(hello(json!({"contact_id": id}))),
            ["contact.contact_id"]
        );
    }
}

#[test]
fn a_phone_number_as_a_number_is_refused_for_its_plus() {
    let found = problems(hello(json!({"phone_number": 4_915_112_345_678_u64})));
    let [(field, message)] = &found[..] else {
        panic!("{found:?}")
    };
    assert_eq!(field, "contact.phone_number");
    assert!(message.contains("loses its +"), "{message}");
}

#[test]
fn an_email_has_one_at_and_no_spaces() {
    let email = |email: &str| hello(json!({ "email": email }));
    assert_eq!(
        message(email("jane@example.com")).contact.email.unwrap(),
        "jane@example.com"
    );
    for wrong in ["jane", "@", "a@", "@b", "a@b@c", "a b@c", "a@b\u{a0}c"] {
        assert_eq!(wrong_fields(email(wrong)), ["contact.email"], "{wrong}");
    }
}

#[test]
fn a_contact_that_names_nobody_is_told_how() {
    for contact in [
        json!(null),
        json!(""),
        json!({}),
        json!({"name": "Jane", "email": " "}),
    ] {
        let found = problems(hello(contact));
        let [(field, message)] = &found[..] else {
            panic!("{found:?}")
        };
        assert_eq!(field, "contact");
        for key in [
            "phone_number",
            "contact_id",
            "identifier",
            "email",
            "source_id",
        ] {
            assert!(message.contains(key), "{message}");
        }
    }
    assert_eq!(wrong_fields(hello(json!("Jane"))), ["contact"]);
}

#[test]
fn a_message_needs_text_or_a_file() {
    for message in [
        json!(null),
        json!({}),
        json!({"content": null}),
        json!({"content": " "}),
    ] {
        assert_eq!(wrong_fields(with_message(message)), ["message.content"]);
    }
    let files = vec![BlobRef { id: "b".to_owned() }];
    let params = json!({"inbox_id": 1, "contact": {"contact_id": 1}});
    let received = receive(request(params, files.clone())).unwrap();
    let [InboundEvent::Message(message)] = &received.events[..] else {
        panic!("one message")
    };
    assert_eq!(
        message.attachments,
        [InboundAttachment::Blob(files[0].clone())]
    );
    assert_eq!(message.content, None);
}

#[test]
fn a_message_that_is_not_one_is_named_once() {
    assert_eq!(wrong_fields(with_message(json!("Hello"))), ["message"]);
    for content in [json!(true), json!(["Hello"]), json!({"text": "Hello"})] {
        assert_eq!(
            wrong_fields(with_message(json!({ "content": content }))),
            ["message.content"]
        );
    }
    assert_eq!(
        message(with_message(json!({"content": 42})))
            .content
            .as_deref(),
        Some("42")
    );
}

#[test]
fn lengths_are_counted_in_characters() {
    let content = |chars: usize| with_message(json!({"content": "ü".repeat(chars)}));
    assert!(message(content(150_000)).content.is_some());
    assert_eq!(wrong_fields(content(150_001)), ["message.content"]);
    let name = |chars: usize| hello(json!({"contact_id": 1, "name": "ü".repeat(chars)}));
    assert!(message(name(255)).contact.name.is_some());
    assert_eq!(wrong_fields(name(256)), ["contact.name"]);
}

#[test]
fn directions_and_content_types_are_the_contracts() {
    let typed = |kind: &str, content_type: &str| {
        with_message(json!({"content": "x", "message_type": kind, "content_type": content_type}))
    };
    assert_eq!(message(typed("", "")).direction, Direction::Incoming);
    assert_eq!(
        message(typed("outgoing", "cards")).direction,
        Direction::Outgoing
    );
    assert_eq!(
        message(typed("outgoing", "cards")).content_type.as_deref(),
        Some("cards")
    );
    let wrong = wrong_fields(typed("activity", "html"));
    assert_eq!(wrong, ["message.message_type", "message.content_type"]);
}

#[test]
fn content_attributes_are_an_object_or_its_text() {
    let attributes =
        |value: Value| with_message(json!({"content": "x", "content_attributes": value}));
    for value in [json!({"a": 1}), json!(r#"{"a": 1}"#)] {
        let given = message(attributes(value)).content_attributes.unwrap();
        assert_eq!(Value::Object(given), json!({"a": 1}));
    }
    assert_eq!(message(attributes(json!(""))).content_attributes, None);
    let deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(110), "]".repeat(110));
    let long = format!(r#"{{"a":[{}0]}}"#, "0,".repeat(600_000));
    for value in [
        json!([]),
        json!("{"),
        json!("1"),
        json!(5),
        json!(deep),
        json!(long),
    ] {
        assert_eq!(
            wrong_fields(attributes(value)),
            ["message.content_attributes"]
        );
    }
}

#[test]
fn every_wrong_field_is_named_at_once() {
    let params = json!({
        "contact": {"phone_number": "0151", "email": "x"},
        "message": {"content": [], "content_type": "html"},
    });
    let all = [
        "contact.email",
        "contact.phone_number",
        "message.content",
        "message.content_type",
    ];
    assert_eq!(wrong_fields(params), all);
}

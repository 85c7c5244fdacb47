//! The rules of all channels, and what is the API channel's own at its border.

use gatewright_channel::{
    CallKind, ContactRef, Delivery, DeliveryOutcome, Direction, FailCode, InboundBody,
    InboundEvent, InboundMessage, InboundRequest, OutboundEvent, Principal, Received, Reply,
    plugin,
};
use gatewright_channel_testkit::{
    ExpectedHttp, FakeHost, Fixture, InvalidSettings, OutcomeClass, ProviderAnswer, ReceiveCase,
    ReceiveExpected, block_on,
};
use gatewright_plugin_api::{ApiChannel, ApiChannelRequest};
use serde_json::{Value, json};

gatewright_channel_testkit::conformance!(ApiChannel, ApiFixture);

const URL: &str = "https://example.com/hook?key=1";
const BODY: &str = r#"{"event":"message_created","id":1,"content":"Hello"}"#;

struct ApiFixture;

impl Fixture for ApiFixture {
    fn minimal_settings(&self) -> Value {
        json!({})
    }

    fn full_settings(&self) -> Value {
        json!({
            "webhook_url": URL,
            "hmac_mandatory": true,
            "additional_attributes": {"agent_reply_time_window": "24", "team": "A"},
        })
    }

    fn invalid_settings(&self) -> Vec<InvalidSettings> {
        let window =
            |hours: Value| json!({"additional_attributes": {"agent_reply_time_window": hours}});
        let invalid = |name, settings, field| InvalidSettings {
            name,
            settings,
            field,
        };
        let window_field = "additional_attributes.agent_reply_time_window";
        vec![
            invalid(
                "a long URL",
                json!({"webhook_url": "x".repeat(2049)}),
                "webhook_url",
            ),
            invalid(
                "a URL that is a number",
                json!({"webhook_url": 5}),
                "webhook_url",
            ),
            invalid(
                "a flag that is text",
                json!({"hmac_mandatory": "yes"}),
                "hmac_mandatory",
            ),
            invalid(
                "a list",
                json!({"additional_attributes": []}),
                "additional_attributes",
            ),
            invalid("no window", window(json!(0)), window_field),
            invalid("a negative window", window(json!(-1.5)), window_field),
            invalid("a window in words", window(json!("a day")), window_field),
            invalid("an endless window", window(json!("inf")), window_field),
            invalid("a window that is a list", window(json!([24])), window_field),
        ]
    }

    fn receive_cases(&self) -> Vec<ReceiveCase> {
        vec![
            small_case(),
            full_case(),
            empty_case(),
            nobody_case(),
            contradictory_case(),
        ]
    }

    fn delivery(&self) -> Delivery {
        Delivery::Event(OutboundEvent {
            id: "delivery-1".to_owned(),
            name: "message_created".to_owned(),
            body: BODY.into(),
            attempt: 1,
        })
    }

    fn outcome(&self, answer: ProviderAnswer) -> OutcomeClass {
        match answer {
            // The body of an answer is ignored.
            ProviderAnswer::Status(200..300) | ProviderAnswer::Malformed => OutcomeClass::Accepted,
            ProviderAnswer::Status(410) => OutcomeClass::Failed(FailCode::Gone),
            ProviderAnswer::RetryAfterSeconds => OutcomeClass::RetryAfter(30_000),
            ProviderAnswer::RetryAfterDate => OutcomeClass::RetryAfter(90_000),
            ProviderAnswer::Ambiguous => OutcomeClass::Uncertain,
            ProviderAnswer::Status(_)
            | ProviderAnswer::NotSent
            | ProviderAnswer::Denied
            | ProviderAnswer::Unsupported => OutcomeClass::Retry,
        }
    }
}

fn case(name: &'static str, params: Value, expected: ReceiveExpected) -> ReceiveCase {
    let Value::Object(params) = params else {
        panic!("parameters are an object")
    };
    let request = InboundRequest {
        method: "POST".to_owned(),
        route: "/webhooks/api_channel".to_owned(),
        query: String::new(),
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: InboundBody::Bag {
            params,
            files: Vec::new(),
        },
        received_at_ms: 1_767_225_600_000,
        principal: Some(Principal {
            kind: "user".to_owned(),
            id: 1,
            name: "Jane".to_owned(),
        }),
    };
    ReceiveCase {
        name,
        request,
        expected,
    }
}

fn stored(message: InboundMessage) -> ReceiveExpected {
    let events = vec![InboundEvent::Message(Box::new(message))];
    ReceiveExpected::Received(Box::new(Received {
        events,
        reply: Reply::Stored,
    }))
}

fn small_case() -> ReceiveCase {
    let contact = ContactRef {
        phone_number: Some("+4915112345678".to_owned()),
        ..ContactRef::default()
    };
    let content = Some("Hello".to_owned());
    case(
        "the smallest message",
        json!({"inbox_id": 1, "contact": {"phone_number": "+4915112345678"}, "message": {"content": "Hello"}}),
        stored(InboundMessage {
            contact,
            content,
            ..InboundMessage::default()
        }),
    )
}

fn full_case() -> ReceiveCase {
    let text = |text: &str| Some(text.to_owned());
    let attributes = json!({"items": [{"title": "A", "value": "a"}]});
    let params = json!({
        "inbox_id": "1",
        "contact": {
            "phone_number": "+4915112345678", "contact_id": "7", "identifier": 42,
            "email": "jane@example.com", "source_id": "s", "name": "Jane Doe",
        },
        "message": {
            "content": "Choose", "content_type": "input_select",
            "content_attributes": attributes.to_string(), "message_type": "outgoing",
            "source_id": 4711, "echo_id": "e",
        },
    });
    let contact = ContactRef {
        id: Some(7),
        source_id: text("s"),
        identifier: text("42"),
        email: text("jane@example.com"),
        phone_number: text("+4915112345678"),
        name: text("Jane Doe"),
    };
    let message = InboundMessage {
        direction: Direction::Outgoing,
        content: text("Choose"),
        content_type: text("input_select"),
        content_attributes: attributes.as_object().cloned(),
        source_id: text("4711"),
        echo_id: text("e"),
        contact,
        ..InboundMessage::default()
    };
    case("every field, as a form sends it", params, stored(message))
}

fn empty_case() -> ReceiveCase {
    let expected = ReceiveExpected::Invalid(vec!["contact", "message.content"]);
    case("nothing but an inbox", json!({"inbox_id": 1}), expected)
}

fn nobody_case() -> ReceiveCase {
    let params = json!({"contact": {"name": "Jane"}, "message": {"content": "Hello"}});
    case(
        "a contact without a key",
        params,
        ReceiveExpected::Invalid(vec!["contact"]),
    )
}

fn contradictory_case() -> ReceiveCase {
    let params = json!({
        "contact": {"phone_number": 491_511_234},
        "message": {"content": {"text": "Hello"}, "message_type": "activity"},
    });
    let fields = vec![
        "contact.phone_number",
        "message.content",
        "message.message_type",
    ];
    case("wrong types", params, ReceiveExpected::Invalid(fields))
}

#[test]
fn an_event_is_posted_as_it_is_and_signed() {
    let channel = plugin::<ApiChannel>()
        .open(&ApiFixture.full_settings())
        .unwrap();
    let host = FakeHost::new(CallKind::Deliver).expect(
        ExpectedHttp::new("POST", URL)
            .header("content-type", "application/json")
            .header("accept", "application/json")
            .body(BODY)
            .signed(true),
    );
    let outcome = block_on(channel.deliver(&host, ApiFixture.delivery()));
    let provider_ids = Vec::new();
    assert_eq!(
        outcome,
        DeliveryOutcome::Accepted {
            provider_ids,
            status: Some(200)
        }
    );
    host.finish();
}

#[test]
fn an_event_without_a_callback_url_is_not_sent() {
    for settings in [
        json!({}),
        json!({"webhook_url": ""}),
        json!({"webhook_url": " "}),
    ] {
        let channel = plugin::<ApiChannel>().open(&settings).unwrap();
        let host = FakeHost::new(CallKind::Deliver);
        let outcome = block_on(channel.deliver(&host, ApiFixture.delivery()));
        assert!(
            matches!(outcome, DeliveryOutcome::Failed { .. }),
            "{outcome:?}"
        );
        host.finish();
    }
}

#[test]
fn null_settings_are_the_defaults() {
    let nulls = json!({"webhook_url": null, "hmac_mandatory": null, "additional_attributes": null});
    let full = json!({"webhook_url": null, "hmac_mandatory": false, "additional_attributes": {}});
    assert_eq!(plugin::<ApiChannel>().normalize(&nulls), Ok(full));
}

#[test]
fn the_example_of_the_request_is_understood() {
    let plugin = plugin::<ApiChannel>();
    let schema = &plugin.descriptor().inbound[0].request_schema;
    let example = schema.pointer("/examples/0").unwrap().clone();
    assert!(
        serde_json::from_value::<ApiChannelRequest>(example.clone()).is_ok(),
        "{example}"
    );
    let channel = plugin.open(&json!({})).unwrap();
    let request = case("the example", example, ReceiveExpected::Unauthorized).request;
    let received = block_on(channel.receive(&FakeHost::new(CallKind::Receive), request)).unwrap();
    assert_eq!(received.events.len(), 1);
}

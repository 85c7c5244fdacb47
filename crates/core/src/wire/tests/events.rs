//! What webhooks and the event log carry.

use super::*;
use crate::wire::{EventBody, envelope, webhook_body};

fn body(event: &Event) -> Value {
    serde_json::from_slice(&webhook_body(event)).unwrap()
}

fn bodies(name: EventName) -> String {
    let events = snapshots().map(|snapshot| event(name, snapshot));
    golden(&events.each_ref().map(EventBody::new))
}

/// Whether all that `expected` names is in `actual`.
fn assert_contains(actual: &Value, expected: &Value) {
    match expected {
        Value::Object(map) => map
            .iter()
            .for_each(|(key, value)| assert_contains(&actual[key], value)),
        Value::Array(list) => list
            .iter()
            .enumerate()
            .for_each(|(index, value)| assert_contains(&actual[index], value)),
        _ => assert_eq!(actual, expected),
    }
}

#[test]
fn agent_reply_is_the_example_of_the_contract() {
    let [bare_message, _] = messages();
    let [mut conversation, _] = conversation_snapshots();
    conversation.contact.name = "Ana".to_owned();
    conversation.newest = Newest::Same;
    let reply = Message {
        message_type: MessageType::Outgoing,
        content: Some("Hi **Ana**".to_owned()),
        sender: Some(Sender::User(lee())),
        ..bare_message
    };
    let snapshot = Snapshot {
        inbox: Some(inbox_ref()),
        conversation: Some(Box::new(conversation)),
        message: Some(Box::new(reply)),
        ..Snapshot::new(account())
    };
    let expected = json!({"event":"message_created","id":9041,"message_type":"outgoing",
        "content_type":"text","content":"Hi **Ana**","private":false,"source_id":null,
        "created_at":"2026-01-20T09:15:02.113Z","content_attributes":{},
        "additional_attributes":{},"account":{"id":3,"name":"Acme"},
        "inbox":{"id":12,"name":"My API"},
        "sender":{"id":5,"name":"Lee","email":"lee@acme.test","type":"user"},
        "conversation":{"id":77,"inbox_id":12,"channel":"Channel::Api","status":"open",
            "contact_inbox":{"id":410,"contact_id":88,"inbox_id":12,"source_id":"crm-42",
                "hmac_verified":false},
            "messages":[{"id":9041,"message_type":1,"conversation_id":77,
                "created_at":1_768_900_502,"status":"sent","sender_type":"User","sender_id":5}],
            "meta":{"sender":{"id":88,"name":"Ana","type":"contact"},"assignee":null,
                "assignee_type":null,"team":null,"hmac_verified":false}}});
    let actual = body(&event(EventName::MessageCreated, snapshot));
    assert_contains(&actual, &expected);
    assert!(actual.get("attachments").is_none());
}

#[test]
fn sender_of_an_incoming_message_is_the_contact_without_type() {
    let [_, mut snapshot] = snapshots();
    let message = snapshot.message.as_mut().unwrap();
    message.message_type = MessageType::Incoming;
    message.sender = Some(Sender::Contact(ContactId(88)));
    let body = body(&event(EventName::MessageCreated, snapshot));
    assert_eq!(body["sender"]["account"], json!({"id": 3, "name": "Acme"}));
    assert_eq!(body["sender"]["name"], "Ana");
    assert!(body["sender"].get("type").is_none());
    let within = &body["conversation"]["messages"][0];
    assert_eq!(within["sender"]["type"], "contact");
    assert_eq!(within["sender_type"], "Contact");
    assert_eq!(within["message_type"], 0);
}

#[test]
fn newest_message_need_not_be_the_one_that_changed() {
    let [_, mut snapshot] = snapshots();
    let [newer, _] = messages();
    snapshot.conversation.as_mut().unwrap().newest = Newest::Other(Box::new(Message {
        id: MessageId(9042),
        ..newer
    }));
    let body = body(&event(EventName::MessageUpdated, snapshot));
    assert_eq!(body["id"], 9041);
    assert_eq!(body["conversation"]["messages"][0]["id"], 9042);
    assert_eq!(body["conversation"]["messages"][1], Value::Null);
}

#[test]
fn changes_are_single_key_objects() {
    let [_, snapshot] = snapshots();
    let changes = |name| body(&event(name, snapshot.clone()))["changed_attributes"].clone();
    let expected = json!([
        {"status": {"previous_value": "open", "current_value": "snoozed"}},
        {"updated_at": {"previous_value": 1.000_001, "current_value": 1_768_900_502.113_207}},
    ]);
    assert_eq!(changes(EventName::ConversationUpdated), expected);
    assert_eq!(changes(EventName::ContactUpdated), expected);
    assert_eq!(changes(EventName::ConversationStatusChanged), Value::Null);
}

#[test]
fn contact_types_unless_a_user_does() {
    let [contact, user] = snapshots().map(|of| body(&event(EventName::ConversationTypingOn, of)));
    assert_eq!(contact["user"]["id"], 88);
    assert_eq!(contact["is_private"], false);
    assert_eq!(user["user"]["type"], "user");
    assert_eq!(user["is_private"], true);
}

#[test]
fn broken_snapshot_still_has_a_body() {
    for name in EventName::ALL {
        let body = body(&event(*name, Snapshot::new(account())));
        assert_eq!(
            body,
            json!({"event": name.as_str(), "account": {"id": 3, "name": "Acme"}})
        );
    }
}

#[test]
fn message_body() {
    insta::assert_snapshot!("message_created", bodies(EventName::MessageCreated));
}

#[test]
fn conversation_body() {
    insta::assert_snapshot!(
        "conversation_updated",
        bodies(EventName::ConversationUpdated)
    );
}

#[test]
fn contact_body() {
    insta::assert_snapshot!("contact_updated", bodies(EventName::ContactUpdated));
}

#[test]
fn inbox_body() {
    insta::assert_snapshot!("inbox_updated", bodies(EventName::InboxUpdated));
}

#[test]
fn receiver_body() {
    insta::assert_snapshot!("receiver_disabled", bodies(EventName::ReceiverDisabled));
}

#[test]
fn envelope_wraps_the_webhook_body() {
    let [_, snapshot] = snapshots();
    let event = event(EventName::MessageCreated, snapshot);
    let view = envelope(&event);
    assert_eq!(view.data.as_str().as_bytes(), webhook_body(&event));
    let mut shown = serde_json::to_value(&view).unwrap();
    shown["data"] = Value::Null;
    assert_eq!(
        shown,
        json!({"id": 501, "name": "message_created", "seq": 2,
            "occurred_at": "2026-01-20T09:15:02.113Z", "account_id": 3, "inbox_id": 12,
            "conversation_id": 77, "contact_id": 88, "message_id": 9041,
            "origin": {"kind": "api", "token_id": 2, "user_id": 5, "echo_id": "mine-1"},
            "data": null})
    );
    assert_eq!(
        keys(&view),
        [
            "id",
            "name",
            "seq",
            "occurred_at",
            "account_id",
            "inbox_id",
            "conversation_id",
            "contact_id",
            "message_id",
            "origin",
            "data"
        ]
    );
}

#[test]
fn envelope_of_an_account_event_has_nulls() {
    let mut event = event(EventName::ReceiverDisabled, Snapshot::new(account()));
    event.origin = Origin::default();
    let shown = serde_json::to_value(envelope(&event)).unwrap();
    for key in [
        "seq",
        "inbox_id",
        "conversation_id",
        "contact_id",
        "message_id",
    ] {
        assert_eq!(shown[key], Value::Null, "{key}");
    }
    assert_eq!(shown["origin"], json!({"kind": "api"}));
}

//! The schemas say what the bodies are: the same keys, required where they are always there, and
//! nullable where they may be null.

use std::collections::BTreeSet;

use utoipa::{PartialSchema, ToSchema};

use super::*;
use crate::wire;
use crate::wire::attachment::AttachmentKeys;

fn assert_schema<T: Serialize + ToSchema + PartialSchema>(values: &[T; 2], name: &str) {
    assert_eq!(T::name(), name);
    let schema = serde_json::to_value(T::schema()).unwrap();
    let (properties, required) = properties_and_required(&schema);
    let [bare, full] = [&values[0], &values[1]].map(|value| serde_json::to_value(value).unwrap());
    let keys = |value: &Value| -> BTreeSet<String> {
        value.as_object().unwrap().keys().cloned().collect()
    };
    assert_eq!(required, keys(&bare), "required of {name}");
    let known: BTreeSet<String> = properties.keys().cloned().collect();
    assert_eq!(known, keys(&full), "properties of {name}");
    for (key, property) in &properties {
        let null = [&bare, &full]
            .iter()
            .any(|value| value.get(key) == Some(&Value::Null));
        let says_null = property.to_string().contains(r#""null""#);
        assert!(
            says_null || !null,
            "{name}.{key} is null but its schema says never"
        );
    }
}

fn properties_and_required(schema: &Value) -> (serde_json::Map<String, Value>, BTreeSet<String>) {
    let properties = schema["properties"].as_object().unwrap().clone();
    let required = schema["required"].as_array().unwrap().iter();
    let names = required.map(|name| name.as_str().unwrap().to_owned());
    (properties, names.collect())
}

#[test]
fn rest_bodies_match_their_schemas() {
    assert_schema(&rest::agents(), "Agent");
    assert_schema(&rest::users(), "User");
    assert_schema(&rest::contact_views(), "Contact");
    assert_schema(&rest::contacts_created(), "ContactCreated");
    assert_schema(
        &rest::contacts_created().map(|made| made.contact_inbox),
        "ContactInboxCreated",
    );
    assert_schema(&rest::message_views(), "Message");
    assert_schema(&rest::messages_metas(), "MessagesMeta");
    assert_schema(&rest::conversation_views(), "Conversation");
    assert_schema(
        &rest::conversation_views().map(|view| view.meta),
        "ConversationMeta",
    );
    assert_schema(&rest::public_conversations(), "PublicConversation");
    assert_schema(&rest::public_contacts(), "PublicContact");
    assert_schema(&rest::statuses_toggled(), "ToggleStatus");
}

#[test]
fn message_bodies_match_their_schemas() {
    let [contact, _] = contacts();
    let both = messages();
    let public = both
        .each_ref()
        .map(|m| wire::PublicMessage::new(m, &contact));
    assert_schema(&public, "PublicMessage");
    let described = serde_json::to_value(AttachmentKeys::schema()).unwrap();
    for file in public[1].attachments.as_ref().unwrap() {
        for (key, value) in serde_json::to_value(&file.body)
            .unwrap()
            .as_object()
            .unwrap()
        {
            let property = described["properties"][key].to_string();
            assert_ne!(property, "null", "{key} is not described");
            assert!(!value.is_null() || property.contains(r#""null""#), "{key}");
        }
    }
    let [row, _] = conversations();
    let context = wire::MessageContext {
        conversation: &row,
        contact: &contact,
        source_id: "crm-42",
    };
    let mut push = both.each_ref().map(|m| wire::MessagePush::new(m, context));
    push[1].echo_id = Some("mine-1".into());
    assert_schema(&push, "MessagePush");
    assert_schema(
        &push.map(|push| push.conversation),
        "MessagePushConversation",
    );
}

#[test]
fn live_and_webhook_bodies_match_their_schemas() {
    let account = account();
    let both = contacts();
    assert_schema(&both.each_ref().map(wire::ContactPush::new), "ContactPush");
    assert_schema(
        &both.each_ref().map(|c| wire::ContactHook::new(c, &account)),
        "ContactHook",
    );
    assert_schema(
        &both.each_ref().map(wire::ContactRecord::new),
        "ContactRecord",
    );
    let lee = lee();
    assert_schema(&[&lee, &lee].map(wire::UserPush::new), "UserPush");
    assert_schema(&[&lee, &lee].map(wire::UserHook::new), "UserHook");
    let snapshots = conversation_snapshots();
    let push = snapshots
        .each_ref()
        .map(|of| wire::ConversationPush::new(of, "Channel::Api", None));
    assert_schema(&push, "ConversationPush");
    assert_schema(&push.map(|push| push.meta), "ConversationPushMeta");
}

#[test]
fn events_match_their_schema() {
    let bare = event(EventName::ReceiverDisabled, Snapshot::new(account()));
    let [_, snapshot] = snapshots();
    let full = event(EventName::MessageCreated, snapshot);
    assert_schema(&[&bare, &full].map(wire::envelope), "Event");
}

#[test]
fn names_are_enumerated() {
    let schema = serde_json::to_value(ConversationStatus::schema()).unwrap();
    assert_eq!(
        schema["enum"],
        json!(["open", "resolved", "pending", "snoozed"])
    );
    let object = serde_json::to_value(Attributes::schema()).unwrap();
    assert_eq!(object["type"], "object");
    assert_eq!(object["additionalProperties"], true);
}

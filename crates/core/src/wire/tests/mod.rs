//! Values that the tests of bodies start from, and how they look at JSON.

mod events;
mod order;
mod rest;
#[cfg(feature = "openapi")]
mod schema;
mod stable;

use serde::Serialize;
use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::attributes::Attributes;
use crate::event::{
    Change, ConversationSnapshot, Event, EventName, InboxSettings, Newest, Origin, OriginKind,
    Snapshot, Typing,
};
use crate::ids::*;
use crate::model::*;
use crate::time::Timestamp;

/// 2026-01-20 09:15:02.113 UTC, with microseconds that only floats show.
const NOW: Timestamp = Timestamp(1_768_900_502_113_207);

fn attributes(value: Value) -> Attributes {
    value.into()
}

/// A contact with nothing set, and one with everything.
fn contacts() -> [Contact; 2] {
    let bare = Contact {
        id: ContactId(88),
        account_id: AccountId(3),
        name: String::new(),
        email: None,
        phone_number: None,
        identifier: None,
        blocked: false,
        kind: ContactKind::Visitor,
        additional_attributes: Attributes::default(),
        custom_attributes: Attributes::default(),
        last_activity_at: None,
        created_at: NOW,
        updated_at: NOW,
    };
    let full = Contact {
        name: "Ana".to_owned(),
        email: Some("ana@example.test".to_owned()),
        phone_number: Some("+4912345678".to_owned()),
        identifier: Some("crm-42".to_owned()),
        blocked: true,
        kind: ContactKind::Lead,
        additional_attributes: attributes(json!({"city": "Wien"})),
        custom_attributes: attributes(json!({"plan": "gold"})),
        last_activity_at: Some(NOW),
        ..bare.clone()
    };
    [bare, full]
}

fn presence() -> ContactInbox {
    ContactInbox {
        id: ContactInboxId(410),
        contact_id: ContactId(88),
        inbox_id: InboxId(12),
        source_id: "crm-42".to_owned(),
        hmac_verified: false,
        pubsub_token: "pubsub-of-ana".to_owned(),
        created_at: NOW,
        updated_at: NOW,
    }
}

fn lee() -> UserRef {
    UserRef {
        id: UserId(5),
        name: "Lee".to_owned(),
        available_name: "Lee of Acme".to_owned(),
        email: "lee@acme.test".to_owned(),
    }
}

/// A message with nothing set, and one with everything.
fn messages() -> [Message; 2] {
    let bare = Message {
        id: MessageId(9041),
        account_id: AccountId(3),
        inbox_id: InboxId(12),
        conversation_id: ConversationId(7001),
        display_id: DisplayId(77),
        contact_inbox_id: ContactInboxId(410),
        seq: 2,
        message_type: MessageType::Template,
        content: None,
        content_type: "text".to_owned(),
        content_attributes: Attributes::default(),
        additional_attributes: Attributes::default(),
        private: false,
        status: MessageStatus::Sent,
        source_id: None,
        sender: None,
        attachments: Vec::new(),
        created_at: NOW,
        updated_at: NOW,
    };
    let full = Message {
        message_type: MessageType::Outgoing,
        content: Some("Hi **Ana**".to_owned()),
        content_attributes: attributes(json!({"in_reply_to": 9040})),
        additional_attributes: attributes(json!({"campaign_id": 4})),
        private: true,
        status: MessageStatus::Delivered,
        source_id: Some("wamid.1".to_owned()),
        sender: Some(Sender::User(lee())),
        attachments: [
            FileType::Image,
            FileType::Audio,
            FileType::File,
            FileType::Location,
            FileType::Fallback,
            FileType::Contact,
            FileType::Embed,
        ]
        .map(attachment)
        .into(),
        ..bare.clone()
    };
    [bare, full]
}

fn attachment(file_type: FileType) -> Attachment {
    let is_image = file_type == FileType::Image;
    Attachment {
        extension: is_image.then(|| "png".to_owned()),
        data_url: format!("https://gw.test/files/{}", file_type.as_str()),
        file_size: 2048,
        width: is_image.then_some(640),
        height: is_image.then_some(480),
        coordinates: (file_type == FileType::Location).then_some((52.5, 13.25)),
        fallback_title: Some("Fallback".to_owned()),
        meta: attributes(json!({"first_name": "Ana"})),
        ..Attachment::new(AttachmentId(31), file_type)
    }
}

/// A conversation with nothing set, and one with everything.
fn conversations() -> [Conversation; 2] {
    let bare = Conversation {
        id: ConversationId(7001),
        account_id: AccountId(3),
        inbox_id: InboxId(12),
        contact_id: ContactId(88),
        contact_inbox_id: ContactInboxId(410),
        display_id: DisplayId(77),
        uuid: "6f1a2c3d-0000-4000-8000-000000000077".to_owned(),
        status: ConversationStatus::Open,
        priority: None,
        assignee_id: None,
        snoozed_until: None,
        additional_attributes: Attributes::default(),
        custom_attributes: Attributes::default(),
        agent_last_seen_at: None,
        assignee_last_seen_at: None,
        contact_last_seen_at: None,
        first_reply_created_at: None,
        waiting_since: None,
        last_activity_at: NOW,
        last_incoming_at: None,
        last_seq: 0,
        unread_count: 0,
        last_public_message_id: None,
        last_non_activity_message_id: None,
        created_at: NOW,
        updated_at: NOW,
    };
    let full = Conversation {
        status: ConversationStatus::Snoozed,
        priority: Some(Priority::Urgent),
        assignee_id: Some(UserId(5)),
        snoozed_until: Some(Timestamp(NOW.0 + 1_000_000)),
        additional_attributes: attributes(json!({"browser": "x"})),
        custom_attributes: attributes(json!({"order": 17})),
        agent_last_seen_at: Some(Timestamp(NOW.0 + 2_000_000)),
        assignee_last_seen_at: Some(Timestamp(NOW.0 + 3_000_000)),
        contact_last_seen_at: Some(Timestamp(NOW.0 + 4_000_000)),
        first_reply_created_at: Some(Timestamp(NOW.0 + 5_000_000)),
        waiting_since: Some(Timestamp(NOW.0 + 6_000_000)),
        unread_count: 10,
        ..bare.clone()
    };
    [bare, full]
}

/// A conversation's snapshot with nothing set, and one with everything.
fn conversation_snapshots() -> [ConversationSnapshot; 2] {
    let [bare_row, full_row] = conversations();
    let [bare_contact, full_contact] = contacts();
    let bare = ConversationSnapshot {
        row: bare_row,
        contact: bare_contact,
        contact_inbox: presence(),
        assignee: None,
        labels: Vec::new(),
        can_reply: false,
        newest: Newest::None,
    };
    let full = ConversationSnapshot {
        row: full_row,
        contact: full_contact,
        contact_inbox: ContactInbox {
            hmac_verified: true,
            ..presence()
        },
        assignee: Some(lee()),
        labels: vec!["vip".to_owned(), "billing".to_owned()],
        can_reply: true,
        newest: Newest::Same,
    };
    [bare, full]
}

fn account() -> AccountRef {
    AccountRef {
        id: AccountId(3),
        name: "Acme".to_owned(),
    }
}

fn inbox_ref() -> InboxRef {
    InboxRef {
        id: InboxId(12),
        name: "My API".to_owned(),
        wire_type: "Channel::Api".to_owned(),
    }
}

/// A snapshot that every event's name can be rendered from, with nothing set and with everything.
fn snapshots() -> [Snapshot; 2] {
    let sides = contacts()
        .into_iter()
        .zip(conversation_snapshots())
        .zip(messages());
    let [bare, full] = sides
        .map(|((contact, conversation), message)| Snapshot {
            inbox: Some(inbox_ref()),
            contact: Some(contact),
            conversation: Some(Box::new(conversation)),
            message: Some(Box::new(message)),
            inbox_settings: Some(Box::new(inbox_settings())),
            ..Snapshot::new(account())
        })
        .collect::<Vec<_>>()
        .try_into()
        .expect("two sides");
    let full = Snapshot {
        typing: Some(Typing {
            user: Some(lee()),
            is_private: true,
        }),
        receiver: Some(json!({"id": 9, "url": "https://hook.test", "reason": "410"})),
        changes: vec![
            Change::new("status", "open", "snoozed"),
            Change::new("updated_at", Timestamp(1_000_001).float(), NOW.float()),
        ],
        ..full
    };
    [bare, full]
}

fn inbox_settings() -> InboxSettings {
    InboxSettings {
        preferences: InboxPreferences::default(),
        lock_to_single_conversation: true,
        channel: attributes(json!({"webhook_url": "https://hook.test"})),
        created_at: NOW,
        updated_at: NOW,
    }
}

fn event(name: EventName, snapshot: Snapshot) -> Event {
    Event {
        id: EventId(501),
        account_id: AccountId(3),
        name,
        occurred_at: NOW,
        origin: Origin {
            kind: OriginKind::Api,
            token_id: Some(TokenId(2)),
            user_id: Some(UserId(5)),
            echo_id: Some("mine-1".to_owned()),
        },
        snapshot,
    }
}

/// Both values as indented JSON, with the keys in the order that is on the wire.
fn golden<T: Serialize>(values: &[T; 2]) -> String {
    serde_json::to_string_pretty(values).unwrap()
}

/// The keys of an object, in the order that is on the wire.
fn keys(value: &impl Serialize) -> Vec<String> {
    struct Keys;
    impl<'de> Visitor<'de> for Keys {
        type Value = Vec<String>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut keys = Vec::new();
            while let Some((key, _)) = map.next_entry::<String, Box<RawValue>>()? {
                keys.push(key);
            }
            Ok(keys)
        }
    }
    let text = serde_json::to_string(value).unwrap();
    serde_json::Deserializer::from_str(&text)
        .deserialize_map(Keys)
        .unwrap()
}

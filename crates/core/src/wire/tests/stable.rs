//! Equal events give equal bytes, also after a reload from the log: a retry must not differ.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde_json::{Map, Number};

use super::*;
use crate::wire::webhook_body;

fn json_values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(|float| Number::from_f64(float).map_or(Value::Null, Value::Number)),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((any::<String>(), inner), 0..4)
                .prop_map(|entries| Value::Object(entries.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// Objects as values print them, and as callers wrote them: unsorted, spaced, with numbers that no
/// float can hold.
fn objects() -> impl Strategy<Value = Attributes> {
    let written = r#"{"b": 1.50, "a" : 12345678901234567890123, "B":{"z":1e2,"y":-0.0} }"#;
    prop_oneof![
        vec((any::<String>(), json_values()), 0..4)
            .prop_map(|entries| entries.into_iter().collect::<Map<_, _>>().into()),
        Just(Attributes::from_text(written.to_owned())),
    ]
}

fn times() -> impl Strategy<Value = Timestamp> {
    (0..4_000_000_000_000_000_i64).prop_map(Timestamp)
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let time = times().prop_map(Timestamp::float);
    let value = prop_oneof![json_values(), time];
    vec(("[a-z_]{1,12}", value.clone(), value), 0..4).prop_map(|changes| {
        let change = |(name, previous, current): (String, Value, Value)| {
            Change::new(&name, previous, current)
        };
        changes.into_iter().map(change).collect()
    })
}

prop_compose! {
    fn any_snapshots()(
        full in any::<bool>(),
        attributes in vec(objects(), 5),
        text in option::of(any::<String>()),
        time in times(),
        later in option::of(times()),
        by_contact in any::<bool>(),
        newest_is_other in any::<bool>(),
        changes in changes(),
    ) -> Snapshot {
        let [bare, all] = snapshots();
        let mut of = if full { all } else { bare };
        of.changes = changes;
        let conversation = of.conversation.as_mut().unwrap();
        let message = of.message.as_mut().unwrap();
        conversation.row.custom_attributes = attributes[0].clone();
        conversation.row.additional_attributes = attributes[1].clone();
        conversation.contact.custom_attributes = attributes[2].clone();
        message.content_attributes = attributes[3].clone();
        conversation.row.updated_at = time;
        conversation.row.snoozed_until = later;
        conversation.row.waiting_since = later;
        message.content = text;
        if by_contact {
            message.sender = Some(Sender::Contact(conversation.contact.id));
        }
        if newest_is_other {
            conversation.newest = Newest::Other(message.clone());
        }
        of.contact.as_mut().unwrap().custom_attributes = attributes[4].clone();
        of
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 128,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn stored_event_renders_as_before(
        snapshot in any_snapshots(),
        name in proptest::sample::select(EventName::ALL),
    ) {
        let stored = serde_json::to_string(&snapshot).unwrap();
        let reloaded: Snapshot = serde_json::from_str(&stored).unwrap();
        prop_assert_eq!(serde_json::to_string(&reloaded).unwrap(), stored);
        let before = webhook_body(&event(name, snapshot));
        prop_assert_eq!(String::from_utf8(webhook_body(&event(name, reloaded))), String::from_utf8(before));
    }
}

#[test]
fn rendering_twice_gives_equal_bytes() {
    for name in EventName::ALL {
        for snapshot in snapshots() {
            let event = event(*name, snapshot);
            assert_eq!(webhook_body(&event), webhook_body(&event.clone()));
        }
    }
}

#[test]
fn attributes_stay_as_they_were_written() {
    let written = r#"{"b":1.50,"a":12345678901234567890123}"#;
    let [_, mut snapshot] = snapshots();
    snapshot.message.as_mut().unwrap().content_attributes =
        Attributes::from_text(written.to_owned());
    let body =
        String::from_utf8(webhook_body(&event(EventName::MessageCreated, snapshot))).unwrap();
    assert!(
        body.contains(&format!(r#""content_attributes":{written}"#)),
        "{body}"
    );
}

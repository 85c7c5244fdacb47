use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::intake::decide::tests::{contact, conversation};

fn with<T>(look: impl FnOnce(&Scope<'_>) -> T) -> T {
    let mut ana = contact();
    ana.name = "Ana Maria Cruz".to_owned();
    ana.email = Some("ana@example.com".to_owned());
    ana.custom_attributes = json!({ "plan": "gold", "seats": 3, "big": "&".repeat(5000) }).into();
    let mut row = conversation();
    row.custom_attributes = json!({ "topic": "billing" }).into();
    let lee = UserRef {
        id: crate::ids::UserId(5),
        name: "Lee Park".to_owned(),
        available_name: "Lee".to_owned(),
        email: "lee@example.com".to_owned(),
    };
    look(&Scope {
        contact: &ana,
        agent: Some(&lee),
        conversation: &row,
        inbox: "Mail",
        account: "Acme",
    })
}

fn expanded(text: &str) -> Option<String> {
    with(|scope| expand(text, scope).unwrap())
}

#[test]
fn variables_are_filled_in() {
    let cases = [
        ("Hi {{contact.name}}!", "Hi Ana Maria Cruz!"),
        (
            "{{ contact.first_name }}/{{ contact.last_name }}",
            "Ana/Cruz",
        ),
        (
            "{{contact.email}}{{contact.phone_number}}",
            "ana@example.com",
        ),
        ("{{ contact.custom_attribute.plan }}", "gold"),
        ("{{ contact.custom_attribute[\"plan\"] }}", "gold"),
        ("{{ contact.custom_attribute.seats }}", "3"),
        (
            "{{ conversation.display_id }} {{ conversation.custom_attribute.topic }}",
            "7 billing",
        ),
        ("{{ inbox.name }} {{ account.name }}", "Mail Acme"),
        (
            "{{ agent.name }} {{ agent.available_name }}",
            "Lee Park Lee",
        ),
        ("[{{ nobody.knows }}{{ }}]", "[]"),
        ("{{ 1 }} {{ 'x' }}", "1 x"),
        ("a {{- contact.first_name -}} b", "aAnab"),
    ];
    for (text, expected) in cases {
        assert_eq!(expanded(text).as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn filters_change_values() {
    let cases = [
        ("{{ contact.first_name | upcase | append: '!' }}", "ANA!"),
        (
            "{{ contact.phone_number | default: \"none | at all\" }}",
            "none | at all",
        ),
        ("{{ 'ANA' | capitalize }} {{ ' x ' | strip }}", "Ana x"),
        (
            "{{ contact.name | truncate: 6 }} {{ contact.name | size }}",
            "Ana... 14",
        ),
        (
            "{{ '<a>' | escape | downcase | prepend: 'P' }}",
            "P&lt;a&gt;",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(expanded(text).as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn code_tags_and_broken_markup_are_left_alone() {
    let code = "Write `{{ contact.name }}` to get {{ contact.first_name }}";
    assert_eq!(
        expanded(code).as_deref(),
        Some("Write `{{ contact.name }}` to get Ana")
    );
    for text in [
        "no markup",
        "{{ contact.name",
        "{{ contact.name }} {% if true %}x{% endif %}",
        "{{ contact.name | replace: 'a', 'b' }}",
        "{{ contact..name }}",
        "{{ 'open }}",
        "{{ a[b[c]] }}",
        "{{ contact.name! }}",
    ] {
        assert_eq!(expanded(text), None, "{text}");
    }
}

#[test]
fn texts_that_would_grow_without_bounds_are_refused() {
    let big = "{{ contact.custom_attribute.big }}";
    assert_eq!(with(|scope| expand(&big.repeat(40), scope)), Err(TooLong));
    let busy = "{{ contact.custom_attribute.big | escape | escape | escape | escape | size }}";
    assert_eq!(with(|scope| expand(&busy.repeat(200), scope)), Err(TooLong));
    let filters = format!("{{{{ 'x' {} }}}}", "| upcase ".repeat(21));
    assert_eq!(expanded(&filters), None);
}

#[test]
fn every_text_within_a_value_is_filled_in() {
    let params = json!({ "body": { "1": "{{contact.first_name}}", "2": [1, "{{inbox.name}}"] } });
    let expected = json!({ "body": { "1": "Ana", "2": [1, "Mail"] } });
    assert_eq!(with(|scope| expand_value(&params, scope)), Ok(expected));
}

proptest! {
    #[test]
    fn any_text_is_filled_in_left_alone_or_refused(text in "[{}%`|:,.'\"\\[\\] a-c-]{0,80}") {
        drop(with(|scope| expand(&text, scope)));
    }
}

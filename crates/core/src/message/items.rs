//! The items of structured content (contract, section 4.3).

use serde_json::{Map, Value};

use super::create::refuse;
use crate::error::Result;

/// What an item may carry, by kind of content.
const ITEMS: &[(&str, &[&str])] = &[
    ("input_select", &["title", "value"]),
    ("cards", &["title", "description", "media_url", "actions"]),
    (
        "form",
        &[
            "type",
            "placeholder",
            "label",
            "name",
            "options",
            "default",
            "required",
            "pattern",
            "title",
            "pattern_error",
        ],
    ),
    ("article", &["title", "description", "link"]),
];

/// What an action of a card may carry.
const ACTIONS: &[&str] = &["text", "type", "payload", "uri"];

/// Checks the items of those kinds of content that have some.
pub(super) fn check(content_type: &str, attributes: &Map<String, Value>) -> Result<()> {
    let Some((_, allowed)) = ITEMS.iter().find(|(kind, _)| *kind == content_type) else {
        return Ok(());
    };
    let items = match attributes.get("items") {
        Some(Value::Array(items)) if !items.is_empty() => items,
        _ => return invalid("At least one item is required."),
    };
    let objects: Vec<_> = items.iter().filter_map(Value::as_object).collect();
    if objects.len() < items.len() {
        return invalid("Items should be a hash.");
    }
    only(allowed, &objects, "contains invalid keys for items : ")?;
    if content_type == "cards" {
        check_actions(&objects)?;
    }
    Ok(())
}

fn check_actions(cards: &[&Map<String, Value>]) -> Result<()> {
    let mut actions = Vec::new();
    for card in cards {
        match card.get("actions") {
            Some(Value::Array(of_card)) if !of_card.is_empty() => actions.extend(of_card),
            _ => return invalid("contains items missing actions"),
        }
    }
    let objects: Vec<_> = actions.iter().filter_map(|it| it.as_object()).collect();
    if objects.len() < actions.len() {
        return invalid("Actions should be a hash.");
    }
    only(ACTIONS, &objects, "contains invalid keys for actions:  ")
}

/// Refuses other keys than the allowed ones, and names them.
fn only(allowed: &[&str], objects: &[&Map<String, Value>], text: &str) -> Result<()> {
    let extra: Vec<String> = objects
        .iter()
        .flat_map(|object| object.keys())
        .filter(|key| !allowed.contains(&key.as_str()))
        .take(10)
        .map(|key| format!(":{}", key.chars().take(100).collect::<String>()))
        .collect();
    if extra.is_empty() {
        return Ok(());
    }
    invalid(&format!("{text}[{}]", extra.join(", ")))
}

fn invalid(text: &str) -> Result<()> {
    refuse(format!("Validation failed: Content attributes {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn checked(content_type: &str, attributes: &Value) -> std::result::Result<(), String> {
        check(content_type, attributes.as_object().unwrap()).map_err(|error| error.to_string())
    }

    fn refused(content_type: &str, attributes: &Value, text: &str) {
        let expected = format!("Validation failed: Content attributes {text}");
        assert_eq!(
            checked(content_type, attributes),
            Err(expected),
            "{attributes}"
        );
    }

    #[test]
    fn each_kind_of_content_has_items_of_its_own() {
        let card = json!({ "title": "A", "description": "B", "media_url": "C",
            "actions": [{ "type": "link", "text": "D", "uri": "E", "payload": "F" }] });
        let field = json!({ "name": "a", "label": "b", "type": "text", "required": true });
        for (kind, item) in [
            ("input_select", json!({ "title": "A", "value": "a" })),
            ("cards", card),
            ("form", field),
            (
                "article",
                json!({ "title": "A", "description": "B", "link": "C" }),
            ),
        ] {
            assert_eq!(checked(kind, &json!({ "items": [item] })), Ok(()), "{kind}");
            refused(
                kind,
                &json!({ "items": [{ "title": "A", "color": 1, "size": 2 }] }),
                "contains invalid keys for items : [:color, :size]",
            );
            refused(kind, &json!({}), "At least one item is required.");
            refused(kind, &json!({ "items": ["A"] }), "Items should be a hash.");
        }
        assert_eq!(checked("text", &json!({ "items": ["A"] })), Ok(()));
    }

    #[test]
    fn cards_have_actions() {
        let cards = |actions: Value| json!({ "items": [{ "title": "A", "actions": actions }] });
        refused("cards", &cards(json!([])), "contains items missing actions");
        refused(
            "cards",
            &json!({ "items": [{}] }),
            "contains items missing actions",
        );
        refused("cards", &cards(json!([1])), "Actions should be a hash.");
        let text = "contains invalid keys for actions:  [:color]";
        refused("cards", &cards(json!([{ "color": 1 }])), text);
    }
}

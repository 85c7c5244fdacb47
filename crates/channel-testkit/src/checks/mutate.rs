//! Inputs that nobody meant to send.

use serde_json::{Map, Value, json};

/// How deep a mutated value goes. The host's parameter bag stops at 100 levels.
const DEPTH: usize = 90;

/// The value with each part of it, in turn, removed or of another type; named for reports.
pub(super) fn mutants(value: &Value) -> Vec<(String, Value)> {
    let replacements = [
        Value::Null,
        json!(true),
        json!(0),
        json!(-1),
        json!(u64::MAX),
        json!(1.5),
        json!(""),
        json!("  "),
        json!("\u{1F980} text\n"),
        json!([]),
        json!([null, {}]),
        json!({}),
        json!({"a": {"b": [1]}}),
    ];
    let mut mutants = Vec::new();
    for pointer in pointers(value) {
        for replacement in &replacements {
            let name = format!("{pointer} is {replacement}");
            mutants.push((name, replaced(value, &pointer, replacement.clone())));
        }
        mutants.push((format!("{pointer} is missing"), removed(value, &pointer)));
    }
    mutants
}

/// The value with each part of it, in turn, very long or very deep.
pub(super) fn heavy(value: &Value) -> Vec<(String, Value)> {
    let long = Value::from("x".repeat(1024 * 1024));
    let list = (0..DEPTH).fold(json!(1), |inner, _| json!([inner]));
    let object = (0..DEPTH).fold(json!(1), |inner, _| json!({ "a": inner }));
    let mut mutants = Vec::new();
    for pointer in pointers(value) {
        for (what, replacement) in [("1 MiB long", &long), ("deep", &list), ("deep", &object)] {
            let name = format!("{pointer} is {what}");
            mutants.push((name, replaced(value, &pointer, replacement.clone())));
        }
    }
    mutants
}

/// Bodies made of raw bytes: truncated, not UTF-8, too deep, too long, with duplicate keys.
pub(super) fn raw(body: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut mutants: Vec<(String, Vec<u8>)> = (0..16)
        .map(|part| body.len() * part / 16)
        .map(|len| {
            (
                format!("the body is cut at {len} bytes"),
                body[..len].to_vec(),
            )
        })
        .collect();
    let middle = body.len() / 2;
    mutants.extend([
        (
            "not UTF-8".to_owned(),
            [&body[..middle], &[0xff, 0xfe], &body[middle..]].concat(),
        ),
        ("only 0xff".to_owned(), vec![0xff; 64]),
        ("NUL bytes".to_owned(), vec![0; 64]),
        ("1 MiB of text".to_owned(), vec![b'x'; 1024 * 1024]),
        ("1 MiB of spaces".to_owned(), vec![b' '; 1024 * 1024]),
        ("very deep lists".to_owned(), vec![b'['; 100_000]),
        ("very deep objects".to_owned(), br#"{"a":"#.repeat(100_000)),
        ("twice".to_owned(), body.repeat(2)),
    ]);
    if let Some(inner) = body
        .strip_prefix(b"{")
        .and_then(|rest| rest.strip_suffix(b"}"))
    {
        let twice = [&b"{"[..], inner, b",", inner, b"}"].concat();
        mutants.push(("every key twice".to_owned(), twice));
    }
    mutants
}

/// The same for the parameters of a bag, which always are an object.
pub(super) fn bag(
    params: &Map<String, Value>,
    mutate: fn(&Value) -> Vec<(String, Value)>,
) -> Vec<(String, Map<String, Value>)> {
    let mutants = mutate(&Value::Object(params.clone())).into_iter();
    mutants
        .filter_map(|(name, value)| match value {
            Value::Object(params) => Some((name, params)),
            _ => None,
        })
        .collect()
}

/// JSON pointers to every part below the root.
fn pointers(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    walk(value, "", &mut found);
    found
}

fn walk(value: &Value, at: &str, found: &mut Vec<String>) {
    let parts: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (name.replace('~', "~0").replace('/', "~1"), value))
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, value)| (index.to_string(), value))
            .collect(),
        _ => return,
    };
    for (name, value) in parts {
        let pointer = format!("{at}/{name}");
        found.push(pointer.clone());
        walk(value, &pointer, found);
    }
}

fn replaced(value: &Value, pointer: &str, replacement: Value) -> Value {
    let mut value = value.clone();
    if let Some(place) = value.pointer_mut(pointer) {
        *place = replacement;
    }
    value
}

fn removed(value: &Value, pointer: &str) -> Value {
    let mut value = value.clone();
    let (parent, name) = pointer.rsplit_once('/').unwrap_or_default();
    match value.pointer_mut(parent) {
        Some(Value::Object(fields)) => {
            fields.remove(&name.replace("~1", "/").replace("~0", "~"));
        }
        Some(Value::Array(items)) => {
            if let Ok(index) = name.parse::<usize>() {
                items.remove(index);
            }
        }
        _ => {}
    }
    value
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{mutants, raw};

    #[test]
    fn every_part_is_mutated_and_removed() {
        let found = mutants(&json!({"a": {"b": [1]}}));
        for expected in [
            json!({}),
            json!({"a": {}}),
            json!({"a": {"b": []}}),
            json!({"a": null}),
            json!({"a": {"b": [null]}}),
        ] {
            assert!(
                found.iter().any(|(_, value)| *value == expected),
                "{expected}"
            );
        }
    }

    #[test]
    fn keys_are_doubled() {
        let found = raw(br#"{"a":1}"#);
        assert!(found.iter().any(|(_, body)| body == br#"{"a":1,"a":1}"#));
    }
}

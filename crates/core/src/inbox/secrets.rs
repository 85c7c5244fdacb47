//! Secret settings: told apart by the schema, kept sealed beside the others.

use serde_json::{Map, Value};

use crate::cipher::Cipher;
use crate::error::Result;

const CONTEXT: &str = "inbox_settings";

/// JSON pointers of the settings whose schema says `"x-secret": true`. Secrets are looked for in
/// objects, not in the items of lists.
pub(super) fn pointers(schema: &Value) -> Vec<String> {
    let mut found = Vec::new();
    walk(schema, schema, "", 0, &mut found);
    found.sort();
    found.dedup();
    found
}

/// Deep enough for any settings, and an end for schemas that refer to themselves.
const DEPTH_MAX: usize = 8;

fn walk(root: &Value, schema: &Value, at: &str, depth: usize, found: &mut Vec<String>) {
    if depth > DEPTH_MAX {
        return;
    }
    if schema.get("x-secret") == Some(&Value::Bool(true)) && !at.is_empty() {
        found.push(at.to_owned());
        return;
    }
    if let Some(target) = schema.get("$ref").and_then(Value::as_str)
        && let Some(target) = target.strip_prefix('#').and_then(|path| root.pointer(path))
    {
        walk(root, target, at, depth + 1, found);
    }
    for combinator in ["anyOf", "allOf", "oneOf"] {
        for part in schema
            .get(combinator)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            walk(root, part, at, depth + 1, found);
        }
    }
    for (name, part) in schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        let name = name.replace('~', "~0").replace('/', "~1");
        walk(root, part, &format!("{at}/{name}"), depth + 1, found);
    }
}

/// Takes the secrets out of the settings: what is left, and the sealed secrets if there are any.
pub(super) fn split(
    cipher: &Cipher,
    schema: &Value,
    mut settings: Value,
) -> (Value, Option<String>) {
    let mut secrets = Map::new();
    for pointer in pointers(schema) {
        if let Some(secret) = take(&mut settings, &pointer).filter(|value| !value.is_null()) {
            secrets.insert(pointer, secret);
        }
    }
    if secrets.is_empty() {
        return (settings, None);
    }
    let sealed = cipher.seal(CONTEXT, &Value::Object(secrets).to_string());
    (settings, Some(sealed))
}

/// Puts the secrets back into the settings.
///
/// # Errors
/// Secrets that do not open.
pub(super) fn join(cipher: &Cipher, mut settings: Value, sealed: Option<&str>) -> Result<Value> {
    let Some(sealed) = sealed else {
        return Ok(settings);
    };
    let secrets: Map<String, Value> = serde_json::from_str(&cipher.open(CONTEXT, sealed)?)?;
    for (pointer, secret) in secrets {
        put(&mut settings, &pointer, secret);
    }
    Ok(settings)
}

fn take(settings: &mut Value, pointer: &str) -> Option<Value> {
    let (parent, name) = pointer.rsplit_once('/')?;
    settings
        .pointer_mut(parent)?
        .as_object_mut()?
        .remove(&unescape(name))
}

fn put(settings: &mut Value, pointer: &str, secret: Value) {
    let Some((parent, name)) = pointer.rsplit_once('/') else {
        return;
    };
    if let Some(Value::Object(parent)) = settings.pointer_mut(parent) {
        parent.insert(unescape(name), secret);
    }
}

fn unescape(name: &str) -> String {
    name.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::random::SystemRandomness;

    fn schema() -> Value {
        json!({
            "properties": {
                "name": { "type": "string" },
                "bot_token": { "type": "string", "x-secret": true },
                "provider": { "anyOf": [{ "$ref": "#/$defs/Provider" }, { "type": "null" }] },
                "self": { "$ref": "#" }
            },
            "$defs": { "Provider": { "properties": {
                "url": { "type": "string" },
                "api/key": { "type": "string", "x-secret": true }
            } } }
        })
    }

    #[test]
    fn secrets_are_found_through_references() {
        let found = pointers(&schema());
        assert!(found.contains(&"/bot_token".to_owned()));
        assert!(found.contains(&"/provider/api~1key".to_owned()));
        assert!(!found.contains(&"/provider/url".to_owned()));
    }

    #[test]
    fn secrets_leave_the_settings_and_come_back() {
        let cipher = Cipher::new(&[7; 32], Arc::new(SystemRandomness));
        let full = json!({
            "name": "a", "bot_token": "hush-hush", "provider": { "url": "u", "api/key": "s2" }
        });
        let (public, sealed) = split(&cipher, &schema(), full.clone());
        assert_eq!(public, json!({ "name": "a", "provider": { "url": "u" } }));
        let sealed = sealed.unwrap();
        assert!(!sealed.contains("hush-hush"));
        assert_eq!(join(&cipher, public, Some(&sealed)).unwrap(), full);
    }

    #[test]
    fn settings_without_secrets_seal_nothing() {
        let cipher = Cipher::new(&[7; 32], Arc::new(SystemRandomness));
        let settings = json!({ "bot_token": null, "provider": null });
        let (public, sealed) = split(&cipher, &schema(), settings);
        assert_eq!((public, sealed), (json!({ "provider": null }), None));
    }
}

//! Whether what is answered is what the document says.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{Answer, Operation, resolved};

impl Operation {
    /// What in an answer is not as the document says: a status that it does not name, or a body that
    /// is not of the status's schema.
    pub fn faults(&self, spec: &Value, answer: &Answer) -> Vec<String> {
        let status = answer.status.as_str();
        let at = format!("{} {status}", self.id);
        let method = self.method.as_str().to_ascii_lowercase();
        let responses = &spec["paths"][&self.path][method]["responses"];
        let Some(response) = responses.get(status) else {
            return vec![format!("{at} is not described")];
        };
        let schema = &response["content"]["application/json"]["schema"];
        if schema.is_null() || answer.text.is_empty() {
            return Vec::new();
        }
        faults(spec, schema, &answer.json(), &at)
    }
}

/// What in a value is not as its schema says: types, nulls, missing keys, keys nobody described.
pub fn faults(spec: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let mut found = shape_faults(spec, schema, value, at);
    if let Some(object) = value.as_object() {
        let described = properties(spec, schema);
        for key in object.keys() {
            if !is_open(spec, schema) && !described.contains_key(key) {
                found.push(format!("{at}.{key} is not described"));
            }
        }
    }
    found
}

fn shape_faults(spec: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let schema = resolved(spec, schema);
    let mut found = Vec::new();
    if !has_type(&schema["type"], value) {
        return vec![format!("{at}: {value:.80} is not {}", schema["type"])];
    }
    if let Some(names) = schema["enum"]
        .as_array()
        .filter(|names| !names.contains(value))
    {
        found.push(format!("{at}: {value} is none of {names:?}"));
    }
    for part in schema["allOf"].as_array().into_iter().flatten() {
        found.extend(shape_faults(spec, part, value, at));
    }
    for key in ["oneOf", "anyOf"] {
        let Some(parts) = schema[key].as_array() else {
            continue;
        };
        // What a part leaves out may stand beside it, so keys are looked at over all parts.
        let tried = parts.iter().map(|part| shape_faults(spec, part, value, at));
        let fewest = tried.min_by_key(Vec::len).unwrap_or_default();
        found.extend(fewest);
    }
    for name in schema["required"].as_array().into_iter().flatten() {
        let name = name.as_str().expect("a name");
        if value.is_object() && value.get(name).is_none() {
            found.push(format!("{at}.{name} is missing"));
        }
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        if let Some(child) = value.get(name) {
            found.extend(faults(spec, property, child, &format!("{at}.{name}")));
        }
    }
    for (index, child) in value.as_array().into_iter().flatten().enumerate() {
        found.extend(faults(
            spec,
            &schema["items"],
            child,
            &format!("{at}[{index}]"),
        ));
    }
    found
}

fn has_type(expected: &Value, value: &Value) -> bool {
    let is = |name: &str| match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("{other} is no type"),
    };
    match expected {
        Value::String(name) => is(name),
        Value::Array(names) => names.iter().filter_map(Value::as_str).any(is),
        _ => true,
    }
}

/// The properties of an object's schema with their schemas, in all its parts.
pub fn properties<'a>(spec: &'a Value, schema: &'a Value) -> BTreeMap<String, &'a Value> {
    let schema = resolved(spec, schema);
    let own = schema["properties"].as_object().into_iter().flatten();
    let mut found: BTreeMap<String, &Value> =
        own.map(|(name, schema)| (name.clone(), schema)).collect();
    for part in parts(schema) {
        found.extend(properties(spec, part));
    }
    found
}

/// Whether an object may have keys that its schema does not name.
fn is_open(spec: &Value, schema: &Value) -> bool {
    let schema = resolved(spec, schema);
    let free = schema["type"] == "object" && schema.get("properties").is_none();
    let more = schema
        .get("additionalProperties")
        .is_some_and(|more| *more != false);
    free || more || parts(schema).any(|part| is_open(spec, part))
}

fn parts(schema: &Value) -> impl Iterator<Item = &Value> {
    let keys = ["allOf", "oneOf", "anyOf"].into_iter();
    keys.filter_map(|key| schema[key].as_array()).flatten()
}

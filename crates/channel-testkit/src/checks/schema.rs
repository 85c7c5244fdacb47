//! Just enough of JSON Schema to find the properties of settings.

use serde_json::{Map, Value};

/// One property, at any depth of nested objects.
pub(super) struct Property {
    /// JSON pointer to its value in the settings.
    pub(super) pointer: String,
    /// Its name.
    pub(super) name: String,
    /// Whether it carries `"x-secret": true`.
    pub(super) secret: bool,
    /// Whether it may be a text.
    pub(super) text: bool,
}

/// The properties of an object schema, references within the document followed.
pub(super) fn properties(schema: &Value) -> Vec<Property> {
    let mut found = Vec::new();
    collect(schema, schema, "", 0, &mut found);
    found
}

/// The names of the properties at the top.
pub(super) fn top_level(schema: &Value) -> Vec<String> {
    let properties = schema.get("properties").and_then(Value::as_object);
    properties
        .map(|properties| properties.keys().cloned().collect())
        .unwrap_or_default()
}

/// The names of the required properties at the top.
pub(super) fn required(schema: &Value) -> Vec<String> {
    let names = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    names.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn collect(root: &Value, schema: &Value, at: &str, depth: usize, found: &mut Vec<Property>) {
    // A recursive type has no end.
    if depth > 8 {
        return;
    }
    let Some(properties) = resolve(root, schema)
        .get("properties")
        .and_then(Value::as_object)
    else {
        return;
    };
    for (name, property) in properties {
        let pointer = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
        let target = resolve(root, property);
        found.push(Property {
            pointer: pointer.clone(),
            name: name.clone(),
            secret: [property, target]
                .iter()
                .any(|of| of.get("x-secret") == Some(&true.into())),
            text: is_text(target),
        });
        collect(root, target, &pointer, depth + 1, found);
    }
}

fn resolve<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    let reference = schema.get("$ref").and_then(Value::as_str);
    let target = reference.and_then(|reference| root.pointer(reference.strip_prefix('#')?));
    target.unwrap_or(schema)
}

fn is_text(schema: &Value) -> bool {
    let is = |kind: &Value| kind == "string";
    match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().any(is),
        Some(kind) => is(kind),
        None => false,
    }
}

/// Whether a JSON pointer leads to a declared property. Below an object of free form everything
/// does.
pub(super) fn declares(schema: &Value, pointer: &str) -> bool {
    let Some(rest) = pointer.strip_prefix('/') else {
        return false;
    };
    let mut here = schema;
    for name in rest.split('/') {
        here = resolve(schema, here);
        match here.get("properties").and_then(Value::as_object) {
            Some(known) => match known.get(name) {
                Some(property) => here = property,
                None => return false,
            },
            None => return is_free(here),
        }
    }
    true
}

fn is_free(schema: &Value) -> bool {
    let empty = Map::new();
    let schema = schema.as_object().unwrap_or(&empty);
    schema
        .get("additionalProperties")
        .is_some_and(|of| of != &Value::Bool(false))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{declares, properties};

    #[test]
    fn properties_are_found_behind_references() {
        let schema = json!({
            "properties": {"bot": {"$ref": "#/$defs/Bot"}, "free": {"additionalProperties": true}},
            "$defs": {"Bot": {"properties": {"token": {"type": "string", "x-secret": true}}}},
        });
        let found = properties(&schema);
        let token = found
            .iter()
            .find(|property| property.pointer == "/bot/token")
            .unwrap();
        assert!(token.secret && token.text);
        assert!(declares(&schema, "/bot/token") && declares(&schema, "/free/any/thing"));
        assert!(!declares(&schema, "/bot/tokn") && !declares(&schema, "bot"));
    }
}

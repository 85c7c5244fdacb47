//! A JSON object kept as text: it is copied into snapshots far more often than it is read.

use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// A JSON object. Cloning is cheap.
#[derive(Clone)]
pub struct Attributes(Arc<RawValue>);

impl Attributes {
    /// The object as a map.
    pub fn to_map(&self) -> Map<String, Value> {
        serde_json::from_str(self.0.get()).unwrap_or_default()
    }

    /// The object as a value.
    pub fn to_value(&self) -> Value {
        Value::Object(self.to_map())
    }

    /// The JSON text.
    pub fn as_str(&self) -> &str {
        self.0.get()
    }

    /// Length of the JSON text in bytes.
    pub fn bytes(&self) -> usize {
        self.0.get().len()
    }

    /// Whether the object has no keys.
    pub fn is_empty(&self) -> bool {
        self.0.get() == "{}" || self.to_map().is_empty()
    }

    /// Reads JSON text; anything but an object becomes the empty object.
    pub fn from_text(text: String) -> Self {
        if !text.trim_start().starts_with('{') {
            return Self::default();
        }
        RawValue::from_string(text).map_or_else(|_| Self::default(), |raw| Self(raw.into()))
    }

    /// `self` with the keys of `changes` on top: what updates of contacts do.
    #[must_use]
    pub fn merged(&self, changes: &Map<String, Value>) -> Self {
        let mut map = self.to_map();
        map.extend(
            changes
                .iter()
                .map(|(key, value)| (key.clone(), value.clone())),
        );
        map.into()
    }

    /// `self` with `over` on top, objects within it, too, key by key: what merging contacts does.
    #[must_use]
    pub fn deep_merged(&self, over: &Map<String, Value>) -> Self {
        let mut map = self.to_map();
        merge_into(&mut map, over);
        map.into()
    }
}

fn merge_into(map: &mut Map<String, Value>, over: &Map<String, Value>) {
    for (key, value) in over {
        match (map.get_mut(key), value) {
            (Some(Value::Object(under)), Value::Object(over)) => merge_into(under, over),
            _ => drop(map.insert(key.clone(), value.clone())),
        }
    }
}

impl Default for Attributes {
    fn default() -> Self {
        Map::new().into()
    }
}

impl From<Map<String, Value>> for Attributes {
    fn from(map: Map<String, Value>) -> Self {
        let text = Value::Object(map).to_string();
        Self(
            RawValue::from_string(text)
                .expect("a JSON value prints as JSON")
                .into(),
        )
    }
}

impl From<Value> for Attributes {
    fn from(value: Value) -> Self {
        match value {
            Value::Object(map) => map.into(),
            _ => Self::default(),
        }
    }
}

impl PartialEq for Attributes {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str() || self.to_map() == other.to_map()
    }
}

impl std::fmt::Debug for Attributes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Attributes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Attributes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::<RawValue>::deserialize(deserializer).map(|raw| Self(raw.into()))
    }
}

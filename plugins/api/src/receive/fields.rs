use gatewright_channel::{ChannelError, FieldError};
use serde_json::{Map, Value};

/// Deepest nesting of a structured field; what is deeper cannot cross to another process.
const MAX_DEPTH: usize = 100;

/// Longest JSON text of a structured field: its values take many times as much memory.
const MAX_JSON_TEXT_BYTES: usize = 1024 * 1024;

/// The fields found wrong so far.
#[derive(Default)]
pub(super) struct Problems(Vec<FieldError>);

impl Problems {
    pub(super) fn add(&mut self, field: &str, message: impl Into<String>) {
        self.0.push(FieldError::new(field, message));
    }

    /// Whether nothing is wrong with exactly this field.
    pub(super) fn none_at(&self, field: &str) -> bool {
        self.0.iter().all(|error| error.field != field)
    }

    pub(super) fn none(self) -> Result<(), ChannelError> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(ChannelError::Invalid { fields: self.0 })
        }
    }
}

/// Reads the fields of one object of the request. Blank text and null count as absent.
pub(super) struct Fields<'a> {
    at: &'static str,
    values: &'a Map<String, Value>,
    problems: &'a mut Problems,
    wrong: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// The object of this name; `None` when it is absent, or no object, which is noted.
    pub(super) fn of(
        params: &'a Map<String, Value>,
        at: &'static str,
        otherwise: &str,
        problems: &'a mut Problems,
    ) -> Option<Self> {
        let Value::Object(values) = present(params.get(at))? else {
            problems.add(at, otherwise);
            return None;
        };
        Some(Self {
            at,
            values,
            problems,
            wrong: Vec::new(),
        })
    }

    /// The value, if it is not blank.
    pub(super) fn value(&self, name: &str) -> Option<&'a Value> {
        present(self.values.get(name))
    }

    /// A text; a number is taken as its digits.
    pub(super) fn text(&mut self, name: &'static str, max_chars: usize) -> Option<String> {
        let text = match self.value(name)? {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => {
                self.wrong(name, "must be text");
                return None;
            }
        };
        // No text has more characters than bytes, so most need no counting.
        if text.len() > max_chars && text.chars().count() > max_chars {
            self.wrong(
                name,
                format!("is too long (maximum is {max_chars} characters)"),
            );
            return None;
        }
        Some(text)
    }

    /// An object, or JSON text of one, as forms must send it.
    pub(super) fn object(&mut self, name: &'static str) -> Option<Map<String, Value>> {
        let value = match self.value(name)? {
            Value::String(text) if text.len() > MAX_JSON_TEXT_BYTES => {
                let limit = MAX_JSON_TEXT_BYTES;
                self.wrong(
                    name,
                    format!("is too long (maximum is {limit} bytes of JSON text)"),
                );
                return None;
            }
            Value::String(text) => serde_json::from_str(text).ok(),
            other => Some(other.clone()),
        };
        let Some(Value::Object(object)) = value else {
            self.wrong(name, "must be an object, or JSON text of one");
            return None;
        };
        if object.values().any(|value| is_deeper(value, MAX_DEPTH - 1)) {
            self.wrong(
                name,
                format!("must not be nested deeper than {MAX_DEPTH} levels"),
            );
            return None;
        }
        Some(object)
    }

    pub(super) fn wrong(&mut self, name: &'static str, message: impl Into<String>) {
        self.problems.add(&format!("{}.{name}", self.at), message);
        self.wrong.push(name);
    }

    pub(super) fn is_right(&self, name: &str) -> bool {
        !self.wrong.contains(&name)
    }

    pub(super) fn all_right(&self) -> bool {
        self.wrong.is_empty()
    }
}

fn present(value: Option<&Value>) -> Option<&Value> {
    value.filter(|value| match value {
        Value::Null => false,
        Value::String(text) => !text.trim().is_empty(),
        _ => true,
    })
}

fn is_deeper(value: &Value, levels: usize) -> bool {
    match value {
        Value::Array(items) => levels == 0 || items.iter().any(|item| is_deeper(item, levels - 1)),
        Value::Object(fields) => {
            levels == 0 || fields.values().any(|field| is_deeper(field, levels - 1))
        }
        _ => false,
    }
}

//! What goes wrong while coercing, and how it is told.

use std::fmt::{self, Display};

use serde::de;
use serde_json::Value;

/// Longer texts are cut in error messages.
const SHOWN_CHARS: usize = 64;

/// A parameter that cannot be used; answered with 422.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParamError {
    /// It is required, and absent, null or empty.
    #[error("param is missing or the value is empty: {path}")]
    Missing {
        /// Where it should stand, for example `message.inbox_id`.
        path: String,
    },
    /// It is of the wrong kind.
    #[error("{path}: {reason}")]
    Invalid {
        /// Where it stands; empty for the bag as a whole.
        path: String,
        /// What was expected and what was found.
        reason: String,
    },
}

impl ParamError {
    /// The parameter at this path is missing or empty.
    pub fn missing(path: impl Into<String>) -> Self {
        Self::Missing { path: path.into() }
    }

    /// The parameter at this path is something else than expected.
    pub fn unlike(path: impl Into<String>, expected: &str, found: &Value) -> Self {
        Self::Invalid {
            path: path.into(),
            reason: expectation(expected, found),
        }
    }
}

impl From<serde_path_to_error::Error<CoerceError>> for ParamError {
    fn from(error: serde_path_to_error::Error<CoerceError>) -> Self {
        let path = if error.path().iter().next().is_none() {
            String::new()
        } else {
            error.path().to_string()
        };
        match error.into_inner() {
            CoerceError::MissingField(field) if path.is_empty() => Self::missing(field),
            CoerceError::MissingField(field) => Self::missing(format!("{path}.{field}")),
            CoerceError::MissingHere | CoerceError::Blank => Self::Missing { path },
            CoerceError::Wrong(reason) => Self::Invalid { path, reason },
        }
    }
}

/// What a value does wrong; where it stands is added by the path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum CoerceError {
    /// A field without a default is absent from the object.
    MissingField(&'static str),
    /// The value is null and must not be.
    MissingHere,
    /// The value is an empty text and the type is not a string.
    Blank,
    /// Anything else, as one clause.
    Wrong(String),
}

impl CoerceError {
    pub(super) fn is_blank(&self) -> bool {
        *self == Self::Blank
    }
}

impl Display for CoerceError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingField(field) => write!(formatter, "{field} is missing"),
            Self::MissingHere | Self::Blank => formatter.write_str("the value is empty"),
            Self::Wrong(reason) => formatter.write_str(reason),
        }
    }
}

impl std::error::Error for CoerceError {}

impl de::Error for CoerceError {
    fn custom<T: Display>(message: T) -> Self {
        Self::Wrong(message.to_string())
    }

    fn missing_field(field: &'static str) -> Self {
        Self::MissingField(field)
    }

    fn invalid_type(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::Wrong(format!("expected {expected}, got {found}"))
    }

    fn invalid_value(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::invalid_type(found, expected)
    }
}

pub(super) fn wrong(expected: &str, found: &Value) -> CoerceError {
    CoerceError::Wrong(expectation(expected, found))
}

pub(super) fn limits(smallest: &impl Display, largest: &impl Display, found: i128) -> CoerceError {
    CoerceError::Wrong(format!(
        "expected an integer from {smallest} to {largest}, got {found}"
    ))
}

fn expectation(expected: &str, found: &Value) -> String {
    format!("expected {expected}, got {}", described(found))
}

fn described(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) => format!("the text \"{}\"", shortened(text)),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{}..", &text[..end]),
        None => text.to_owned(),
    }
}

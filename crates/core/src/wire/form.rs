use std::borrow::Cow;

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::event::Change;
use crate::time::Timestamp;

/// An object that has no keys yet: `{}`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EmptyObject {}

/// `changed_attributes` of an event: left out, null, or an array of single-key objects
/// `{"status": {"previous_value": .., "current_value": ..}}` (contract, section 7.3).
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Changes<'a> {
    /// The key is not there.
    Absent,
    /// The key is null.
    Null,
    /// The changes, in their order.
    List(&'a [Change]),
}

impl Changes<'_> {
    /// Whether the key is not there.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}

impl Serialize for Changes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self::List(changes) = self else {
            return serializer.serialize_none();
        };
        let mut list = serializer.serialize_seq(Some(changes.len()))?;
        for change in *changes {
            list.serialize_element(&SingleKey(change))?;
        }
        list.end()
    }
}

struct SingleKey<'a>(&'a Change);

impl Serialize for SingleKey<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let values = Values {
            previous_value: &self.0.previous,
            current_value: &self.0.current,
        };
        let mut object = serializer.serialize_map(Some(1))?;
        object.serialize_entry(&self.0.attribute, &values)?;
        object.end()
    }
}

#[derive(Serialize)]
struct Values<'a> {
    previous_value: &'a Value,
    current_value: &'a Value,
}

/// How a body comes by a text of its model: [`lend`] or [`copy`].
pub(super) type Keep<'a, 'b> = fn(&'a str) -> Cow<'b, str>;

/// Borrows the text: for bodies that are written at once.
pub(super) fn lend(text: &str) -> Cow<'_, str> {
    Cow::Borrowed(text)
}

/// Copies the text: for bodies that outlive their model.
pub(super) fn copy(text: &str) -> Cow<'static, str> {
    Cow::Owned(text.to_owned())
}

/// Seconds with their fraction, exact to the microsecond.
pub(super) fn seconds(time: Timestamp) -> f64 {
    time.float().as_f64().unwrap_or_default()
}

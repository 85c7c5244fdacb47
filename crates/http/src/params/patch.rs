//! The three states of a field in an update.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A field of an update: left out, cleared, or set.
///
/// Give the field `#[serde(default)]`, or an absent one reads as `Null`; when it is also
/// serialized, `skip_serializing_if = "Patch::is_absent"`. For the OpenAPI document write
/// `#[schema(value_type = Option<T>)]`. An empty text clears every type but a string.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Patch<T> {
    /// The field is not in the request: leave it as it is.
    #[default]
    Absent,
    /// The field is null: clear it.
    Null,
    /// The field has this new value.
    Value(T),
}

impl<T> Patch<T> {
    /// Whether the field is not in the request.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// `None` when absent, `Some(None)` when null: the form in which services take an update.
    pub fn into_option(self) -> Option<Option<T>> {
        match self {
            Self::Absent => None,
            Self::Null => Some(None),
            Self::Value(value) => Some(Some(value)),
        }
    }

    /// The same state with the value converted.
    pub fn map<U>(self, convert: impl FnOnce(T) -> U) -> Patch<U> {
        match self {
            Self::Absent => Patch::Absent,
            Self::Null => Patch::Null,
            Self::Value(value) => Patch::Value(convert(value)),
        }
    }
}

impl<T> From<Option<T>> for Patch<T> {
    /// A field that is present: `None` is null.
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::Value)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::<T>::deserialize(deserializer).map(Self::from)
    }
}

impl<T: Serialize> Serialize for Patch<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Absent | Self::Null => serializer.serialize_none(),
            Self::Value(value) => serializer.serialize_some(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::coerce;
    use serde_json::json;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Update {
        #[serde(default, skip_serializing_if = "Patch::is_absent")]
        name: Patch<String>,
        #[serde(default, skip_serializing_if = "Patch::is_absent")]
        team_id: Patch<i64>,
    }

    #[test]
    fn the_three_states_are_told_apart() {
        let read = |value| coerce::<Update>(value).unwrap();
        assert_eq!(
            read(json!({})),
            Update {
                name: Patch::Absent,
                team_id: Patch::Absent
            }
        );
        assert_eq!(
            read(json!({"name": null, "team_id": null})),
            Update {
                name: Patch::Null,
                team_id: Patch::Null
            }
        );
        assert_eq!(
            read(json!({"name": "", "team_id": ""})),
            Update {
                name: Patch::Value(String::new()),
                team_id: Patch::Null
            }
        );
        assert_eq!(
            read(json!({"name": "x", "team_id": "3"})),
            Update {
                name: Patch::Value("x".to_owned()),
                team_id: Patch::Value(3)
            }
        );
    }

    #[test]
    fn an_update_is_written_as_it_was_read() {
        for value in [
            json!({}),
            json!({"name": null}),
            json!({"name": "x", "team_id": 3}),
        ] {
            let update: Update = coerce(value.clone()).unwrap();
            assert_eq!(serde_json::to_value(&update).unwrap(), value);
        }
    }

    #[test]
    fn a_patch_converts_for_the_service() {
        assert_eq!(Patch::Value(3).map(|n| n + 1).into_option(), Some(Some(4)));
        assert_eq!(Patch::<i64>::Null.into_option(), Some(None));
        assert_eq!(Patch::<i64>::Absent.into_option(), None);
    }
}

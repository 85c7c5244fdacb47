//! Coercion: a serde deserializer over the bag's values that is as lenient as the contract
//! (§1.4), and whose errors name the field.

mod access;
mod error;
mod numbers;
mod place;

use serde::{
    Deserializer,
    de::{DeserializeOwned, IntoDeserializer, Visitor, value::StrDeserializer},
    forward_to_deserialize_any,
};
use serde_json::{Map, Value};

use access::{Elements, Fields};
pub use error::ParamError;
use error::{CoerceError, wrong};
use place::{clear, numbered};

/// So many empty texts in one request are turned into null; each costs one more pass.
const MAX_BLANKS: usize = 64;

/// Reads a `T` from parameters.
///
/// - integers and floats accept numeric text (`"3"`); integers also a float without a fraction
/// - bools: false, 0 and the texts 0, f, F, false, FALSE, off, OFF are false; every other text,
///   number and `true` is true, `"False"` included
/// - strings accept numbers and bools, as text
/// - an empty text is null for every type but a string; null and absent are `None`
/// - lists accept an object whose keys are numbers (`a[0]=x`), in the order of the numbers
/// - enums are read by the name of their unit variants; `serde_json::Value` stays as it is
///
/// # Errors
/// The first field that is missing or of the wrong kind.
pub fn coerce<T: DeserializeOwned>(mut value: Value) -> Result<T, ParamError> {
    for _ in 0..MAX_BLANKS {
        match serde_path_to_error::deserialize(Coerce {
            value: &value,
            ids: false,
        }) {
            Ok(read) => return Ok(read),
            // Only the type at this place knows that it is no string, and only its Option, which
            // is gone by now, knows that null would do: so the empty text becomes null, and the
            // whole is read again.
            Err(error) if error.inner().is_blank() && clear(&mut value, error.path()) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(ParamError::Invalid {
        path: String::new(),
        reason: format!("more than {MAX_BLANKS} values are empty texts: leave them out"),
    })
}

/// Reads a `T` from the parameters of the path: integers are ids, that is positive and of digits.
///
/// # Errors
/// The first field that is missing or no id.
pub(super) fn coerce_ids<T: DeserializeOwned>(value: &Value) -> Result<T, ParamError> {
    Ok(serde_path_to_error::deserialize(Coerce {
        value,
        ids: true,
    })?)
}

/// One value of the bag, as a deserializer.
#[derive(Clone, Copy)]
struct Coerce<'de> {
    value: &'de Value,
    ids: bool,
}

impl<'de> Coerce<'de> {
    fn with(self, value: &'de Value) -> Self {
        Self { value, ..self }
    }

    /// The error for a value that is not what the type wants: null is a missing value, an empty
    /// text a blank one.
    fn unlike(self, expected: &str) -> CoerceError {
        match self.value {
            Value::Null => CoerceError::MissingHere,
            Value::String(text) if text.trim().is_empty() => CoerceError::Blank,
            other => wrong(expected, other),
        }
    }

    fn bool(self) -> Result<bool, CoerceError> {
        const FALSE: [&str; 7] = ["0", "f", "F", "false", "FALSE", "off", "OFF"];
        match self.value {
            Value::Bool(value) => Ok(*value),
            Value::Number(number) => Ok(number.as_i64() != Some(0)),
            Value::String(text) if !text.is_empty() => Ok(!FALSE.contains(&text.as_str())),
            _ => Err(self.unlike("true or false")),
        }
    }

    fn visit_text<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CoerceError> {
        match self.value {
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Number(number) => visitor.visit_string(number.to_string()),
            Value::Bool(value) => visitor.visit_str(if *value { "true" } else { "false" }),
            _ => Err(self.unlike("a text")),
        }
    }

    fn object(self) -> Result<&'de Map<String, Value>, CoerceError> {
        self.value
            .as_object()
            .ok_or_else(|| self.unlike("an object"))
    }

    fn list(self) -> Result<Vec<&'de Value>, CoerceError> {
        match self.value {
            Value::Array(list) => Ok(list.iter().collect()),
            Value::Object(object) => numbered(object)
                .map(|keys| {
                    keys.iter()
                        .filter_map(|(_, key)| object.get(*key))
                        .collect()
                })
                .ok_or_else(|| self.unlike("a list")),
            _ => Err(self.unlike("a list")),
        }
    }
}

macro_rules! numbers {
    ($($method:ident => $visit:ident, $read:expr;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CoerceError> {
            visitor.$visit($read(self)?)
        }
    )*};
}

impl<'de> Deserializer<'de> for Coerce<'de> {
    type Error = CoerceError;

    numbers! {
        deserialize_bool => visit_bool, Self::bool;
        deserialize_i8 => visit_i8, Self::integer::<i8>;
        deserialize_i16 => visit_i16, Self::integer::<i16>;
        deserialize_i32 => visit_i32, Self::integer::<i32>;
        deserialize_i64 => visit_i64, Self::integer::<i64>;
        deserialize_u8 => visit_u8, Self::integer::<u8>;
        deserialize_u16 => visit_u16, Self::integer::<u16>;
        deserialize_u32 => visit_u32, Self::integer::<u32>;
        deserialize_u64 => visit_u64, Self::integer::<u64>;
        deserialize_f32 => visit_f64, Self::float;
        deserialize_f64 => visit_f64, Self::float;
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CoerceError> {
        self.value
            .deserialize_any(visitor)
            .map_err(serde::de::Error::custom)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CoerceError> {
        self.visit_text(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CoerceError> {
        self.visit_text(visitor)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CoerceError> {
        self.visit_text(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CoerceError> {
        self.visit_text(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CoerceError> {
        if self.value.is_null() {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, CoerceError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CoerceError> {
        let list = self.list()?;
        visitor.visit_seq(Elements {
            list: list.into_iter(),
            parent: self,
        })
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, CoerceError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, CoerceError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CoerceError> {
        let entries = self.object()?.iter();
        visitor.visit_map(Fields {
            entries,
            next: &Value::Null,
            parent: self,
        })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, CoerceError> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, CoerceError> {
        match self.value {
            Value::String(text) if variants.contains(&text.as_str()) => {
                let name: StrDeserializer<'_, CoerceError> = text.as_str().into_deserializer();
                visitor.visit_enum(name)
            }
            _ => Err(self.unlike(&format!("one of {}", variants.join(", ")))),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CoerceError> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! { i128 u128 bytes byte_buf unit unit_struct }
}

#[cfg(test)]
mod tests;

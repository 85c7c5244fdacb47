//! Limits that can be off: a number, or 0 or `"off"` for none.

use std::fmt;
use std::num::NonZeroU32;

use serde::{Deserializer, Serializer, de};

#[expect(clippy::ref_option, reason = "serde passes a reference")]
pub(in crate::config) fn serialize<S: Serializer>(
    limit: &Option<NonZeroU32>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_u32(limit.map_or(0, NonZeroU32::get))
}

pub(in crate::config) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<NonZeroU32>, D::Error> {
    deserializer.deserialize_any(LimitVisitor)
}

struct LimitVisitor;

impl de::Visitor<'_> for LimitVisitor {
    type Value = Option<NonZeroU32>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number, or 0 for no limit")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        if text.trim() == "off" {
            return Ok(None);
        }
        let number = text.trim().parse().map(NonZeroU32::new);
        number.map_err(|_| E::custom(format!("`{text}` is not a whole number, nor `off`")))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Self::Value, E> {
        u32::try_from(number)
            .map(NonZeroU32::new)
            .map_err(|_| E::custom("is too large"))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Self::Value, E> {
        u32::try_from(number)
            .map(NonZeroU32::new)
            .map_err(|_| E::custom("must be a whole number, or 0 for no limit"))
    }
}

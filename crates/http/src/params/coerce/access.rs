//! Lists and objects, element by element.

use serde::de::{DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, value::StrDeserializer};
use serde_json::Value;

use super::{Coerce, CoerceError};

/// The elements of a list.
pub(super) struct Elements<'de> {
    pub(super) list: std::vec::IntoIter<&'de Value>,
    pub(super) parent: Coerce<'de>,
}

impl<'de> SeqAccess<'de> for Elements<'de> {
    type Error = CoerceError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, CoerceError> {
        self.list
            .next()
            .map(|value| seed.deserialize(self.parent.with(value)))
            .transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.list.len())
    }
}

/// The fields of an object, with the value that belongs to the key read last.
pub(super) struct Fields<'de> {
    pub(super) entries: serde_json::map::Iter<'de>,
    pub(super) next: &'de Value,
    pub(super) parent: Coerce<'de>,
}

impl<'de> MapAccess<'de> for Fields<'de> {
    type Error = CoerceError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, CoerceError> {
        let Some((key, value)) = self.entries.next() else {
            return Ok(None);
        };
        self.next = value;
        let name: StrDeserializer<'_, CoerceError> = key.as_str().into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, CoerceError> {
        seed.deserialize(self.parent.with(self.next))
    }
}

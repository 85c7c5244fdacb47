//! Several durations: a list, or one text with commas between them.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serializer, de};

use super::duration;

pub(in crate::config) fn serialize<S: Serializer>(
    durations: &[Duration],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(durations.iter().map(|each| duration::show(*each)))
}

pub(in crate::config) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<Duration>, D::Error> {
    deserializer.deserialize_any(DurationsVisitor)
}

struct DurationsVisitor;

impl<'de> de::Visitor<'de> for DurationsVisitor {
    type Value = Vec<Duration>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of durations like [\"0s\", \"5s\", \"5m\"]")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        let pieces = text
            .split(',')
            .map(str::trim)
            .filter(|piece| !piece.is_empty());
        pieces
            .map(duration::parse)
            .collect::<Result<_, _>>()
            .map_err(E::custom)
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut durations = Vec::new();
        while let Some(Each(each)) = seq.next_element()? {
            durations.push(each);
        }
        Ok(durations)
    }
}

struct Each(Duration);

impl<'de> Deserialize<'de> for Each {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        duration::deserialize(deserializer).map(Self)
    }
}

//! Numbers, from numbers and from text.

use std::fmt::Display;

use serde_json::Value;

use super::{
    Coerce, CoerceError,
    error::{limits, wrong},
};
use crate::params::parse_id;

/// The largest whole number that a float holds exactly.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

/// The integer types, with their limits for the error's sentence.
pub(super) trait Integer: TryFrom<i128> + Display {
    /// Smallest and largest value.
    const LIMITS: (Self, Self);
}

macro_rules! integers {
    ($($type:ty)*) => {$(
        impl Integer for $type {
            const LIMITS: (Self, Self) = (Self::MIN, Self::MAX);
        }
    )*};
}

integers! { i8 i16 i32 i64 u8 u16 u32 u64 }

impl Coerce<'_> {
    /// The value as an integer of this type.
    pub(super) fn integer<I: Integer>(self) -> Result<I, CoerceError> {
        let whole = if self.ids { self.id() } else { self.whole() }?;
        I::try_from(whole).map_err(|_| limits(&I::LIMITS.0, &I::LIMITS.1, whole))
    }

    /// The value as a finite float.
    pub(super) fn float(self) -> Result<f64, CoerceError> {
        let read = match self.value {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        read.filter(|float| float.is_finite())
            .ok_or_else(|| self.unlike("a number"))
    }

    fn id(self) -> Result<i128, CoerceError> {
        let id = self.value.as_str().and_then(parse_id).map(i128::from);
        id.ok_or_else(|| wrong("an id", self.value))
    }

    fn whole(self) -> Result<i128, CoerceError> {
        let read = match self.value {
            Value::Number(number) => number
                .as_i64()
                .map(i128::from)
                .or_else(|| number.as_u64().map(i128::from))
                .or_else(|| number.as_f64().and_then(without_fraction)),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        read.ok_or_else(|| self.unlike("an integer"))
    }
}

fn without_fraction(float: f64) -> Option<i128> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the float is whole and within 2^53"
    )]
    (float.fract() == 0.0 && float.abs() <= MAX_EXACT).then_some(float as i128)
}

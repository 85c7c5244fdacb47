//! Conditions by which conversations and contacts are filtered (contract, section 4.1).
//!
//! A resource brings a table of keys and says by which column each is found; what a caller
//! may ask, in which words it is refused and how conditions join stands here, once.
//!
//! To filter another resource: its table of keys, `parse`, `condition`.

mod parse;
pub(crate) mod search;
mod sql;
#[cfg(test)]
mod tests;

pub(crate) use parse::parse;
pub(crate) use sql::{Place, condition, escaped};

/// One condition as a caller sends it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Condition {
    /// Name of what is compared.
    pub attribute_key: String,
    /// How it is compared: the name of an [`Operator`].
    pub filter_operator: String,
    /// What it is compared with; not needed by `is_present` and `is_not_present`.
    pub values: Vec<String>,
    /// How it joins to the next condition: `and` or `or`, in any case.
    pub query_operator: Option<String>,
}

coded! {
    /// How a condition compares.
    Operator {
        /// Is one of the values.
        EqualTo = 0 "equal_to",
        /// Is none of the values.
        NotEqualTo = 1 "not_equal_to",
        /// Contains one of the values.
        Contains = 2 "contains",
        /// Contains none of the values.
        DoesNotContain = 3 "does_not_contain",
        /// Begins with one of the values.
        StartsWith = 4 "starts_with",
        /// Is set.
        IsPresent = 5 "is_present",
        /// Is not set.
        IsNotPresent = 6 "is_not_present",
        /// Is after the day.
        IsGreaterThan = 7 "is_greater_than",
        /// Is before the day.
        IsLessThan = 8 "is_less_than",
        /// Is before the day so many days ago.
        DaysBefore = 9 "days_before",
    }
}

/// `equal_to` and its opposite.
pub(crate) const EQUALITY: &[Operator] = &[Operator::EqualTo, Operator::NotEqualTo];
/// Equality and whether it is set.
pub(crate) const PRESENCE: &[Operator] = &[
    Operator::EqualTo,
    Operator::NotEqualTo,
    Operator::IsPresent,
    Operator::IsNotPresent,
];
/// Equality and parts of the text.
pub(crate) const TEXT: &[Operator] = &[
    Operator::EqualTo,
    Operator::NotEqualTo,
    Operator::Contains,
    Operator::DoesNotContain,
];
/// Of days.
pub(crate) const DAYS: &[Operator] = &[
    Operator::IsGreaterThan,
    Operator::IsLessThan,
    Operator::DaysBefore,
];

/// What can be asked of one attribute.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Key {
    /// Its name on the wire.
    pub(crate) name: &'static str,
    /// How it can be compared, in the order in which errors name them.
    pub(crate) operators: &'static [Operator],
    /// How its values are read.
    pub(crate) kind: Kind,
}

/// How the values of a key are read.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// Text, compared without regard to case.
    Text,
    /// A phone number, whose `+` may be left out when it is compared as a whole.
    Phone,
    /// An integer.
    Number,
    /// True or false.
    Flag,
    /// One of these names, kept as a number; `all` stands for every one.
    Named(fn(&str) -> Option<i16>),
    /// Titles of labels.
    Labels,
    /// A time, compared by its day in UTC.
    Day,
}

//! Reads conditions against a table of keys, and refuses in the contract's words.

use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Date, Duration, Time};

use super::{Condition, Key, Kind, Operator};
use crate::error::{Error, Result};
use crate::time::Timestamp;

/// More conditions than this in one filter are refused: each is a part of one SQL expression.
const MAX_CONDITIONS: usize = 100;

/// More values than this in one condition are refused: they nest in the expression, and SQLite
/// takes no more than a thousand levels.
const MAX_VALUES: usize = 100;

/// More values than this in one filter are refused: each is a parameter of the statement.
const MAX_VALUES_OF_ALL: usize = 1000;

/// Longer values are refused, in characters: the pattern of a LIKE has a limit on SQLite.
const MAX_CHARS: usize = 1000;

/// A condition that can be asked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Checked {
    /// Name of the key.
    pub(crate) key: &'static str,
    /// How it is compared.
    pub(crate) operator: Operator,
    /// With what.
    pub(crate) operand: Operand,
    /// How it joins to the next one.
    pub(crate) joint: Joint,
}

/// What a key is compared with.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Operand {
    /// Nothing: whether it is set.
    Presence,
    /// Texts.
    Texts(Vec<String>),
    /// Integers, among them codes of names.
    Numbers(Vec<i64>),
    /// True or false.
    Flags(Vec<bool>),
    /// Titles of labels.
    Labels(Vec<String>),
    /// Before this time.
    Before(Timestamp),
    /// At this time or after it.
    From(Timestamp),
}

/// How a condition joins to the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Joint {
    /// Both must hold; binds more tightly than [`Joint::Or`].
    And,
    /// One must hold.
    Or,
}

/// Reads conditions; `now` is what days are counted back from.
///
/// # Errors
/// [`Error::Unprocessable`] with the contract's text about the first condition that cannot be
/// asked.
pub(crate) fn parse(
    conditions: &[Condition],
    keys: &'static [Key],
    now: Timestamp,
) -> Result<Vec<Checked>> {
    if conditions.len() > MAX_CONDITIONS {
        return refuse(format!(
            "payload must not have more than {MAX_CONDITIONS} conditions"
        ));
    }
    if conditions.iter().map(|one| one.values.len()).sum::<usize>() > MAX_VALUES_OF_ALL {
        return refuse(format!(
            "payload must not have more than {MAX_VALUES_OF_ALL} values"
        ));
    }
    let last = conditions.len().saturating_sub(1);
    conditions
        .iter()
        .enumerate()
        .map(|(index, condition)| one(condition, keys, index == last, now))
        .collect()
}

fn one(
    condition: &Condition,
    keys: &'static [Key],
    is_last: bool,
    now: Timestamp,
) -> Result<Checked> {
    let joint = joint(condition.query_operator.as_deref(), is_last)?;
    let key = keys
        .iter()
        .find(|key| key.name == condition.attribute_key)
        .map_or_else(|| unknown_key(&condition.attribute_key, keys), Ok)?;
    let operator = Operator::from_name(&condition.filter_operator)
        .filter(|operator| key.operators.contains(operator))
        .map_or_else(|| bad_operator(key), Ok)?;
    Ok(Checked {
        key: key.name,
        operator,
        operand: operand(key, operator, &condition.values, now)?,
        joint,
    })
}

/// The last condition has nothing to join to; any other must say how it does.
fn joint(name: Option<&str>, is_last: bool) -> Result<Joint> {
    match name.filter(|name| !name.is_empty()) {
        Some(name) if name.eq_ignore_ascii_case("and") => Ok(Joint::And),
        Some(name) if name.eq_ignore_ascii_case("or") => Ok(Joint::Or),
        None if is_last => Ok(Joint::And),
        _ => refuse("Query operator must be either \"AND\" or \"OR\"."),
    }
}

fn unknown_key(name: &str, keys: &[Key]) -> Result<&'static Key> {
    let allowed: Vec<&str> = keys.iter().map(|key| key.name).collect();
    let shown: String = name.chars().take(100).collect();
    refuse(format!(
        "Invalid attribute key - [{shown}]. The key should be one of [{}] or a custom attribute \
         defined in the account.",
        allowed.join(",")
    ))
}

fn bad_operator<T>(key: &Key) -> Result<T> {
    let allowed: Vec<&str> = key.operators.iter().map(|o| o.as_str()).collect();
    refuse(format!(
        "Invalid operator. The allowed operators for {} are [{}].",
        key.name,
        allowed.join(",")
    ))
}

fn operand(key: &Key, operator: Operator, values: &[String], now: Timestamp) -> Result<Operand> {
    if matches!(operator, Operator::IsPresent | Operator::IsNotPresent) {
        return Ok(Operand::Presence);
    }
    let texts = || values.to_vec();
    let is_long = |text: &String| text.chars().count() > MAX_CHARS;
    let count = values.len();
    let read = if count == 0 || count > MAX_VALUES || values.iter().any(is_long) {
        None
    } else if is_partial(operator) {
        Some(Operand::Texts(texts()))
    } else {
        match key.kind {
            Kind::Text => Some(Operand::Texts(texts())),
            Kind::Phone => Some(Operand::Texts(
                values.iter().map(|number| with_plus(number)).collect(),
            )),
            Kind::Labels => Some(Operand::Labels(texts())),
            Kind::Number => numbers(values).map(Operand::Numbers),
            Kind::Flag => values
                .iter()
                .map(|text| flag(text))
                .collect::<Option<_>>()
                .map(Operand::Flags),
            Kind::Named(code) => codes(values, code).map(Operand::Numbers),
            Kind::Day => day(operator, &values[0], now),
        }
    };
    read.map_or_else(
        || {
            refuse(format!(
                "Invalid value. The values provided for {} are invalid",
                key.name
            ))
        },
        Ok,
    )
}

/// Whether the values are parts of the text.
fn is_partial(operator: Operator) -> bool {
    matches!(
        operator,
        Operator::Contains | Operator::DoesNotContain | Operator::StartsWith
    )
}

fn with_plus(number: &str) -> String {
    format!("+{}", number.trim_start_matches('+'))
}

fn numbers(values: &[String]) -> Option<Vec<i64>> {
    values.iter().map(|text| text.trim().parse().ok()).collect()
}

fn flag(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "t" | "1" => Some(true),
        "false" | "f" | "0" => Some(false),
        _ => None,
    }
}

/// Codes of names; `all` is every name there is.
fn codes(values: &[String], code: fn(&str) -> Option<i16>) -> Option<Vec<i64>> {
    if values.iter().any(|name| name == "all") {
        return Some((0..=3).collect());
    }
    values
        .iter()
        .map(|name| code(name).map(i64::from))
        .collect()
}

/// A day as a bound: what is greater comes after its end, what is less before its beginning.
fn day(operator: Operator, text: &str, now: Timestamp) -> Option<Operand> {
    let midnight = |date: Date| {
        let seconds = date.with_time(Time::MIDNIGHT).assume_utc().unix_timestamp();
        Timestamp::from_unix(seconds)
    };
    if operator == Operator::DaysBefore {
        let days: i64 = text.trim().parse().ok()?;
        let day = now
            .to_utc()
            .date()
            .checked_sub(Duration::days(days.clamp(-1_000_000, 1_000_000)))?;
        return Some(Operand::Before(midnight(day)));
    }
    let date = date(text)?;
    match operator {
        Operator::IsGreaterThan => date.next_day().map(|day| Operand::From(midnight(day))),
        _ => Some(Operand::Before(midnight(date))),
    }
}

/// `YYYY-MM-DD`; a time of day behind it is not looked at.
fn date(text: &str) -> Option<Date> {
    const FORMAT: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");
    let text = text.trim();
    let day = text.split_once(['T', ' ']).map_or(text, |(day, _)| day);
    Date::parse(day, FORMAT).ok()
}

fn refuse<T>(text: impl Into<String>) -> Result<T> {
    Err(Error::Unprocessable(text.into()))
}

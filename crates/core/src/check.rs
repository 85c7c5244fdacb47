//! What no JSON from outside may contain, whether it is a request's parameters or stands within a
//! text of them.

use serde_json::{Map, Value};

/// Values nested deeper than this are refused, as Rails refuses them.
const MAX_DEPTH: usize = 100;

/// More values than this in one request are refused: a small body can hold very many of them.
const MAX_VALUES: usize = 100_000;

/// Why a tree of parameters is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckError {
    /// Too deep or too many.
    #[error("nested too deeply, or too many values")]
    TooLarge,
    /// A key or a text holds U+0000, which the store cannot hold; carries the path.
    #[error("{0} must not contain the character U+0000")]
    Nul(String),
}

/// Checks depth, number and U+0000 of all parameters.
///
/// # Errors
/// The first offence found.
pub fn check(params: &Map<String, Value>) -> Result<(), CheckError> {
    walk_object(params, 1, &mut { MAX_VALUES }).map_err(CheckError::from)
}

/// Checks the value of one parameter, as if it stood in its place.
///
/// # Errors
/// The first offence found.
pub fn check_value(name: &str, value: &Value) -> Result<(), CheckError> {
    walk(value, 2, &mut { MAX_VALUES })
        .map_err(|offence| below(offence, Step::Key(name.to_owned())).into())
}

impl From<Offence> for CheckError {
    fn from(offence: Offence) -> Self {
        match offence {
            Offence::TooLarge => Self::TooLarge,
            Offence::Nul(steps) => Self::Nul(shown(&steps)),
        }
    }
}

/// The steps of a path are collected only on the way back up, so that good input pays nothing.
enum Offence {
    TooLarge,
    Nul(Vec<Step>),
}

enum Step {
    Key(String),
    Index(usize),
}

fn walk(value: &Value, depth: usize, left: &mut usize) -> Result<(), Offence> {
    *left = left.checked_sub(1).ok_or(Offence::TooLarge)?;
    match value {
        Value::String(text) if text.contains('\0') => Err(Offence::Nul(Vec::new())),
        Value::Array(list) => {
            limit(depth)?;
            list.iter().enumerate().try_for_each(|(index, child)| {
                walk(child, depth + 1, left).map_err(|offence| below(offence, Step::Index(index)))
            })
        }
        Value::Object(object) => walk_object(object, depth, left),
        _ => Ok(()),
    }
}

fn walk_object(object: &Map<String, Value>, depth: usize, left: &mut usize) -> Result<(), Offence> {
    limit(depth)?;
    object.iter().try_for_each(|(key, child)| {
        let found = if key.contains('\0') {
            Err(Offence::Nul(Vec::new()))
        } else {
            walk(child, depth + 1, left)
        };
        found.map_err(|offence| below(offence, Step::Key(key.clone())))
    })
}

fn limit(depth: usize) -> Result<(), Offence> {
    if depth > MAX_DEPTH {
        Err(Offence::TooLarge)
    } else {
        Ok(())
    }
}

fn below(offence: Offence, step: Step) -> Offence {
    match offence {
        Offence::TooLarge => Offence::TooLarge,
        Offence::Nul(mut steps) => {
            steps.push(step);
            Offence::Nul(steps)
        }
    }
}

fn shown(steps: &[Step]) -> String {
    let mut path = String::new();
    for step in steps.iter().rev() {
        match step {
            Step::Index(index) => path.extend(["[", &index.to_string(), "]"]),
            Step::Key(key) => {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(&key.replace('\0', "\\u0000"));
            }
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn checked(value: Value) -> Result<(), CheckError> {
        let Value::Object(object) = value else {
            panic!("the test gives objects")
        };
        check(&object)
    }

    #[test]
    fn the_null_character_is_found_wherever_it_is() {
        let nul = |path: &str| Err(CheckError::Nul(path.to_owned()));
        assert_eq!(checked(json!({"content": "a\0b"})), nul("content"));
        assert_eq!(
            checked(json!({"a": {"b": ["x", {"c": "\0"}]}})),
            nul("a.b[1].c")
        );
        assert_eq!(checked(json!({"a": {"k\0": 1}})), nul("a.k\\u0000"));
        assert_eq!(checked(json!({"a": "\u{1}"})), Ok(()));
    }

    #[test]
    fn depth_and_number_are_limited() {
        let nested = |depth: usize| (1..depth).fold(json!({}), |inner, _| json!({"a": inner}));
        assert_eq!(checked(nested(MAX_DEPTH)), Ok(()));
        assert_eq!(checked(nested(MAX_DEPTH + 1)), Err(CheckError::TooLarge));
        let wide = |count: usize| json!({"a": vec![0; count]});
        assert_eq!(checked(wide(MAX_VALUES - 1)), Ok(()));
        assert_eq!(checked(wide(MAX_VALUES)), Err(CheckError::TooLarge));
    }
}

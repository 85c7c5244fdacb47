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

/// Reads JSON from outside. What holds more values than [`check`] lets pass is refused before any
/// of them is made: a list in memory is many times as large as its two bytes.
///
/// # Errors
/// Text that is no JSON, is nested too deeply, or holds too many values.
pub fn parse(json: &[u8]) -> Result<Value, serde_json::Error> {
    if has_too_many(json) {
        return Err(serde::de::Error::custom("too many values"));
    }
    serde_json::from_slice(json)
}

/// Whether the text must hold more than [`MAX_VALUES`] values, by its brackets and commas.
fn has_too_many(json: &[u8]) -> bool {
    if json.len() <= MAX_VALUES {
        return false;
    }
    let (mut brackets, mut commas) = (0, 0);
    let (mut in_text, mut escaped) = (false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'[' | b'{' if !in_text => brackets += 1,
            b',' if !in_text => commas += 1,
            _ => {}
        }
    }
    // The outermost value is the parameters themselves, which are not counted.
    brackets > MAX_VALUES + 1 || commas >= MAX_VALUES
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
    fn too_many_values_are_refused_before_they_are_made() {
        let list = |item: &str, count: usize| format!("[{}]", vec![item; count].join(","));
        for text in [
            list("0", MAX_VALUES + 1),
            list("[]", MAX_VALUES + 1),
            list(r#"{"a":[[[[]]]]}"#, MAX_VALUES / 5 + 1),
            list(r#"{"a":"\\\"[","b":1}"#, MAX_VALUES / 2 + 1),
        ] {
            assert!(has_too_many(text.as_bytes()), "{text:.40}");
            assert!(parse(text.as_bytes()).is_err());
            let value = serde_json::from_str(&text).unwrap();
            assert_eq!(check_value("a", &value), Err(CheckError::TooLarge));
        }
        for text in [
            list("0", MAX_VALUES - 1),
            list("[]", MAX_VALUES - 1),
            format!("[\"{}\"]", ",[{".repeat(MAX_VALUES)),
            format!("[\"{}\"]", "\\\",".repeat(MAX_VALUES)),
        ] {
            let value = parse(text.as_bytes()).unwrap();
            assert_eq!(check_value("a", &value), Ok(()), "{text:.40}");
        }
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

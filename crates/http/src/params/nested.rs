//! The nested key syntax of forms and queries: `a[b][c]=x`, `labels[]=x`, as Rack reads it.

use std::borrow::Cow;

use percent_encoding::percent_decode;
use serde_json::{Map, Value};

/// More pairs than this in one form or query are refused; Rack's own limit.
pub(super) const MAX_PAIRS: usize = 4096;

/// Keys nested deeper than this are refused.
const MAX_DEPTH: usize = 32;

/// Why a form or a query cannot be read; all are answered with 400.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum NestedError {
    #[error("the text is not UTF-8")]
    NotUtf8,
    #[error("there are more than {MAX_PAIRS} parameters")]
    TooMany,
    #[error("a key is nested deeper than {MAX_DEPTH}")]
    TooDeep,
    #[error("one key is used both as a value and as a list or an object")]
    Conflict,
}

/// Reads `application/x-www-form-urlencoded` text. Every value is a string; a key without `=` is
/// null; a key given twice keeps the last value; a key `a[0]` makes an object with the key `0`.
///
/// # Errors
/// See [`NestedError`].
pub(super) fn parse(text: &[u8]) -> Result<Map<String, Value>, NestedError> {
    let mut params = Map::new();
    let pairs = text
        .split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty());
    for (count, pair) in pairs.enumerate() {
        if count == MAX_PAIRS {
            return Err(NestedError::TooMany);
        }
        let mut halves = pair.splitn(2, |byte| *byte == b'=');
        let key = decode(halves.next().unwrap_or_default())?;
        let value = halves
            .next()
            .map_or(Ok(Value::Null), |raw| decode(raw).map(Value::String))?;
        insert(&mut params, &key, value)?;
    }
    Ok(params)
}

fn decode(raw: &[u8]) -> Result<String, NestedError> {
    let spaced: Cow<'_, [u8]> = if raw.contains(&b'+') {
        raw.iter()
            .map(|byte| if *byte == b'+' { b' ' } else { *byte })
            .collect::<Vec<_>>()
            .into()
    } else {
        raw.into()
    };
    let text = percent_decode(&spaced)
        .decode_utf8()
        .map_err(|_| NestedError::NotUtf8)?;
    Ok(text.into_owned())
}

/// One bracket of a key: `[]` or `[name]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Segment<'a> {
    Append,
    Key(&'a str),
}

/// Puts a value under its nested key. A key without a name is left out.
///
/// # Errors
/// See [`NestedError`].
pub(super) fn insert(
    params: &mut Map<String, Value>,
    key: &str,
    value: Value,
) -> Result<(), NestedError> {
    let (head, path) = split_key(key);
    if head.is_empty() {
        return Ok(());
    }
    if path.len() == MAX_DEPTH {
        return Err(NestedError::TooDeep);
    }
    let slot = params.entry(head).or_insert(Value::Null);
    store(slot, &path, value)
}

/// The names of a key without its places in lists: `a[b][]` and `a[b][0]` are a, b.
pub(super) fn keys(key: &str) -> Vec<&str> {
    let (head, path) = split_key(key);
    let names = path.into_iter().filter_map(|segment| match segment {
        Segment::Key(name) if !name.bytes().all(|byte| byte.is_ascii_digit()) => Some(name),
        _ => None,
    });
    std::iter::once(head).chain(names).collect()
}

/// `a[b][]` is (`a`, [Key(b), Append]). Brackets that do not close are part of the name. No more than
/// [`MAX_DEPTH`] are taken apart: a long key could hold millions.
fn split_key(key: &str) -> (&str, Vec<Segment<'_>>) {
    let Some(open) = key.find('[').filter(|open| *open > 0) else {
        return (key, Vec::new());
    };
    let mut path = Vec::new();
    let mut rest = &key[open..];
    while let Some(inner) = rest.strip_prefix('[')
        && path.len() < MAX_DEPTH
    {
        let Some((name, after)) = inner.split_once(']') else {
            return (key, Vec::new());
        };
        path.push(if name.is_empty() {
            Segment::Append
        } else {
            Segment::Key(name)
        });
        rest = after;
    }
    (&key[..open], path)
}

fn store(slot: &mut Value, path: &[Segment<'_>], value: Value) -> Result<(), NestedError> {
    let Some((segment, rest)) = path.split_first() else {
        *slot = value;
        return Ok(());
    };
    match segment {
        Segment::Key(name) => {
            if slot.is_null() {
                *slot = Value::Object(Map::new());
            }
            let object = slot.as_object_mut().ok_or(NestedError::Conflict)?;
            store(object.entry(*name).or_insert(Value::Null), rest, value)
        }
        Segment::Append => {
            if slot.is_null() {
                *slot = Value::Array(Vec::new());
            }
            append(
                slot.as_array_mut().ok_or(NestedError::Conflict)?,
                rest,
                value,
            )
        }
    }
}

/// `a[][x]=1&a[][y]=2` is one element with x and y; an x that comes again begins the next one.
fn append(list: &mut Vec<Value>, rest: &[Segment<'_>], value: Value) -> Result<(), NestedError> {
    if let (Some(Segment::Key(_)), Some(last)) = (rest.first(), list.last_mut())
        && last.is_object()
        && !has(last, rest)
    {
        return store(last, rest, value);
    }
    let mut element = Value::Null;
    store(&mut element, rest, value)?;
    list.push(element);
    Ok(())
}

fn has(value: &Value, path: &[Segment<'_>]) -> bool {
    match path.split_first() {
        None => true,
        Some((Segment::Append, _)) => false,
        Some((Segment::Key(name), rest)) => value.get(name).is_some_and(|child| has(child, rest)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn read(text: &str) -> Result<Value, NestedError> {
        parse(text.as_bytes()).map(Value::Object)
    }

    #[test]
    fn keys_nest_as_rack_nests_them() {
        let cases = [
            ("", json!({})),
            ("&&", json!({})),
            ("=x", json!({})),
            ("a=1&b=x+y%21", json!({"a": "1", "b": "x y!"})),
            ("a=1&a=2", json!({"a": "2"})),
            ("a=b=c", json!({"a": "b=c"})),
            ("flag&empty=", json!({"flag": null, "empty": ""})),
            ("labels[]=a&labels[]=b", json!({"labels": ["a", "b"]})),
            ("labels%5B%5D=a", json!({"labels": ["a"]})),
            (
                "a[b][c]=x&a[d]=y",
                json!({"a": {"b": {"c": "x"}, "d": "y"}}),
            ),
            ("a[0]=x&a[1]=y", json!({"a": {"0": "x", "1": "y"}})),
            (
                "a[][x]=1&a[][y]=2&a[][x]=3",
                json!({"a": [{"x": "1", "y": "2"}, {"x": "3"}]}),
            ),
            ("a[b][]=1&a[b][]=2", json!({"a": {"b": ["1", "2"]}})),
            ("a[b=1", json!({"a[b": "1"})),
            ("[a]=1", json!({"[a]": "1"})),
            ("a=%zz", json!({"a": "%zz"})),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn bad_keys_are_refused() {
        assert_eq!(read("a=1&a[b]=2"), Err(NestedError::Conflict));
        assert_eq!(read("a[]=1&a[b]=2"), Err(NestedError::Conflict));
        assert_eq!(read("a=%ff"), Err(NestedError::NotUtf8));
        assert_eq!(read("%ff=a"), Err(NestedError::NotUtf8));
        let deep = |depth: usize| format!("a{}=1", "[b]".repeat(depth));
        assert!(read(&deep(MAX_DEPTH - 1)).is_ok());
        assert_eq!(read(&deep(MAX_DEPTH)), Err(NestedError::TooDeep));
        let many = |count: usize| "a=1&".repeat(count);
        assert!(read(&many(MAX_PAIRS)).is_ok());
        assert_eq!(read(&many(MAX_PAIRS + 1)), Err(NestedError::TooMany));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..256)) {
            if let Ok(params) = parse(&bytes) {
                prop_assert!(params.len() <= bytes.len());
            }
        }

        #[test]
        fn any_play_with_brackets_is_read_or_refused(text in "[ab\\[\\]=&]{0,64}") {
            if let Ok(params) = parse(text.as_bytes()) {
                prop_assert!(params.keys().all(|key| !key.is_empty()));
            }
        }
    }
}

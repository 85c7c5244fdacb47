use std::{collections::BTreeMap, fmt::Debug};

use proptest::prelude::*;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use super::{ParamError, coerce};

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Open,
    Resolved,
}

#[derive(Debug, PartialEq, Deserialize)]
struct InboxId(i64);

#[derive(Debug, PartialEq, Deserialize)]
struct Field<T> {
    x: T,
}

fn read<T: DeserializeOwned>(value: Value) -> Result<T, ParamError> {
    let bag = Map::from_iter([("x".to_owned(), value)]);
    coerce::<Field<T>>(Value::Object(bag)).map(|field| field.x)
}

fn reads<T: DeserializeOwned + PartialEq + Debug>(value: Value, expected: T) {
    let shown = value.to_string();
    assert_eq!(read::<T>(value), Ok(expected), "{shown}");
}

fn refuses<T: DeserializeOwned + Debug>(value: Value, reason: &str) {
    let shown = value.to_string();
    let expected = ParamError::Invalid {
        path: "x".to_owned(),
        reason: reason.to_owned(),
    };
    assert_eq!(read::<T>(value).unwrap_err(), expected, "{shown}");
}

fn misses<T: DeserializeOwned + Debug>(value: Value) {
    let shown = value.to_string();
    assert_eq!(
        read::<T>(value).unwrap_err(),
        ParamError::missing("x"),
        "{shown}"
    );
}

#[test]
fn integers_are_read_from_numbers_and_numeric_text() {
    reads(json!(3), 3_i64);
    reads(json!("3"), 3_i64);
    reads(json!(" -3 "), -3_i64);
    reads(json!(3.0), 3_i64);
    reads(json!("7"), InboxId(7));
    reads(json!(u64::MAX), u64::MAX);
    refuses::<i64>(
        json!("12abc"),
        "expected an integer, got the text \"12abc\"",
    );
    refuses::<i64>(json!(3.5), "expected an integer, got the number 3.5");
    refuses::<i64>(json!("3.0"), "expected an integer, got the text \"3.0\"");
    refuses::<i64>(json!(true), "expected an integer, got true");
    refuses::<i64>(json!(1e300), "expected an integer, got the number 1e+300");
    refuses::<u8>(json!("256"), "expected an integer from 0 to 255, got 256");
    refuses::<u32>(
        json!(-1),
        "expected an integer from 0 to 4294967295, got -1",
    );
    refuses::<i64>(
        json!("9223372036854775808"),
        "expected an integer from -9223372036854775808 to 9223372036854775807, \
         got 9223372036854775808",
    );
}

#[test]
fn floats_are_read_from_numbers_and_numeric_text() {
    reads(json!(1.5), 1.5_f64);
    reads(json!("1.5"), 1.5_f64);
    reads(json!(2), 2.0_f64);
    refuses::<f64>(json!("nan"), "expected a number, got the text \"nan\"");
    refuses::<f64>(json!("x"), "expected a number, got the text \"x\"");
}

#[test]
fn bools_follow_the_contract() {
    for value in [json!(false), json!(0)] {
        reads(value, false);
    }
    for text in ["0", "f", "F", "false", "FALSE", "off", "OFF"] {
        reads(json!(text), false);
    }
    for value in [
        json!(true),
        json!(1),
        json!(-1),
        json!("False"),
        json!("no"),
        json!(" "),
    ] {
        reads(value, true);
    }
    reads(json!(""), None::<bool>);
    refuses::<bool>(json!([]), "expected true or false, got a list");
}

#[test]
fn strings_accept_scalars() {
    reads(json!("x"), "x".to_owned());
    reads(json!(""), String::new());
    reads(json!(12), "12".to_owned());
    reads(json!(false), "false".to_owned());
    refuses::<String>(json!({}), "expected a text, got an object");
}

#[test]
fn empty_is_null_for_all_but_strings() {
    reads(json!(""), None::<i64>);
    reads(json!(null), None::<i64>);
    reads(json!(""), None::<f64>);
    reads(json!(""), None::<Status>);
    reads(json!(""), None::<Vec<i64>>);
    reads(json!(""), Some(String::new()));
    reads(json!(null), None::<String>);
    reads(
        json!({"a": "", "b": "2"}),
        BTreeMap::from([("a".to_owned(), None::<i64>), ("b".to_owned(), Some(2))]),
    );
    reads(json!({"1": "", "0": "5"}), vec![Some(5_i64), None]);
    assert_eq!(
        coerce::<Field<Option<i64>>>(json!({})).unwrap(),
        Field { x: None }
    );
}

#[test]
fn a_required_value_that_is_empty_is_missing() {
    misses::<i64>(json!(""));
    misses::<i64>(json!(null));
    misses::<bool>(json!(""));
    misses::<Status>(json!(""));
    misses::<String>(json!(null));
    misses::<Field<i64>>(json!(null));
    assert_eq!(
        coerce::<Field<i64>>(json!({})).unwrap_err(),
        ParamError::missing("x")
    );
    let nested = read::<Field<i64>>(json!({})).unwrap_err();
    assert_eq!(nested, ParamError::missing("x.x"));
}

#[test]
fn very_many_empty_texts_are_refused_at_a_bounded_cost() {
    let error = read::<Vec<Option<i64>>>(json!(vec![""; 1000])).unwrap_err();
    assert!(matches!(error, ParamError::Invalid { .. }), "{error}");
    reads(json!(vec![""; 60]), vec![None::<i64>; 60]);
}

#[test]
fn lists_are_arrays_or_numbered_objects() {
    reads(json!(["1", 2]), vec![1_i64, 2]);
    reads(
        json!({"10": "c", "2": "b", "0": "a"}),
        vec!["a".to_owned(), "b".into(), "c".into()],
    );
    reads(json!([]), Vec::<i64>::new());
    reads(json!(["a", "2"]), ("a".to_owned(), 2_i64));
    refuses::<Vec<i64>>(json!("1"), "expected a list, got the text \"1\"");
    refuses::<Vec<i64>>(json!({"a": 1}), "expected a list, got an object");
    refuses::<Vec<i64>>(json!({}), "expected a list, got an object");
    let error = read::<Vec<i64>>(json!([1, "y"])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "x[1]: expected an integer, got the text \"y\""
    );
}

#[test]
fn enums_are_read_by_name() {
    reads(json!("open"), Status::Open);
    refuses::<Status>(
        json!("opened"),
        "expected one of open, resolved, got the text \"opened\"",
    );
    refuses::<Status>(json!(1), "expected one of open, resolved, got the number 1");
}

#[test]
fn raw_values_stay_as_they_are() {
    let raw = json!({"a": ["", null, "3", {"b": true}]});
    reads(raw.clone(), raw);
    reads(json!(""), json!(""));
    reads(
        json!({"a": "1"}),
        BTreeMap::from([("a".to_owned(), json!("1"))]),
    );
}

#[test]
fn long_texts_are_cut_in_errors() {
    let error = read::<i64>(json!("é".repeat(500))).unwrap_err().to_string();
    assert!(error.len() < 200, "{error}");
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-z0-9 ]{0,4}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[a-c0-2]", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only the reading of them is tested")]
struct Everything {
    a: Option<i64>,
    b: Option<Vec<Option<f64>>>,
    c: Option<Box<Everything>>,
    #[serde(default)]
    d: Vec<String>,
    e: Option<Status>,
}

proptest! {
    #[test]
    fn any_value_is_read_or_refused_with_a_reason(value in any_json()) {
        if let Err(error) = coerce::<Everything>(value) {
            prop_assert!(!error.to_string().is_empty());
        }
    }
}

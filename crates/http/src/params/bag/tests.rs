use super::*;
use proptest::prelude::*;
use serde_json::json;

const JSON: Option<&str> = Some("application/json; charset=utf-8");
const FORM: Option<&str> = Some("application/x-www-form-urlencoded");

fn merged(query: &str, content_type: Option<&str>, body: &str) -> Result<Value, BagError> {
    Bag::parse(Some(query), content_type, body.as_bytes()).map(|bag| Value::Object(bag.merged()))
}

#[test]
fn body_and_query_are_one_bag_and_the_body_wins() {
    let expected = json!({"page": "2", "name": "body", "q": "x"});
    assert_eq!(
        merged("q=x&name=query", FORM, "page=2&name=body").unwrap(),
        expected
    );
    assert_eq!(
        merged("q=x&name=query", JSON, r#"{"page":"2","name":"body"}"#).unwrap(),
        expected
    );
}

#[test]
fn a_json_root_that_is_no_object_stands_under_its_own_key() {
    assert_eq!(merged("", JSON, "[1,2]").unwrap(), json!({"_json": [1, 2]}));
    assert_eq!(merged("", JSON, "null").unwrap(), json!({"_json": null}));
    assert_eq!(merged("", JSON, " ").unwrap(), json!({}));
}

#[test]
fn the_content_type_decides_and_an_unknown_one_is_guessed() {
    assert_eq!(
        merged("", Some("application/vnd.api+json"), "{\"a\":1}").unwrap(),
        json!({"a": 1})
    );
    assert_eq!(merged("", None, " {\"a\":1}").unwrap(), json!({"a": 1}));
    assert_eq!(
        merged("", Some("text/plain"), "{\"a\":1}").unwrap(),
        json!({"a": 1})
    );
    assert_eq!(merged("", Some("text/plain"), "a=1").unwrap(), json!({}));
    assert_eq!(merged("", None, "").unwrap(), json!({}));
}

#[test]
fn malformed_input_is_refused() {
    for body in ["{", "{\"a\":1}}", "{\"a\":\u{1}\"\"}"] {
        assert_eq!(merged("", JSON, body), Err(BagError::Malformed), "{body}");
    }
    assert_eq!(
        Bag::parse(None, JSON, b"{\"a\":\"\xff\"}"),
        Err(BagError::Malformed)
    );
    assert_eq!(Bag::parse(None, FORM, b"a=\xff"), Err(BagError::Malformed));
    assert_eq!(merged("a=%ff", None, ""), Err(BagError::Malformed));
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    assert_eq!(merged("", JSON, &deep), Err(BagError::Malformed));
}

#[test]
fn the_null_character_is_named_with_its_field() {
    let nul = |path: &str| Err(BagError::Nul(path.to_owned()));
    assert_eq!(merged("", JSON, r#"{"a":{"b":"\u0000"}}"#), nul("a.b"));
    assert_eq!(merged("", FORM, "a[b]=x%00"), nul("a.b"));
    assert_eq!(merged("q=%00", JSON, "{}"), nul("q"));
    let error = ApiError::from(BagError::Nul("q".to_owned()));
    assert_eq!(
        error,
        ApiError::unprocessable("q must not contain the character U+0000")
    );
}

#[test]
fn the_text_null_is_null_where_asked_for() {
    let bag = Bag::parse(Some("a=null"), JSON, br#"{"b":"null","c":{"d":"null"}}"#).unwrap();
    let expected = json!({"a": null, "b": null, "c": {"d": "null"}});
    assert_eq!(Value::Object(bag.with_null_texts().merged()), expected);
}

fn under(content_type: Option<&str>, body: &str) -> Result<Value, ParamError> {
    Bag::parse(None, content_type, body.as_bytes())
        .unwrap()
        .under("webhook")
}

#[test]
fn a_missing_root_is_synthesised_for_json_only() {
    let expected = json!({"url": "x"});
    assert_eq!(under(JSON, r#"{"webhook":{"url":"x"}}"#).unwrap(), expected);
    assert_eq!(under(JSON, r#"{"url":"x"}"#).unwrap(), expected);
    assert_eq!(under(FORM, "webhook[url]=x").unwrap(), expected);
    for (content_type, body) in [
        (FORM, "url=x"),
        (JSON, "{}"),
        (JSON, r#"{"webhook":{}}"#),
        (None, ""),
        (JSON, ""),
    ] {
        assert_eq!(
            under(content_type, body),
            Err(ParamError::missing("webhook")),
            "{body}"
        );
    }
    assert!(matches!(
        under(JSON, r#"{"webhook":3}"#),
        Err(ParamError::Invalid { .. })
    ));
}

proptest! {
    #[test]
    fn any_request_is_read_or_refused(
        query in proptest::option::of(".{0,64}"),
        kind in 0..4_usize,
        body in proptest::collection::vec(any::<u8>(), 0..256),
    ) {
        let content_type = [JSON, FORM, None, Some("text/plain")][kind];
        if let Ok(bag) = Bag::parse(query.as_deref(), content_type, &body) {
            let parts = bag.query.len() + bag.body.len();
            prop_assert!(bag.merged().len() <= parts);
        }
    }

    #[test]
    fn any_text_that_looks_like_json_is_read_or_refused(text in "[{}\\[\\]\",:0-9a-u\\\\]{0,64}") {
        if let Ok(bag) = Bag::parse(None, JSON, text.as_bytes()) {
            prop_assert_eq!(bag.source, BodySource::Json);
        }
    }
}

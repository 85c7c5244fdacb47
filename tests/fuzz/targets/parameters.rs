//! How parameters are read. Input: a line with the content type, a line with the query, the body.

#![no_main]

use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::FromRequest;
use axum::http::{HeaderValue, Request, Uri};
use gatewright_fuzz::line;
use gatewright_http::{Bag, Params, Patch, Root};
use libfuzzer_sys::{Corpus, fuzz_target};
use serde::Deserialize;
use serde_json::{Map, Value};

/// A field of every kind that operations have.
#[derive(Deserialize)]
#[expect(dead_code, reason = "it is only read into")]
struct Fields {
    number: i64,
    page: Option<u32>,
    ratio: Option<f64>,
    flag: Option<bool>,
    name: Option<String>,
    #[serde(default)]
    labels: Vec<String>,
    #[serde(default)]
    ids: Vec<i64>,
    #[serde(default)]
    clearable: Patch<i64>,
    #[serde(default)]
    attributes: Option<Map<String, Value>>,
    #[serde(default)]
    table: BTreeMap<String, i64>,
    kind: Option<Kind>,
    inner: Option<Box<Fields>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Open,
    Resolved,
}

impl Root for Fields {}

struct Rooted;

impl<'de> Deserialize<'de> for Rooted {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Fields::deserialize(deserializer).map(|_| Self)
    }
}

impl Root for Rooted {
    const ROOT: Option<&'static str> = Some("inner");
}

fuzz_target!(|input: &[u8]| -> Corpus {
    let Some((content_type, rest)) = line(input) else {
        return Corpus::Reject;
    };
    let Some((query, body)) = line(rest) else {
        return Corpus::Reject;
    };
    let parsed = Bag::parse(Some(query), Some(content_type), body);
    if let Ok(bag) = &parsed {
        judge(bag);
    }
    let Some(extracted) = extract(content_type, query, body) else {
        return Corpus::Keep;
    };
    let is_form = content_type
        .split(';')
        .next()
        .is_some_and(|mime| mime.trim().eq_ignore_ascii_case("multipart/form-data"));
    if let Some(bag) = &extracted {
        judge(bag);
    }
    if !is_form {
        assert_eq!(
            parsed.ok(),
            extracted,
            "a body is read alike, whole or as a stream"
        );
    }
    Corpus::Keep
});

/// The bag as a handler gets it: `Some(None)` is refused, `None` is no request.
fn extract(content_type: &str, query: &str, body: &[u8]) -> Option<Option<Bag>> {
    let uri: Uri = format!("/?{query}").parse().ok()?;
    // What is behind a fragment does not travel.
    if uri.query() != Some(query) {
        return None;
    }
    let content_type = HeaderValue::from_str(content_type).ok()?;
    // Other texts of a header are none to a handler.
    content_type.to_str().ok()?;
    let request = Request::post(uri)
        .header("content-type", content_type)
        .body(Body::from(body.to_vec()))
        .ok()?;
    let runtime = tokio::runtime::Builder::new_current_thread().build().ok()?;
    Some(runtime.block_on(Bag::from_request(request, &())).ok())
}

/// What holds of every bag that is let in.
fn judge(bag: &Bag) {
    for map in [&bag.query, &bag.body] {
        map.iter().for_each(|(key, value)| {
            clean(key);
            walk(value, 1);
        });
    }
    let nulls = bag.clone().with_null_texts();
    assert!(nulls.body.values().all(|value| value != "null"));
    let merged = bag.clone().merged();
    assert!(
        bag.body
            .iter()
            .all(|(key, value)| merged.get(key) == Some(value))
    );
    assert!(bag.query.keys().all(|key| merged.contains_key(key)));
    for refused in [
        Params::<Fields>::from_bag(bag.clone()).err(),
        Params::<Rooted>::from_bag(bag.clone()).err(),
    ] {
        let text = refused
            .map(|error| error.to_string())
            .unwrap_or_else(|| "-".to_owned());
        assert!(!text.is_empty());
    }
}

fn walk(value: &Value, depth: usize) {
    assert!(depth <= 101, "nesting is limited");
    match value {
        Value::String(text) => clean(text),
        Value::Array(list) => list.iter().for_each(|child| walk(child, depth + 1)),
        Value::Object(object) => object.iter().for_each(|(key, child)| {
            clean(key);
            walk(child, depth + 1);
        }),
        _ => {}
    }
}

fn clean(text: &str) {
    assert!(!text.contains('\0'), "the store cannot hold U+0000");
}

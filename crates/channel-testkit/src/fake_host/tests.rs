use gatewright_channel::{CallKind, Effect, EffectResult, HostServices, HttpEffect};
use serde_json::{Value, json};

use super::{ExpectedHttp, FakeHost, NOW_MS};
use crate::block_on;

fn post(url: &str, sign: bool) -> Effect {
    Effect::Http(HttpEffect {
        method: "POST".to_owned(),
        url: url.to_owned(),
        headers: vec![("Accept".to_owned(), "application/json".to_owned())],
        body: r#"{"a":1}"#.into(),
        timeout_ms: None,
        sign,
    })
}

#[test]
fn an_expected_request_gets_its_answer() {
    let answer = EffectResult::NotSent {
        reason: "refused".to_owned(),
    };
    let request = ExpectedHttp::new("POST", "https://a.test/")
        .header("accept", "application/json")
        .json(json!({"a": 1}))
        .signed(true)
        .answer(answer.clone());
    let host = FakeHost::new(CallKind::Deliver).expect(request);
    assert_eq!(block_on(host.effect(post("https://a.test/", true))), answer);
    assert_eq!(host.requests().len(), 1);
    host.finish();
}

#[test]
#[should_panic(expected = "unexpected POST https://b.test/")]
fn an_unexpected_request_fails_the_test() {
    let host = FakeHost::new(CallKind::Deliver);
    block_on(host.effect(post("https://b.test/", false)));
}

#[test]
#[should_panic(expected = "expected GET https://a.test/, it never came")]
fn an_unmet_expectation_fails_the_test() {
    FakeHost::new(CallKind::Health)
        .expect(ExpectedHttp::new("GET", "https://a.test/"))
        .finish();
}

#[test]
fn wrong_parts_of_a_request_are_problems() {
    let request = ExpectedHttp::new("POST", "https://a.test/")
        .header("accept", "text/plain")
        .body("b")
        .json(json!(2))
        .signed(true);
    let host = FakeHost::new(CallKind::Deliver).expect(request);
    block_on(host.effect(post("https://a.test/", false)));
    assert_eq!(host.take_problems().len(), 4);
}

#[test]
fn only_deliver_may_sign_and_receive_has_no_effects() {
    for (kind, sign) in [(CallKind::Health, true), (CallKind::Receive, false)] {
        let host = FakeHost::new(kind).answer_all(EffectResult::Unit);
        let result = block_on(host.effect(post("https://a.test/", sign)));
        assert!(matches!(result, EffectResult::Denied { .. }), "{result:?}");
        assert_eq!(host.take_problems().len(), 1);
    }
}

#[test]
fn values_expire_by_the_virtual_clock() {
    let host = FakeHost::new(CallKind::Run).with_value("kept", json!(1));
    let set = Effect::KvSet {
        key: "short".to_owned(),
        value: json!(2),
        ttl_s: Some(5),
    };
    block_on(host.effect(set));
    assert_eq!(host.value("short"), Some(json!(2)));
    block_on(host.effect(Effect::Sleep { ms: 5000 }));
    assert_eq!(host.now_ms(), NOW_MS + 5000);
    assert_eq!(
        (host.value("short"), host.value("kept")),
        (None, Some(json!(1)))
    );
}

#[test]
fn a_value_is_swapped_only_while_it_is_the_expected_one() {
    let host = FakeHost::new(CallKind::Run);
    let swap = |expected: Value, value: Value| {
        block_on(host.effect(Effect::KvCas {
            key: "k".to_owned(),
            expected,
            value,
        }))
    };
    assert_eq!(
        swap(Value::Null, json!(1)),
        EffectResult::Value { value: json!(true) }
    );
    assert_eq!(
        swap(Value::Null, json!(2)),
        EffectResult::Value {
            value: json!(false)
        }
    );
    assert_eq!(host.value("k"), Some(json!(1)));
}

#[test]
fn files_are_kept() {
    let host = FakeHost::new(CallKind::Media);
    let put = Effect::BlobPut {
        filename: "a.txt".to_owned(),
        content_type: "text/plain".to_owned(),
        bytes: "hello".into(),
    };
    let EffectResult::Blob { blob } = block_on(host.effect(put)) else {
        panic!("no blob")
    };
    assert_eq!(host.blob(&blob).as_deref(), Some(&b"hello"[..]));
}

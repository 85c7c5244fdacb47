use std::sync::Arc;
use std::sync::atomic::Ordering;

use gatewright_channel::{InboundEvent, Payload};
use gatewright_core::error::{Error, Unauthenticated};
use gatewright_core::ids::{AccountId, InboxId};
use gatewright_core::model::Role;
use serde_json::json;

use super::probe::{BY_BODY, BY_NUMBER, BY_TOKEN, CHANNEL};
use super::support::{ACCOUNT, Fixture, by_caller, open_inbox, principal, provider};
use crate::{Inbound, ReceiveAnswer};

fn fixture() -> Fixture {
    let fixture = Fixture::with_inbox(json!({"number": "+49"}));
    fixture.source.route_to("+49", 1);
    fixture.source.route_to("path-secret-1", 1);
    fixture
}

fn to_number(body: &str) -> Inbound {
    provider(BY_NUMBER, ("number", "+49"), body)
}

fn status(answer: &ReceiveAnswer) -> u16 {
    match answer {
        ReceiveAnswer::Http(reply) => reply.status,
        ReceiveAnswer::Stored(_) => panic!("a stored message"),
    }
}

#[tokio::test]
async fn a_providers_request_is_stored_with_its_bytes_before_the_answer() {
    let fixture = fixture();
    let answer = fixture.host.receive(to_number("message k1")).await.unwrap();
    assert_eq!(status(&answer), 202);
    assert!(
        matches!(&answer, ReceiveAnswer::Http(reply) if reply.headers.is_empty()),
        "no cookie"
    );
    let stored = fixture.sink.stored.lock().unwrap();
    let (context, events) = &stored[0];
    assert_eq!(context.inbox.id, InboxId(1));
    assert!(context.caller.is_none() && context.routed.is_empty());
    let raw = context.raw.as_ref().unwrap();
    assert_eq!(
        (raw.body.as_slice(), raw.query.as_str()),
        (b"message k1".as_slice(), "a=b")
    );
    assert_eq!(raw.route, BY_NUMBER);
    assert_eq!(events.len(), 1);
}

#[tokio::test]
async fn the_inbox_is_found_by_setting_path_and_body() {
    let fixture = fixture();
    for inbound in [
        to_number("message a"),
        provider(BY_TOKEN, ("token", "path-secret-1"), "message b"),
        provider(BY_BODY, ("", ""), r#"{"in":{"box":1},"do":"message c"}"#),
        provider(BY_BODY, ("", ""), r#"{"in":{"box":"1"},"do":"message d"}"#),
    ] {
        assert_eq!(status(&fixture.host.receive(inbound).await.unwrap()), 202);
    }
    assert_eq!(fixture.sink.keys().len(), 4);
    for unknown in [
        provider(BY_NUMBER, ("number", "+1"), "message a"),
        provider(BY_NUMBER, ("number", ""), "message a"),
        provider(BY_TOKEN, ("token", "nope"), "message a"),
        provider(BY_BODY, ("", ""), r#"{"in":{"box":2}}"#),
        provider("/webhooks/other", ("number", "+49"), "message a"),
        Inbound {
            channel: "other".to_owned(),
            ..to_number("message a")
        },
        Inbound {
            method: "GET".to_owned(),
            ..to_number("message a")
        },
    ] {
        let error = fixture.host.receive(unknown).await.unwrap_err();
        assert!(matches!(error, Error::NotFound), "{error:?}");
    }
    let error = fixture
        .host
        .receive(provider(BY_BODY, ("", ""), "no json"))
        .await
        .unwrap_err();
    assert!(
        matches!(&error, Error::Missing(name) if name == "in.box"),
        "{error:?}"
    );
}

#[tokio::test]
async fn an_inbox_of_another_channel_is_not_found() {
    let fixture = fixture();
    fixture.source.put(open_inbox(1, "telegraph", json!({})));
    let error = fixture
        .host
        .receive(to_number("message a"))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::NotFound), "{error:?}");
}

#[tokio::test]
async fn a_caller_is_answered_its_stored_message() {
    let fixture = fixture();
    let agent = principal(ACCOUNT, Role::Agent);
    let params = json!({"inbox_id": "1", "do": "stored ignored +49"});
    let inbound = by_caller(params, Some(agent));
    let answer = fixture.host.receive(inbound).await.unwrap();
    let ReceiveAnswer::Stored(stored) = answer else {
        panic!("{answer:?}")
    };
    assert_eq!(stored.echo_id.as_deref(), Some("echo"));
    assert_eq!(
        stored.message.content.as_deref(),
        Some("Grace"),
        "the channel knows the caller"
    );
    let stored = fixture.sink.stored.lock().unwrap();
    let (context, events) = &stored[0];
    assert!(context.raw.is_none());
    assert_eq!(
        context
            .caller
            .as_ref()
            .map(gatewright_core::Caller::account_id),
        Some(ACCOUNT)
    );
    let InboundEvent::Message(message) = &events[0] else {
        panic!("{events:?}")
    };
    assert_eq!((&message.dedup_key, &message.route_key), (&None, &None));
}

#[tokio::test]
async fn a_caller_reaches_only_inboxes_that_it_sees() {
    let fixture = fixture();
    let request = |principal| by_caller(json!({"inbox_id": 1, "do": "stored x"}), principal);
    let error = fixture.host.receive(request(None)).await.unwrap_err();
    assert!(
        matches!(error, Error::Unauthenticated(Unauthenticated::Missing)),
        "{error:?}"
    );
    let stranger = principal(AccountId(2), Role::Administrator);
    let error = fixture
        .host
        .receive(request(Some(stranger)))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::NotFound), "{error:?}");
    let member = principal(ACCOUNT, Role::Agent);
    let elsewhere = Inbound {
        account_id: Some(AccountId(2)),
        ..request(Some(member))
    };
    let error = fixture.host.receive(elsewhere).await.unwrap_err();
    assert!(matches!(error, Error::NotFound), "{error:?}");
    fixture.source.hide(1);
    let agent = principal(ACCOUNT, Role::Agent);
    let error = fixture
        .host
        .receive(request(Some(agent)))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::NotFound), "{error:?}");
    assert!(fixture.sink.stored.lock().unwrap().is_empty());
    let administrator = principal(ACCOUNT, Role::Administrator);
    let here = Inbound {
        account_id: Some(ACCOUNT),
        ..request(Some(administrator))
    };
    assert!(fixture.host.receive(here).await.is_ok());
}

#[tokio::test]
async fn an_inbox_id_must_be_there_and_be_a_number() {
    let fixture = fixture();
    let agent = principal(ACCOUNT, Role::Agent);
    for params in [
        json!({}),
        json!({"inbox_id": null}),
        json!({"inbox_id": " "}),
    ] {
        let inbound = by_caller(params, Some(Arc::clone(&agent)));
        let error = fixture.host.receive(inbound).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "param is missing or the value is empty: inbox_id"
        );
    }
    for params in [
        json!({"inbox_id": "x"}),
        json!({"inbox_id": [1]}),
        json!({"inbox_id": 1.5}),
    ] {
        let inbound = by_caller(params, Some(Arc::clone(&agent)));
        let error = fixture.host.receive(inbound).await.unwrap_err();
        let expected = "inbox_id must be the id of an inbox, a positive number";
        assert_eq!(error.to_string(), expected);
    }
}

#[tokio::test]
async fn a_channels_errors_become_the_gateways() {
    let fixture = fixture();
    let error = fixture
        .host
        .receive(to_number("unauthorized"))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Unauthenticated(_)), "{error:?}");
    let error = fixture
        .host
        .receive(to_number("invalid"))
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "contact.phone_number must begin with + and a digit"
    );
    assert!(matches!(error, Error::Unprocessable(_)), "{error:?}");
    for down in ["panic", "odd_status", "no_message"] {
        let error = fixture.host.receive(to_number(down)).await.unwrap_err();
        assert!(
            matches!(error, Error::Unavailable { .. }),
            "{down}: {error:?}"
        );
        assert_eq!(error.to_string(), "the channel is not available", "{down}");
    }
    fixture
        .source
        .put(open_inbox(1, CHANNEL, json!({"act": "open_refuses"})));
    let error = fixture
        .host
        .receive(to_number("message x"))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    assert!(fixture.sink.stored.lock().unwrap().is_empty());
    assert!(fixture.sink.dead.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_hanging_receive_ends_at_its_deadline() {
    let fixture = fixture();
    let started = tokio::time::Instant::now();
    let error = fixture.host.receive(to_number("hang")).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    assert_eq!(started.elapsed().as_secs(), 2);
}

#[tokio::test]
async fn a_genuine_request_that_is_not_understood_is_kept() {
    let fixture = fixture();
    for (body, reason) in [
        ("unparsable", "version 9 [secret]"),
        ("message", "an event has no dedup_key"),
        (
            "effect",
            r#"Denied { reason: "receive may use no effects" }"#,
        ),
    ] {
        let answer = fixture.host.receive(to_number(body)).await.unwrap();
        assert_eq!(status(&answer), 200, "{body}");
        let letter = fixture.sink.dead.lock().unwrap().pop().unwrap();
        assert_eq!(letter.raw.body, body.as_bytes());
        assert_eq!(letter.reason, reason);
    }
    assert!(fixture.sink.stored.lock().unwrap().is_empty());
    fixture.sink.down.store(true, Ordering::SeqCst);
    let error = fixture
        .host
        .receive(to_number("unparsable"))
        .await
        .unwrap_err();
    assert!(
        matches!(error, Error::Unavailable { .. }),
        "the provider sends again: {error:?}"
    );
}

#[tokio::test]
async fn a_caller_is_told_what_is_not_understood() {
    let fixture = fixture();
    let agent = principal(ACCOUNT, Role::Agent);
    let inbound = by_caller(json!({"inbox_id": 1, "do": "unparsable"}), Some(agent));
    let error = fixture.host.receive(inbound).await.unwrap_err();
    assert!(matches!(error, Error::Unprocessable(_)), "{error:?}");
    assert!(fixture.sink.dead.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_request_without_events_is_answered_and_stored_nowhere() {
    let fixture = fixture();
    fixture.sink.down.store(true, Ordering::SeqCst);
    let answer = fixture.host.receive(to_number("nothing")).await.unwrap();
    assert_eq!(status(&answer), 200);
    let error = fixture
        .host
        .receive(to_number("message k"))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
}

#[tokio::test]
async fn an_event_may_belong_to_another_inbox_of_the_account_only() {
    let fixture = fixture();
    fixture.source.put(open_inbox(2, CHANNEL, json!({})));
    fixture.source.route_to("+50", 2);
    let mut foreign = open_inbox(3, CHANNEL, json!({}));
    Arc::make_mut(&mut foreign.inbox).account_id = AccountId(2);
    fixture.source.put(foreign);
    fixture.source.route_to("+51", 3);

    fixture
        .host
        .receive(to_number("message a +50"))
        .await
        .unwrap();
    {
        let stored = fixture.sink.stored.lock().unwrap();
        let routed = stored[0]
            .0
            .routed
            .iter()
            .map(|(key, inbox)| (key.as_str(), inbox.id));
        assert_eq!(routed.collect::<Vec<_>>(), [("+50", InboxId(2))]);
    }
    for unknown in ["message b +51", "message c +52"] {
        let answer = fixture.host.receive(to_number(unknown)).await.unwrap();
        assert_eq!(status(&answer), 202);
    }
    assert_eq!(
        fixture.sink.keys().len(),
        1,
        "nothing is stored for a foreign inbox"
    );
    assert_eq!(
        fixture.sink.dead.lock().unwrap().len(),
        2,
        "but nothing is lost"
    );
}

#[tokio::test]
async fn the_declared_routes_are_listed() {
    let fixture = fixture();
    let routes = fixture.host.routes();
    let paths: Vec<&str> = routes
        .iter()
        .map(|route| route.route.path.as_str())
        .collect();
    assert_eq!(
        paths,
        [super::probe::BY_CALLER, BY_NUMBER, BY_TOKEN, BY_BODY]
    );
    assert!(routes.iter().all(|route| route.channel == CHANNEL));
}

#[tokio::test]
async fn a_body_of_the_wrong_form_is_a_bug_and_stored_nowhere() {
    let fixture = fixture();
    let agent = principal(ACCOUNT, Role::Agent);
    let mut inbound = by_caller(json!({}), Some(agent));
    inbound.body = gatewright_channel::InboundBody::Raw(Payload(br#"{"inbox_id":1}"#.to_vec()));
    let error = fixture.host.receive(inbound).await.unwrap_err();
    assert!(matches!(error, Error::Internal(_)), "{error:?}");
}

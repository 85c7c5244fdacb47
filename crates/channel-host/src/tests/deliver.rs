use std::fmt;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use gatewright_channel::{Delivery, DeliveryOutcome, FailCode, RetryScope};
use gatewright_core::registry::ChannelDeliver as _;
use gatewright_egress::{Scheme, Secret, verify};
use serde_json::json;

use super::probe::CHANNEL;
use super::support::{Answer, CANARY, Fixture, NOW_S, SIGNING, call, listen, open_inbox, short};
use crate::Limits;

fn reason(outcome: &DeliveryOutcome) -> &str {
    match outcome {
        DeliveryOutcome::Retry { reason, .. }
        | DeliveryOutcome::Uncertain { reason }
        | DeliveryOutcome::Failed { reason, .. } => reason,
        DeliveryOutcome::Accepted { .. } => "accepted",
    }
}

fn is_retry(outcome: &DeliveryOutcome) -> bool {
    matches!(outcome, DeliveryOutcome::Retry { .. })
}

fn accepted(status: u16) -> DeliveryOutcome {
    DeliveryOutcome::Accepted {
        provider_ids: Vec::new(),
        status: Some(status),
    }
}

#[tokio::test]
async fn a_signed_delivery_carries_the_hosts_headers_and_no_forged_ones() {
    let (url, mut got) = listen(Answer::Status(204)).await;
    let fixture = Fixture::with_inbox(json!({"url": url}));
    let mut late = call("send");
    (late.late, late.replay) = (true, true);
    assert_eq!(fixture.host.deliver(late).await, accepted(204));
    let got = got.recv().await.unwrap();
    let all = |name: &str| got.headers.get_all(name).iter().collect::<Vec<_>>();
    assert_eq!(all("webhook-id"), ["dlv_test_1"]);
    assert_eq!(all("x-gatewright-late"), ["true"]);
    assert_eq!(all("x-gatewright-replay"), ["true"]);
    assert_eq!(all("x-gatewright-event"), ["send"]);
    assert_eq!(all("x-gatewright-attempt"), ["3"]);
    assert_eq!(all("content-type"), ["application/json"]);
    assert!(
        all("user-agent")[0]
            .to_str()
            .unwrap()
            .starts_with("Gatewright/")
    );
    assert_eq!(got.body, br#"{"a":1}"#);
    let secret = Secret::parse(SIGNING).unwrap();
    let scheme = verify(&secret, &got.headers, &got.body, NOW_S, 0);
    assert_eq!(scheme, Ok(Scheme::StandardWebhooks));
}

#[tokio::test]
async fn an_unsigned_request_carries_no_signature() {
    let (url, mut got) = listen(Answer::Status(200)).await;
    let fixture = Fixture::with_inbox(json!({"url": url}));
    assert_eq!(fixture.deliver("unsigned").await, accepted(200));
    let got = got.recv().await.unwrap();
    assert!(!got.headers.contains_key("webhook-signature"));
    assert!(!got.headers.contains_key("x-gatewright-attempt"));
}

#[tokio::test]
async fn a_channel_sends_only_where_its_permissions_and_the_policy_allow() {
    let (url, mut got) = listen(Answer::Status(200)).await;
    let fixture = Fixture::with_inbox(json!({"url": url}));
    let outcome = fixture.deliver("foreign").await;
    assert!(is_retry(&outcome));
    assert_eq!(
        reason(&outcome),
        "denied: the channel may not send to elsewhere.test: its permissions allow $settings/url"
    );
    fixture.source.put(open_inbox(
        1,
        CHANNEL,
        json!({"url": "http://169.254.169.254/x"}),
    ));
    let outcome = fixture.deliver("send").await;
    assert!(is_retry(&outcome));
    assert!(
        reason(&outcome).starts_with("denied: egress_refused: "),
        "{outcome:?}"
    );
    fixture
        .source
        .put(open_inbox(1, CHANNEL, json!({"url": "no url"})));
    let outcome = fixture.deliver("send").await;
    assert!(
        reason(&outcome).starts_with("denied: Invalid URL: "),
        "{outcome:?}"
    );
    assert!(got.try_recv().is_err(), "nothing was sent");
}

#[tokio::test]
async fn requests_over_the_caps_or_with_broken_headers_are_denied() {
    let fixture = Fixture::with_inbox(json!({"url": "http://127.0.0.1:9/"}));
    let big = fixture.deliver("big").await;
    assert_eq!(
        reason(&big),
        "denied: the body is larger than 8388608 bytes"
    );
    let header = fixture.deliver("bad_header").await;
    assert_eq!(
        reason(&header),
        "denied: the header x-a has a value that cannot be sent"
    );
}

#[tokio::test]
async fn not_sent_and_lost_answers_are_told_apart() {
    let closed = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}/", listener.local_addr().unwrap())
    };
    let fixture = Fixture::with_inbox(json!({"url": closed}));
    let outcome = fixture.deliver("send").await;
    assert!(
        reason(&outcome).starts_with("not sent: Failed to open TCP"),
        "{outcome:?}"
    );

    let (url, _got) = listen(Answer::Close).await;
    fixture
        .source
        .put(open_inbox(1, CHANNEL, json!({"url": url})));
    let outcome = fixture.deliver("send").await;
    assert!(
        matches!(outcome, DeliveryOutcome::Uncertain { .. }),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn effects_that_are_not_offered_say_so() {
    let fixture = Fixture::with_inbox(json!({}));
    let outcome = fixture.deliver("kv").await;
    let unsupported = matches!(
        outcome,
        DeliveryOutcome::Failed {
            code: FailCode::Unsupported,
            ..
        }
    );
    assert!(unsupported, "{outcome:?}");
}

#[tokio::test]
async fn a_panic_is_certain_only_while_nothing_was_sent() {
    let (url, mut got) = listen(Answer::Status(200)).await;
    let fixture = Fixture::with_inbox(json!({"url": url}));
    let before = fixture.deliver("panic").await;
    assert!(is_retry(&before), "{before:?}");
    assert_eq!(reason(&before), "the channel panicked; nothing was sent");
    let after = fixture.deliver("send_panic").await;
    assert!(
        matches!(after, DeliveryOutcome::Uncertain { .. }),
        "{after:?}"
    );
    assert_eq!(
        reason(&after),
        "the channel panicked after a request may have been sent"
    );
    assert!(got.recv().await.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_hang_before_sending_ends_at_the_deadline() {
    let fixture = Fixture::with_inbox(json!({}));
    let started = tokio::time::Instant::now();
    let outcome = fixture.deliver("hang").await;
    assert_eq!(
        reason(&outcome),
        "the channel did not answer in time; nothing was sent"
    );
    assert!(is_retry(&outcome), "{outcome:?}");
    let limits = Limits::default();
    let took = started.elapsed().as_secs();
    assert_eq!(took, (limits.exchange_timeout + limits.margin).as_secs());
}

#[tokio::test(start_paused = true)]
async fn a_sleep_ends_before_the_call_does() {
    let fixture = Fixture::with_inbox(json!({}));
    let started = tokio::time::Instant::now();
    let outcome = fixture.deliver("sleep").await;
    assert_eq!(
        outcome,
        DeliveryOutcome::Accepted {
            provider_ids: Vec::new(),
            status: None
        }
    );
    assert_eq!(
        started.elapsed().as_secs(),
        Limits::default().exchange_timeout.as_secs()
    );
}

#[tokio::test]
async fn a_hang_after_sending_is_uncertain() {
    let (url, mut got) = listen(Answer::Status(200)).await;
    let fixture = Fixture::with_limits(short());
    fixture
        .source
        .put(open_inbox(1, CHANNEL, json!({"url": url})));
    let outcome = fixture.deliver("send_hang").await;
    assert!(
        matches!(outcome, DeliveryOutcome::Uncertain { .. }),
        "{outcome:?}"
    );
    assert!(got.recv().await.is_some());
}

#[tokio::test]
async fn emitted_events_are_stored_and_need_a_key() {
    let fixture = Fixture::with_inbox(json!({}));
    let stored = fixture.deliver("emit").await;
    assert_eq!(reason(&stored), "accepted");
    assert_eq!(fixture.sink.keys(), [Some("e1".to_owned())]);
    let keyless = fixture.deliver("emit_keyless").await;
    assert_eq!(reason(&keyless), "denied: an event has no dedup_key");
    fixture.sink.down.store(true, Ordering::SeqCst);
    let down = fixture.deliver("emit").await;
    assert_eq!(reason(&down), "not sent: the queue is full");
    assert_eq!(fixture.sink.keys().len(), 1);
}

#[tokio::test]
async fn what_is_missing_decides_whether_to_try_again() {
    let fixture = Fixture::new();
    let gone = fixture.deliver("send").await;
    assert_eq!(
        gone,
        DeliveryOutcome::Failed {
            code: FailCode::Other,
            reason: "the inbox is gone".to_owned(),
            status: None
        }
    );
    fixture.source.put(open_inbox(1, "telegraph", json!({})));
    let absent = fixture.deliver("send").await;
    assert_eq!(
        reason(&absent),
        "the channel telegraph is not built into this gateway"
    );
    assert!(matches!(
        absent,
        DeliveryOutcome::Retry {
            scope: RetryScope::Inbox,
            ..
        }
    ));
    fixture.source.down.store(true, Ordering::SeqCst);
    let down = fixture.deliver("send").await;
    assert_eq!(reason(&down), "the inbox could not be loaded");
    assert!(is_retry(&down));
}

#[tokio::test]
async fn settings_that_cannot_be_opened_are_tried_again_without_showing_secrets() {
    let fixture = Fixture::with_inbox(json!({"act": "open_refuses"}));
    let refused = fixture.deliver("send").await;
    assert!(is_retry(&refused));
    assert_eq!(
        reason(&refused),
        "the inbox could not be opened: token [secret] is not usable"
    );
    fixture
        .source
        .put(open_inbox(1, CHANNEL, json!({"act": "open_panics"})));
    let panicked = fixture.deliver("send").await;
    assert_eq!(
        reason(&panicked),
        "the inbox could not be opened: the channel panicked"
    );
}

#[tokio::test]
async fn an_inbox_is_opened_once_and_again_when_its_settings_change() {
    let fixture = Fixture::with_inbox(json!({"number": "1"}));
    fixture.deliver("kv").await;
    fixture.deliver("kv").await;
    assert_eq!(fixture.probe.opens(), 1);
    let mut rotated = open_inbox(1, CHANNEL, json!({"number": "1"}));
    rotated.signing.insert(0, "whsec_bmV3".to_owned());
    fixture.source.put(rotated);
    fixture.deliver("kv").await;
    assert_eq!(
        fixture.probe.opens(),
        1,
        "a new signing secret needs no new instance"
    );
    fixture
        .source
        .put(open_inbox(1, CHANNEL, json!({"number": "2"})));
    fixture.deliver("kv").await;
    assert_eq!(fixture.probe.opens(), 2);
    let mut secret = open_inbox(1, CHANNEL, json!({"number": "2"}));
    secret.secrets = json!({"token": "another"});
    fixture.source.put(secret);
    fixture.deliver("kv").await;
    assert_eq!(fixture.probe.opens(), 3);
}

#[tokio::test(start_paused = true)]
async fn five_panics_within_a_minute_reopen_the_inbox() {
    let fixture = Fixture::with_inbox(json!({}));
    for _ in 0..4 {
        fixture.deliver("panic").await;
    }
    tokio::time::advance(Limits::default().panic_window * 2).await;
    for _ in 0..4 {
        fixture.deliver("panic").await;
    }
    fixture.deliver("kv").await;
    assert_eq!(fixture.probe.opens(), 1, "old panics do not count");
    fixture.deliver("panic").await;
    fixture.deliver("kv").await;
    assert_eq!(fixture.probe.opens(), 2);
}

#[tokio::test]
async fn settings_of_an_older_version_are_brought_forward() {
    let fixture = Fixture::new();
    let mut old = open_inbox(1, CHANNEL, json!({}));
    old.settings_version = 1;
    fixture.source.put(old);
    assert_eq!(
        reason(&fixture.deliver("leak").await),
        "refused [secret] migrated=true"
    );
}

#[tokio::test]
async fn a_message_shaped_delivery_reaches_the_channel() {
    let fixture = Fixture::with_inbox(json!({}));
    let message = gatewright_channel::OutboundMessage {
        id: "dlv_test_1".to_owned(),
        attempt: 1,
        source_id: "s".to_owned(),
        content: None,
        content_type: "text".to_owned(),
        content_attributes: serde_json::Map::new(),
        template_params: None,
        reply_to: None,
        attachments: Vec::new(),
    };
    let mut call = call("send");
    call.delivery = Delivery::Message(Box::new(message));
    assert_eq!(reason(&fixture.host.deliver(call).await), "not an event");
}

#[tokio::test]
async fn no_secret_reaches_the_log() {
    let lines = Lines::default();
    let guard = tracing::subscriber::set_default(lines.clone());
    let fixture = Fixture::with_inbox(json!({"url": "http://127.0.0.1:9/"}));
    fixture.deliver("leak").await;
    fixture.deliver("panic").await;
    fixture
        .source
        .put(open_inbox(1, CHANNEL, json!({"act": "open_panics"})));
    fixture.deliver("send").await;
    drop(guard);
    let lines = lines.0.lock().unwrap().join("\n");
    assert!(lines.contains("using [secret] second line"), "{lines}");
    assert!(lines.contains("lost [secret]"), "{lines}");
    assert!(lines.contains("opening with [secret]"), "{lines}");
    assert!(!lines.contains(CANARY), "{lines}");
}

/// Keeps every log line of one thread.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

impl tracing::Subscriber for Lines {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut line = Line(String::new());
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}

struct Line(String);

impl tracing::field::Visit for Line {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn fmt::Debug) {
        use fmt::Write as _;
        write!(self.0, "{field}={value:?} ").unwrap();
    }
}

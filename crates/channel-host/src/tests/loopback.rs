//! The same supervision, with the channel behind its JSON form.

use gatewright_channel::DeliveryOutcome;
use gatewright_core::error::Error;
use serde_json::json;

use super::probe::BY_NUMBER;
use super::support::{Answer, Fixture, listen, provider};
use crate::ReceiveAnswer;

#[tokio::test]
async fn deliveries_cross_with_their_effects() {
    let (url, mut got) = listen(Answer::Status(200)).await;
    let fixture = Fixture::behind_json(json!({"url": url}));
    let sent = fixture.deliver("send").await;
    assert_eq!(
        sent,
        DeliveryOutcome::Accepted {
            provider_ids: Vec::new(),
            status: Some(200)
        }
    );
    let got = got.recv().await.unwrap();
    assert_eq!(got.headers["webhook-id"], "dlv_test_1");
    assert_eq!(got.body, br#"{"a":1}"#);
    fixture.deliver("emit").await;
    assert_eq!(fixture.sink.keys(), [Some("e1".to_owned())]);
}

#[tokio::test]
async fn panics_and_hangs_stay_behind_it() {
    let (url, _got) = listen(Answer::Status(200)).await;
    let fixture = Fixture::behind_json(json!({"url": url}));
    for act in ["panic", "hang"] {
        let outcome = fixture.deliver(act).await;
        assert!(
            matches!(outcome, DeliveryOutcome::Retry { .. }),
            "{act}: {outcome:?}"
        );
    }
    for act in ["send_panic", "send_hang"] {
        let outcome = fixture.deliver(act).await;
        assert!(
            matches!(outcome, DeliveryOutcome::Uncertain { .. }),
            "{act}: {outcome:?}"
        );
    }
}

#[tokio::test]
async fn requests_cross_with_their_events_and_errors() {
    let fixture = Fixture::behind_json(json!({"number": "+49"}));
    fixture.source.route_to("+49", 1);
    let request = |body: &str| provider(BY_NUMBER, ("number", "+49"), body);
    let answer = fixture.host.receive(request("message k1")).await.unwrap();
    assert!(matches!(answer, ReceiveAnswer::Http(reply) if reply.status == 202));
    assert_eq!(fixture.sink.keys(), [Some("k1".to_owned())]);
    fixture.host.receive(request("unparsable")).await.unwrap();
    assert_eq!(
        fixture.sink.dead.lock().unwrap()[0].reason,
        "version 9 [secret]"
    );
    let error = fixture
        .host
        .receive(request("unauthorized"))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Unauthenticated(_)), "{error:?}");
}

//! The account itself (contract, section 4.7).

use std::time::Duration;

use gatewright_tests::TestGateway;
use http::Method;
use serde_json::{Value, json};

const NOT_FOUND: &str = r#"{"error":"Resource could not be found"}"#;

#[tokio::test]
async fn an_account_is_shown() {
    let gateway = TestGateway::start().await;
    let shown = gateway.administrator().get("").await.ok();
    insta::assert_json_snapshot!("account", shown);
    assert_eq!(gateway.agent("Lee").await.get("").await.ok(), shown);
    gateway.stop().await;
}

#[tokio::test]
async fn an_account_is_changed() {
    let gateway = TestGateway::start().await;
    let administrator = gateway.administrator();
    let body = json!({
        "name": " Acme ",
        "locale": "pt_BR",
        "domain": "acme.test",
        "support_email": "help@acme.test",
        "industry": "Anvils",
        "company_size": "11-50",
        "timezone": "Europe/Berlin",
        "auto_resolve_after": "1440",
        "auto_resolve_message": "Closed",
        "auto_resolve_ignore_waiting": true,
        "auto_resolve_label": "stale",
        "audio_transcriptions": false,
        "conversation_required_attributes": ["reason"],
        "unknown": 1,
    });
    let changed = administrator.patch("", &body).await.ok();
    insta::assert_json_snapshot!("account_changed", changed);
    let mut shown = administrator.get("").await.ok();
    let version = shown
        .as_object_mut()
        .unwrap()
        .remove("latest_chatwoot_version");
    assert_eq!((version, &shown), (Some(Value::Null), &changed));
    let cleared = json!({ "domain": "", "support_email": null, "industry": "",
        "company_size": null, "timezone": null, "auto_resolve_after": null,
        "auto_resolve_message": null, "conversation_required_attributes": null });
    let path = administrator.path("");
    let cleared = administrator.json(Method::PUT, &path, &cleared).await.ok();
    let left = json!({ "auto_resolve_ignore_waiting": true, "auto_resolve_label": "stale",
        "audio_transcriptions": false });
    assert_eq!(cleared["settings"], left);
    assert_eq!(
        (&cleared["domain"], &cleared["support_email"]),
        (&Value::Null, &Value::Null)
    );
    assert!(cleared.get("custom_attributes").is_none());
    assert_eq!(cleared["name"], "Acme");
    gateway.stop().await;
}

#[tokio::test]
async fn what_an_account_cannot_be_is_refused_by_name() {
    let gateway = TestGateway::start().await;
    let administrator = gateway.administrator();
    let body = json!({
        "name": " ",
        "locale": "English",
        "domain": "x".repeat(101),
        "auto_resolve_after": 9,
        "conversation_required_attributes": vec!["a"; 101],
    });
    let answer = administrator.patch("", &body).await;
    let message = "Name can't be blank, Locale must be a language code like en or pt_BR, \
        Domain is too long (maximum is 100 characters), \
        Auto resolve after must be 10 to 1439856 minutes, \
        Conversation required attributes has too many items (maximum is 100)";
    let attributes = [
        "name",
        "locale",
        "domain",
        "auto_resolve_after",
        "conversation_required_attributes",
    ];
    let expected = json!({ "message": message, "attributes": attributes });
    assert_eq!((answer.status.as_u16(), answer.json()), (422, expected));
    let over = json!({ "auto_resolve_after": 1_439_857 });
    assert_eq!(administrator.patch("", &over).await.status, 422);
    let wrong = json!({ "auto_resolve_after": "soon" });
    let wrong = administrator.patch("", &wrong).await;
    assert!(wrong.text.contains("auto_resolve_after"), "{}", wrong.text);
    gateway.stop().await;
}

#[tokio::test]
async fn an_account_belongs_to_those_who_are_in_it() {
    let gateway = TestGateway::start().await;
    let other = gateway.other_account().await;
    let mine = other.at(gateway.account_id());
    let body = json!({ "name": "Taken" });
    for answer in [
        mine.get("").await,
        mine.patch("", &body).await,
        mine.get("/cache_keys").await,
        mine.post("/update_active_at", &json!({})).await,
        other.at(999).get("").await,
    ] {
        assert_eq!(
            (answer.status.as_u16(), answer.text.as_str()),
            (404, NOT_FOUND)
        );
    }
    let agent = gateway.agent("Lee").await;
    let refused = agent.patch("", &body).await;
    let text = r#"{"error":"You are not authorized to do this action"}"#;
    assert_eq!(
        (refused.status.as_u16(), refused.text.as_str()),
        (401, text)
    );
    assert_eq!(agent.get("").await.ok()["name"], "Gatewright");
    gateway.stop().await;
}

#[tokio::test]
async fn a_new_name_is_told_by_the_next_event() {
    let (gateway, listener, conversation) = TestGateway::seeded(Default::default()).await;
    let administrator = gateway.administrator();
    let path = format!("/conversations/{}/messages", conversation["id"]);
    administrator
        .post(&path, &json!({ "content": "Before" }))
        .await
        .ok();
    administrator
        .patch("", &json!({ "name": "Acme" }))
        .await
        .ok();
    administrator
        .post(&path, &json!({ "content": "After" }))
        .await
        .ok();
    gateway.settle().await;
    let told: Vec<Value> = listener
        .accepted()
        .iter()
        .filter(|received| received.event() == "message_created")
        .map(|received| received.json()["account"]["name"].clone())
        .collect();
    assert_eq!(told, ["Gatewright", "Acme"]);
    gateway.stop().await;
}

#[tokio::test]
async fn cache_keys_move_with_labels_and_inboxes() {
    let gateway = TestGateway::start().await;
    let administrator = gateway.administrator();
    let keys = async || administrator.get("/cache_keys").await.ok()["cache_keys"].clone();
    let never = "0000000000";
    assert_eq!(
        keys().await,
        json!({ "label": never, "inbox": never, "team": never })
    );
    let inbox = gateway.inbox(None).await;
    let first = "1768900502";
    assert_eq!(
        keys().await,
        json!({ "label": never, "inbox": first, "team": never })
    );
    let mut label = Value::Null;
    for (step, seconds) in (1..=5).zip([3, 4, 5, 6, 7]) {
        gateway.advance(Duration::from_secs(1)).await;
        let path = format!("/labels/{}", label["id"]);
        match step {
            1 => {
                label = administrator
                    .post("/labels", &json!({ "title": "vip" }))
                    .await
                    .ok()
            }
            2 => drop(
                administrator
                    .patch(&path, &json!({ "color": "#fff" }))
                    .await
                    .ok(),
            ),
            3 => drop(administrator.delete(&path).await.ok()),
            4 => {
                let path = format!("/inboxes/{}", inbox["id"]);
                let renamed = json!({ "name": "Renamed" });
                administrator.patch(&path, &renamed).await.ok();
            }
            _ => {
                let path = format!("/inboxes/{}", inbox["id"]);
                administrator.delete(&path).await.ok();
            }
        }
        let now = format!("176890050{seconds}");
        let changed = if step <= 3 { "label" } else { "inbox" };
        assert_eq!(keys().await[changed], now, "step {step}");
    }
    gateway.stop().await;
}

#[tokio::test]
async fn working_in_an_account_is_remembered() {
    let gateway = TestGateway::start().await;
    let administrator = gateway.administrator();
    let profile = async || {
        let path = "/api/v1/profile";
        administrator
            .send(Method::GET, path, &[], Vec::new())
            .await
            .ok()
    };
    assert_eq!(profile().await["accounts"][0]["active_at"], Value::Null);
    let answer = administrator.post("/update_active_at", &json!({})).await;
    assert_eq!((answer.ok(), answer.text.as_str()), (Value::Null, ""));
    let active_at = profile().await["accounts"][0]["active_at"].clone();
    assert_eq!(active_at, "2026-01-20T09:15:02.113Z");
    gateway.stop().await;
}

//! The caller's own user (contract, section 4.7).

use std::time::Duration;

use gatewright_core::ids::UserId;
use gatewright_tests::{Actor, Answer, Listener, TestGateway};
use http::Method;
use serde_json::{Value, json};

const PATH: &str = "/api/v1/profile";

async fn show(actor: &Actor) -> Answer {
    actor.send(Method::GET, PATH, &[], Vec::new()).await
}

async fn put(actor: &Actor, body: &Value) -> Answer {
    actor.json(Method::PUT, PATH, body).await
}

async fn post(actor: &Actor, path: &str, body: &Value) -> Answer {
    let path = format!("{PATH}/{path}");
    actor.json(Method::POST, &path, body).await
}

/// A profile without its random credentials.
fn redacted(mut profile: Value) -> Value {
    for secret in ["access_token", "pubsub_token"] {
        assert_eq!(profile[secret].as_str().map(str::len), Some(24), "{secret}");
        profile[secret] = json!(format!("[{secret}]"));
    }
    profile
}

#[tokio::test]
async fn a_profile_is_changed() {
    let gateway = TestGateway::start().await;
    let agent = gateway.agent("Lee").await;
    let shown = redacted(show(&agent).await.ok());
    let body = json!({ "profile": {
        "name": " Lee Marvin ",
        "display_name": "Lee M.",
        "email": "LEE@acme.test",
        "message_signature": "Yours, Lee",
        "ui_settings": { "theme": "dark" },
        "phone_number": "+4915100000001",
    } });
    let changed = redacted(put(&agent, &body).await.ok());
    insta::assert_json_snapshot!("profile", [&shown, &changed]);
    assert_eq!(redacted(show(&agent).await.ok()), changed);
    let flat = json!({ "ui_settings": {}, "display_name": "", "message_signature": null,
        "phone_number": "" });
    let cleared = agent.json(Method::PATCH, PATH, &flat).await.ok();
    assert_eq!(cleared["ui_settings"], json!({}), "replaced, not merged");
    assert_eq!(cleared["display_name"], Value::Null);
    assert_eq!(cleared["available_name"], "Lee Marvin");
    assert_eq!(cleared["message_signature"], Value::Null);
    assert!(cleared.get("custom_attributes").is_none());
    gateway.stop().await;
}

#[tokio::test]
async fn a_new_name_is_told_by_the_next_message() {
    let listener = Listener::start().await;
    let gateway = TestGateway::start().await;
    let inbox = gateway.inbox(Some(listener.url("/callback"))).await;
    let (_, conversation) = gateway.conversation(&inbox).await;
    let administrator = gateway.administrator();
    let path = format!("/conversations/{}/messages", conversation["id"]);
    let body = json!({ "content": "Hi" });
    administrator.post(&path, &body).await.ok();
    put(
        &administrator,
        &json!({ "name": "Ada", "display_name": "A." }),
    )
    .await
    .ok();
    let sent = administrator.post(&path, &body).await.ok();
    assert_eq!(sent["sender"]["name"], "Ada");
    assert_eq!(sent["sender"]["available_name"], "A.");
    gateway.settle().await;
    let told: Vec<Value> = listener
        .accepted()
        .iter()
        .filter(|received| received.event() == "message_created")
        .map(|received| received.json()["sender"]["name"].clone())
        .collect();
    assert_eq!(told, ["Administrator", "Ada"]);
    gateway.stop().await;
}

#[tokio::test]
async fn what_a_profile_cannot_be_is_refused_by_name() {
    let gateway = TestGateway::start().await;
    let agent = gateway.agent("Lee").await;
    gateway.agent("Kim").await;
    let wide = json!({ "a": "x".repeat(65_536) });
    let body = json!({ "name": "", "email": "nonsense", "display_name": "x".repeat(256),
        "ui_settings": wide });
    let answer = put(&agent, &body).await;
    let message = "Name can't be blank, Email is invalid, \
        Display name is too long (maximum is 255 characters), \
        Ui settings is too long (maximum is 65536 bytes)";
    let expected = json!({ "message": message,
        "attributes": ["name", "email", "display_name", "ui_settings"] });
    assert_eq!((answer.status.as_u16(), answer.json()), (422, expected));
    let taken = put(&agent, &json!({ "email": "Kim@Example.com" })).await;
    let expected = json!({ "message": "Email has already been taken", "attributes": ["email"] });
    assert_eq!((taken.status.as_u16(), taken.json()), (422, expected));
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let bare = agent
        .send(Method::PUT, PATH, &form, b"name=Lee".to_vec())
        .await;
    let missing = json!({ "error": "param is missing or the value is empty: profile" });
    assert_eq!((bare.status.as_u16(), bare.json()), (422, missing));
    gateway.stop().await;
}

#[tokio::test]
async fn a_password_is_changed_by_who_knows_it() {
    let gateway = TestGateway::start().await;
    let agent = gateway.agent("Lee").await;
    let user = UserId(show(&agent).await.ok()["id"].as_i64().unwrap());
    let before = show(&agent).await.ok()["pubsub_token"].clone();
    let wrong = json!({ "error": "Invalid current password" });
    let change = |current: &str, password: &str, again: &str| {
        json!({ "profile": { "current_password": current, "password": password,
            "password_confirmation": again } })
    };
    // Nobody knows a password that is not there.
    let answer = put(&agent, &change("", "Secret#1", "Secret#1")).await;
    assert_eq!(
        (answer.status.as_u16(), answer.json()),
        (422, wrong.clone())
    );
    let operator = gateway.gateway().operator();
    operator.user_reset_password(user, "First#1").await.unwrap();
    let answer = put(&agent, &change("first#1", "Secret#1", "Secret#1")).await;
    assert_eq!(
        (answer.status.as_u16(), answer.json()),
        (422, wrong.clone())
    );
    let answer = put(&agent, &change("First#1", "short", "other")).await;
    let message = "Password is too short (minimum is 6 characters), \
        Password confirmation doesn't match Password";
    assert_eq!(answer.json()["message"], message);
    let changed = put(&agent, &change("First#1", "Secret#1", "Secret#1"))
        .await
        .ok();
    assert_ne!(changed["pubsub_token"], before, "the live stream ends");
    let answer = put(&agent, &change("First#1", "Third#1", "Third#1")).await;
    assert_eq!(answer.json(), wrong);
    put(&agent, &change("Secret#1", "Third#1", "Third#1"))
        .await
        .ok();
    gateway.stop().await;
}

#[tokio::test]
async fn availability_is_shown_to_others() {
    let gateway = TestGateway::start().await;
    let agent = gateway.agent("Lee").await;
    let account_id = gateway.account_id();
    let body = json!({ "profile": { "account_id": account_id, "availability": "busy" } });
    let busy = post(&agent, "availability", &body).await.ok();
    let account = &busy["accounts"][0];
    assert_eq!(
        (&account["availability"], &account["auto_offline"]),
        (&json!("busy"), &json!(true))
    );
    assert_eq!(
        account["availability_status"], "offline",
        "it has no live stream"
    );
    let body = json!({ "account_id": account_id, "auto_offline": false });
    let always = post(&agent, "auto_offline", &body).await.ok();
    assert_eq!(always["accounts"][0]["availability_status"], "busy");
    let listed = gateway.administrator().get("/agents").await.ok();
    assert_eq!(listed[1]["availability_status"], "busy");
    assert_eq!(listed[1]["auto_offline"], false);
    let unknown = json!({ "account_id": account_id, "availability": "away" });
    let answer = post(&agent, "availability", &unknown).await;
    let expected = json!({ "error": "'away' is not a valid availability" });
    assert_eq!((answer.status.as_u16(), answer.json()), (422, expected));
    gateway.stop().await;
}

#[tokio::test]
async fn the_active_account_comes_first() {
    let gateway = TestGateway::start().await;
    let agent = gateway.agent("Lee").await;
    let other = gateway.other_account().await;
    let body = json!({ "profile": { "account_id": gateway.account_id() } });
    let path = format!("{PATH}/set_active_account");
    gateway.advance(Duration::from_secs(60)).await;
    let answer = agent.json(Method::PUT, &path, &body).await;
    assert_eq!((answer.ok(), answer.text.as_str()), (Value::Null, ""));
    let active_at = &show(&agent).await.ok()["accounts"][0]["active_at"];
    assert_eq!(active_at, "2026-01-20T09:16:02.113Z");
    for actor in [&other, &agent] {
        let foreign = json!({ "account_id": 999, "availability": "busy", "auto_offline": true });
        for answer in [
            actor.json(Method::PUT, &path, &foreign).await,
            post(actor, "availability", &foreign).await,
            post(actor, "auto_offline", &foreign).await,
        ] {
            let text = r#"{"error":"Resource could not be found"}"#;
            assert_eq!((answer.status.as_u16(), answer.text.as_str()), (404, text));
        }
    }
    gateway.stop().await;
}

#[tokio::test]
async fn a_new_token_ends_the_old_one_at_once() {
    let gateway = TestGateway::start().await;
    let agent = gateway.agent("Lee").await;
    let before = show(&agent).await.ok()["access_token"].clone();
    let answer = post(&agent, "reset_access_token", &json!({})).await.ok();
    let after = answer["access_token"].as_str().unwrap();
    assert_ne!(answer["access_token"], before);
    let refused = show(&agent).await;
    let text = r#"{"error":"Invalid Access Token"}"#;
    assert_eq!(
        (refused.status.as_u16(), refused.text.as_str()),
        (401, text)
    );
    let headers = [("api_access_token", after)];
    let shown = gateway.anonymous();
    let shown = shown
        .send(Method::GET, PATH, &headers, Vec::new())
        .await
        .ok();
    assert_eq!(shown, answer);
    gateway.stop().await;
}

use std::time::Duration;

use gatewright_tests::{Listener, Received, TestGateway};
use serde_json::{Value, json};

use crate::support::{add, contents, conversation, last, path, say};

/// A gateway with a conversation in an inbox with these settings.
async fn inbox_with(settings: &Value) -> (TestGateway, Listener, Value, Value) {
    let listener = Listener::start().await;
    let gateway = TestGateway::start().await;
    let inbox = gateway.inbox(Some(listener.url("/callback"))).await;
    let at = format!("/inboxes/{}", inbox["id"]);
    gateway.administrator().patch(&at, settings).await.ok();
    let made = conversation(&gateway, &inbox, "Ana").await;
    (gateway, listener, inbox, made)
}

/// What was told about stored messages: type and content, oldest first.
fn told(listener: &Listener) -> Vec<(String, String)> {
    let bodies = listener
        .accepted()
        .iter()
        .map(Received::json)
        .collect::<Vec<_>>();
    bodies
        .iter()
        .filter(|body| body["event"] == "message_created")
        .map(|body| {
            let text = |key: &str| body[key].as_str().expect("a text").to_owned();
            (text("message_type"), text("content"))
        })
        .collect()
}

fn pair(kind: &str, content: &str) -> (String, String) {
    (kind.to_owned(), content.to_owned())
}

#[tokio::test]
async fn the_first_message_is_greeted_once() {
    let settings = json!({ "greeting_enabled": true,
        "greeting_message": "Welcome {{ contact.name }} to {{ account.name | upcase }}" });
    let (gateway, listener, inbox, made) = inbox_with(&settings).await;
    say(&gateway, &made, "Hello").await;
    say(&gateway, &made, "Anybody?").await;
    gateway.settle().await;
    let account = gateway.administrator();
    let name = account
        .send(http::Method::GET, "/api/v1/profile", &[], Vec::new())
        .await
        .ok()["accounts"][0]["name"]
        .as_str()
        .unwrap()
        .to_uppercase();
    let greeting = format!("Welcome Ana to {name}");
    assert_eq!(
        told(&listener),
        [
            pair("incoming", "Hello"),
            pair("template", &greeting),
            pair("incoming", "Anybody?")
        ]
    );
    let page = account.get(&path(&made, "/messages")).await.ok();
    let template = &page["payload"][1];
    assert_eq!(template["message_type"], 3);
    assert!(template.get("sender").is_none());
    let shown = account.get(&path(&made, "")).await.ok();
    assert_eq!(shown["first_reply_created_at"], 0, "a greeting is no reply");

    let answered = conversation(&gateway, &inbox, "Ben").await;
    add(
        &account,
        &answered,
        json!({ "content": "A note", "private": true }),
    )
    .await;
    say(&gateway, &answered, "Hello").await;
    assert_eq!(contents(&gateway, &answered).await, ["A note", "Hello"]);
    gateway.stop().await;
}

/// Closed on every day of the week.
fn closed() -> Value {
    let days: Vec<Value> = (0..7)
        .map(|day| json!({ "day_of_week": day, "closed_all_day": true, "open_all_day": false }))
        .collect();
    json!({ "working_hours_enabled": true, "working_hours": days, "timezone": "Europe/Berlin",
        "out_of_office_message": "We are closed", "greeting_enabled": true,
        "greeting_message": "Welcome" })
}

#[tokio::test]
async fn outside_of_working_hours_the_contact_is_told_so_once_a_day() {
    let (gateway, listener, inbox, made) = inbox_with(&closed()).await;
    let administrator = gateway.administrator();
    say(&gateway, &made, "Hello").await;
    say(&gateway, &made, "Hello?").await;
    gateway.settle().await;
    assert_eq!(
        told(&listener),
        [
            pair("incoming", "Hello"),
            pair("template", "We are closed"),
            pair("incoming", "Hello?")
        ],
        "whoever is told so is not greeted, too"
    );
    gateway.advance(Duration::from_hours(24)).await;
    say(&gateway, &made, "Next day").await;
    let said = contents(&gateway, &made).await;
    assert_eq!(said[3..], ["Next day", "We are closed"]);

    let answered = conversation(&gateway, &inbox, "Ben").await;
    add(&administrator, &answered, json!({ "content": "Hi" })).await;
    gateway.advance(Duration::from_secs(299)).await;
    say(&gateway, &answered, "Hello").await;
    assert_eq!(
        contents(&gateway, &answered).await,
        ["Hi", "Hello"],
        "somebody is there"
    );
    gateway.advance(Duration::from_secs(2)).await;
    say(&gateway, &answered, "Hello?").await;
    let said = contents(&gateway, &answered).await;
    assert_eq!(said, ["Hi", "Hello", "Hello?", "We are closed"]);
    gateway.stop().await;
}

#[tokio::test]
async fn within_working_hours_the_contact_is_greeted() {
    let mut settings = closed();
    for day in settings["working_hours"].as_array_mut().unwrap() {
        *day = json!({ "day_of_week": day["day_of_week"], "closed_all_day": false,
            "open_all_day": true });
    }
    let (gateway, _listener, _, made) = inbox_with(&settings).await;
    say(&gateway, &made, "Hello").await;
    assert_eq!(contents(&gateway, &made).await, ["Hello", "Welcome"]);
    gateway.stop().await;
}

#[tokio::test]
async fn whoever_was_helped_is_asked_once_how_it_was() {
    let (gateway, listener, inbox, made) =
        inbox_with(&json!({ "csat_survey_enabled": true })).await;
    let administrator = gateway.administrator();
    let toggle = path(&made, "/toggle_status");
    say(&gateway, &made, "Hello").await;
    for _ in 0..3 {
        administrator.post(&toggle, &json!({})).await.ok();
    }
    gateway.settle().await;
    let uuid = made["uuid"].as_str().unwrap();
    let told = told(&listener);
    assert_eq!(told.len(), 2, "{told:?}");
    let (kind, content) = &told[1];
    assert_eq!(kind, "template");
    let expected = format!("/survey/responses/{uuid}");
    assert!(
        content.starts_with("Please rate this conversation, http"),
        "{content}"
    );
    assert!(content.ends_with(&expected), "{content}");
    insta::assert_json_snapshot!("asked", last(&listener, "message_created"));
    let page = administrator.get(&path(&made, "/messages")).await.ok();
    let asked = page["payload"]
        .as_array()
        .unwrap()
        .iter()
        .find(|message| message["message_type"] == 3);
    let asked = asked.expect("a template");
    assert_eq!(asked["content"], "Please rate the conversation");
    assert_eq!(asked["content_type"], "input_csat");
    assert_eq!(
        asked["content_attributes"],
        json!({ "display_type": "emoji" })
    );

    let silent = conversation(&gateway, &inbox, "Ben").await;
    administrator
        .post(&path(&silent, "/toggle_status"), &json!({}))
        .await
        .ok();
    assert_eq!(
        contents(&gateway, &silent).await,
        ["Conversation was marked resolved by Administrator"],
        "whoever said nothing is not asked"
    );
    gateway.stop().await;
}

#[tokio::test]
async fn labels_decide_who_is_asked() {
    let settings = json!({ "csat_survey_enabled": true, "csat_config": { "message": "How was it?",
        "display_type": "star",
        "survey_rules": { "operator": "contains", "values": ["vip"] } } });
    let (gateway, _listener, inbox, made) = inbox_with(&settings).await;
    let administrator = gateway.administrator();
    let other = conversation(&gateway, &inbox, "Ben").await;
    let labels = json!({ "labels": ["vip"] });
    administrator
        .post(&path(&made, "/labels"), &labels)
        .await
        .ok();
    for conversation in [&made, &other] {
        say(&gateway, conversation, "Hello").await;
        administrator
            .post(&path(conversation, "/toggle_status"), &json!({}))
            .await
            .ok();
    }
    let asked = contents(&gateway, &made).await;
    assert_eq!(asked.last().map(String::as_str), Some("How was it?"));
    let not_asked = contents(&gateway, &other).await;
    assert!(
        !not_asked.contains(&"How was it?".to_owned()),
        "{not_asked:?}"
    );
    gateway.stop().await;
}

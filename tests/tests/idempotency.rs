//! `Idempotency-Key`: the same request again has one effect and one answer.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use gatewright_core::retention::Pruner;
use gatewright_store::entity::{contacts, conversations, idempotency_records, messages};
use gatewright_tests::{Actor, Answer, Options, TestDatabase, TestGateway};
use http::{Method, StatusCode};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};

async fn post(actor: &Actor, path: &str, key: &str, body: &Value) -> Answer {
    let headers = [
        ("content-type", "application/json"),
        ("idempotency-key", key),
    ];
    let bytes = body.to_string().into_bytes();
    actor.send(Method::POST, path, &headers, bytes).await
}

fn assert_same(first: &Answer, again: &Answer) {
    assert_eq!(first.status, StatusCode::OK, "{}", first.text);
    assert!(!first.headers.contains_key("idempotent-replayed"));
    assert_eq!(again.status, StatusCode::OK, "{}", again.text);
    assert_eq!(again.headers["idempotent-replayed"], "true");
    assert_eq!(again.headers["content-type"], first.headers["content-type"]);
    assert_eq!(again.text, first.text, "the first answer, byte for byte");
}

/// How many messages, conversations and contacts there are.
async fn counts(gateway: &TestGateway) -> [u64; 3] {
    let conn = gateway.gateway().kernel().db.read();
    [
        messages::Entity::find()
            .count(conn)
            .await
            .expect("a readable table"),
        conversations::Entity::find()
            .count(conn)
            .await
            .expect("a readable table"),
        contacts::Entity::find()
            .count(conn)
            .await
            .expect("a readable table"),
    ]
}

fn door(inbox: &Value, content: &str) -> Value {
    json!({
        "inbox_id": inbox["id"],
        "contact": { "phone_number": "+4915112345678", "name": "Ben" },
        "message": { "content": content, "echo_id": "e-1" },
    })
}

#[tokio::test]
async fn each_creation_is_answered_again_and_made_once() {
    let gateway = TestGateway::start().await;
    let inbox = gateway.inbox(None).await;
    let (contact, conversation) = gateway.conversation(&inbox).await;
    let administrator = gateway.administrator();
    let creations = [
        (
            "/contacts".to_owned(),
            json!({ "name": "Cy", "inbox_id": inbox["id"] }),
        ),
        (
            "/conversations".to_owned(),
            json!({ "inbox_id": inbox["id"], "contact_id": contact["contact"]["id"],
                "message": { "content": "First" } }),
        ),
        (
            format!("/conversations/{}/messages", conversation["id"]),
            json!({ "content": "Hello", "echo_id": "e" }),
        ),
    ];
    for (index, (path, body)) in creations.iter().enumerate() {
        let path = administrator.path(path);
        let key = format!("key-{index}");
        let first = post(&administrator, &path, &key, body).await;
        let after = counts(&gateway).await;
        let again = post(&administrator, &path, &key, body).await;
        assert_same(&first, &again);
        assert_eq!(counts(&gateway).await, after, "{path} made nothing again");
        let other = post(&administrator, &path, &format!("{key}'"), body).await;
        assert_ne!(other.text, first.text, "another key is another request");
    }
    gateway.stop().await;
}

#[tokio::test]
async fn the_door_answers_again_for_new_and_for_known_contacts() {
    let gateway = TestGateway::start().await;
    let inbox = gateway.inbox(None).await;
    let administrator = gateway.administrator();
    for (key, content) in [("a", "Hello"), ("b", "Hello")] {
        let first = post(
            &administrator,
            "/webhooks/api_channel",
            key,
            &door(&inbox, content),
        )
        .await;
        let again = post(
            &administrator,
            "/webhooks/api_channel",
            key,
            &door(&inbox, content),
        )
        .await;
        assert_same(&first, &again);
        assert_eq!(first.json()["echo_id"], "e-1");
        assert!(first.json()["contact_id"].is_i64());
    }
    assert_eq!(counts(&gateway).await, [2, 1, 1]);
    gateway.stop().await;
}

#[tokio::test]
async fn a_key_belongs_to_one_request_of_one_token() {
    let gateway = TestGateway::start().await;
    let inbox = gateway.inbox(None).await;
    let administrator = gateway.administrator();
    let path = "/webhooks/api_channel";
    post(&administrator, path, "k", &door(&inbox, "Hello"))
        .await
        .ok();
    let refused = post(&administrator, path, "k", &door(&inbox, "Bye")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        refused.json()["error"],
        "this Idempotency-Key was used with another request: use a new key"
    );
    let contact = administrator.path("/contacts");
    let refused = post(&administrator, &contact, "k", &door(&inbox, "Hello")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(counts(&gateway).await, [1, 1, 1]);
    let other = gateway.other_account().await;
    let made = post(&other, &other.path("/contacts"), "k", &json!({})).await;
    assert!(
        !made.headers.contains_key("idempotent-replayed"),
        "another token's"
    );
    made.ok();
    gateway.stop().await;
}

#[tokio::test]
async fn what_failed_is_tried_again_and_a_bad_key_is_refused() {
    let gateway = TestGateway::start().await;
    let inbox = gateway.inbox(None).await;
    let administrator = gateway.administrator();
    let path = administrator.path("/contacts");
    let body = json!({ "name": "A", "email": "a@example.com", "inbox_id": 999 });
    let missing = post(&administrator, &path, "k", &body).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    let body = json!({ "name": "A", "email": "a@example.com", "inbox_id": inbox["id"] });
    post(&administrator, &path, "k", &body).await.ok();
    let long = "k".repeat(256);
    for key in [long.as_str(), "\u{e9}"] {
        let refused = post(&administrator, &path, key, &body).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{key}");
        assert!(refused.text.contains("Idempotency-Key must be 1 to 255"));
    }
    gateway.stop().await;
}

#[tokio::test]
async fn an_answer_is_kept_for_a_day() {
    let gateway = TestGateway::start().await;
    let inbox = gateway.inbox(None).await;
    let administrator = gateway.administrator();
    let path = "/webhooks/api_channel";
    let first = post(&administrator, path, "k", &door(&inbox, "Hello")).await;
    gateway.advance(Duration::from_hours(23)).await;
    let again = post(&administrator, path, "k", &door(&inbox, "Hello")).await;
    assert_same(&first, &again);
    gateway.advance(Duration::from_hours(1)).await;
    let new = post(&administrator, path, "k", &door(&inbox, "Hello")).await;
    assert_ne!(new.ok()["id"], first.json()["id"]);
    gateway.stop().await;
}

#[tokio::test]
async fn an_answer_is_kept_when_the_time_of_day_jumps() {
    let gateway = TestGateway::start().await;
    let inbox = gateway.inbox(None).await;
    let administrator = gateway.administrator();
    let path = "/webhooks/api_channel";
    let first = post(&administrator, path, "k", &door(&inbox, "Hello")).await;
    gateway.jump(Duration::from_hours(48));
    let kernel = Arc::clone(gateway.gateway().kernel());
    Pruner::new(kernel).run().await;
    let again = post(&administrator, path, "k", &door(&inbox, "Hello")).await;
    assert_same(&first, &again);
    gateway.stop().await;
}

#[tokio::test]
async fn of_many_at_once_one_has_an_effect_on_one_node_and_on_two() {
    let gateway = TestGateway::start().await;
    let second = if TestDatabase::is_postgres() {
        Some(gateway.second_node(Options::default()).await)
    } else {
        None
    };
    let inbox = gateway.inbox(None).await;
    let mut callers = vec![gateway.administrator()];
    callers.extend(second.as_ref().map(TestGateway::administrator));
    for round in ["first", "known"] {
        let posts = (0..16).map(|index| {
            let caller = callers[index % callers.len()].clone();
            let body = door(&inbox, round);
            tokio::spawn(async move { post(&caller, "/webhooks/api_channel", round, &body).await })
        });
        let answers: Vec<Answer> = join_all(posts)
            .await
            .into_iter()
            .map(Result::unwrap)
            .collect();
        let done: Vec<&Answer> = answers.iter().filter(|a| a.status == 200).collect();
        assert!(!done.is_empty(), "somebody was answered");
        for answer in &answers {
            match answer.status.as_u16() {
                200 => assert_eq!(answer.json()["id"], done[0].json()["id"]),
                status => assert_eq!(status, 409, "{}", answer.text),
            }
        }
    }
    let conn = gateway.gateway().kernel().db.read();
    assert_eq!(messages::Entity::find().count(conn).await.unwrap(), 2);
    let kept = idempotency_records::Entity::find().count(conn).await;
    assert_eq!(kept.unwrap(), 2);
    if let Some(second) = second {
        second.stop().await;
    }
    gateway.stop().await;
}

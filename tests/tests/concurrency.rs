//! Many at once: nothing is made twice, nothing is lost, order holds; on one node and on two.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use gatewright_store::entity::{contact_inboxes, contacts, conversations, messages};
use gatewright_tests::{Actor, Answer, Listener, Options, TestDatabase, TestGateway};
use http::{Method, StatusCode};
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::{Value, json};

const PARALLEL: usize = 64;
const REPEATS: usize = 16;

/// Posts all bodies at once, each as a task of its own, to the callers in turn.
async fn post_all(callers: &[Actor], path: &str, bodies: Vec<Value>) -> Vec<Answer> {
    let tasks = bodies.into_iter().zip(callers.iter().cycle().cloned());
    let tasks = tasks.map(|(body, caller)| {
        let path = path.to_owned();
        tokio::spawn(async move { caller.json(Method::POST, &path, &body).await })
    });
    let answers = join_all(tasks).await;
    answers
        .into_iter()
        .map(|answer| answer.expect("the request ends"))
        .collect()
}

fn message(inbox: &Value, content: &str, source_id: Option<&str>) -> Value {
    json!({
        "inbox_id": inbox["id"],
        "contact": { "phone_number": "+4915112345678", "name": "Ben" },
        "message": { "content": content, "source_id": source_id },
    })
}

async fn stored(gateway: &TestGateway) -> Vec<messages::Model> {
    messages::Entity::find()
        .order_by_asc(messages::Column::Seq)
        .all(gateway.gateway().kernel().db.read())
        .await
        .expect("messages are read")
}

/// One contact, one presence, one conversation.
async fn assert_one_of_each(gateway: &TestGateway) {
    let conn = gateway.gateway().kernel().db.read();
    let people = contacts::Entity::find()
        .all(conn)
        .await
        .expect("a readable table");
    let presences = contact_inboxes::Entity::find()
        .all(conn)
        .await
        .expect("a readable table");
    let conversations = conversations::Entity::find()
        .all(conn)
        .await
        .expect("a readable table");
    let found = (people.len(), presences.len(), conversations.len());
    assert_eq!(found, (1, 1, 1));
    assert_eq!(presences[0].contact_id, people[0].id);
    assert_eq!(conversations[0].contact_inbox_id, presences[0].id);
}

/// First messages of somebody unknown, all at once, through these nodes.
async fn first_messages(gateway: &TestGateway, callers: &[Actor]) {
    let listener = Listener::start().await;
    let inbox = gateway.inbox(Some(listener.url("/callback"))).await;
    let bodies = (0..PARALLEL)
        .map(|number| message(&inbox, &format!("m{number}"), None))
        .collect();
    let answers = post_all(callers, "/webhooks/api_channel", bodies).await;
    let told: BTreeSet<i64> = answers
        .iter()
        .map(|answer| answer.ok()["id"].as_i64().expect("an id"))
        .collect();
    assert_eq!(told.len(), PARALLEL, "each was stored for itself");
    assert_one_of_each(gateway).await;
    let rows = stored(gateway).await;
    let seqs: Vec<i64> = rows.iter().map(|row| row.seq).collect();
    let expected: Vec<i64> = (1..).take(PARALLEL).collect();
    assert_eq!(seqs, expected, "gapless");
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    assert!(ids.is_sorted(), "ids rise with seq: {ids:?}");
    assert_eq!(told, ids.iter().copied().collect(), "what was answered");
    assert_told_in_order(&listener, &ids).await;
}

/// The callback hears of the conversation, then of each message, in the order of their ids.
async fn assert_told_in_order(listener: &Listener, ids: &[i64]) {
    listener
        .wait_until(|listener| listener.accepted().len() > ids.len())
        .await;
    let events = listener.events();
    assert_eq!(events[0], "conversation_created");
    let told: Vec<i64> = listener.accepted()[1..]
        .iter()
        .map(|received| {
            assert_eq!(received.event(), "message_created");
            received.json()["id"].as_i64().expect("an id")
        })
        .collect();
    assert_eq!(told, ids);
}

/// The same message, sent many times at once through these nodes.
async fn repeats(gateway: &TestGateway, callers: &[Actor]) {
    let inbox = gateway.inbox(None).await;
    let bodies = vec![message(&inbox, "Hello", Some("m-1")); REPEATS];
    let answers = post_all(callers, "/webhooks/api_channel", bodies).await;
    let ids: BTreeSet<i64> = answers
        .iter()
        .map(|answer| answer.ok()["id"].as_i64().expect("an id"))
        .collect();
    assert_eq!(ids.len(), 1, "all are told of one message");
    let replayed = answers
        .iter()
        .filter(|answer| answer.headers.contains_key("idempotent-replayed"))
        .inspect(|answer| assert_eq!(answer.headers["idempotent-replayed"], "true"))
        .count();
    assert_eq!(replayed, REPEATS - 1);
    assert_one_of_each(gateway).await;
    let rows = stored(gateway).await;
    assert_eq!(rows.len(), 1);
    assert!(ids.contains(&rows[0].id));
    assert_eq!(rows[0].seq, 1, "a repeat uses no number up");
}

/// Two nodes, and a caller of each. Their end is the test's.
async fn two_nodes() -> (TestGateway, TestGateway, [Actor; 2]) {
    let first = TestGateway::start().await;
    let second = first.second_node(Options::default()).await;
    let callers = [first.administrator(), second.administrator()];
    (first, second, callers)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_first_messages_at_once_make_one_conversation() {
    let gateway = TestGateway::start().await;
    first_messages(&gateway, &[gateway.administrator()]).await;
    gateway.settle().await;
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_first_messages_at_two_nodes_make_one_conversation() {
    if !TestDatabase::is_postgres() {
        return;
    }
    let (first, second, callers) = two_nodes().await;
    first_messages(&first, &callers).await;
    second.stop().await;
    first.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_copies_at_once_are_one_message() {
    let gateway = TestGateway::start().await;
    repeats(&gateway, &[gateway.administrator()]).await;
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_copies_at_two_nodes_are_one_message() {
    if !TestDatabase::is_postgres() {
        return;
    }
    let (first, second, callers) = two_nodes().await;
    repeats(&first, &callers).await;
    second.stop().await;
    first.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_email_makes_one_contact() {
    let gateway = TestGateway::start().await;
    let administrator = gateway.administrator();
    let body = json!({ "name": "Ana", "email": "ana@example.com" });
    let path = administrator.path("/contacts");
    let answers = post_all(&[administrator], &path, vec![body; REPEATS]).await;
    let (made, refused): (Vec<_>, Vec<_>) = answers
        .iter()
        .partition(|answer| answer.status == StatusCode::OK);
    assert_eq!(made.len(), 1);
    for answer in refused {
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer.json()["message"], "Email has already been taken");
    }
    let conn = gateway.gateway().kernel().db.read();
    let people = contacts::Entity::find()
        .all(conn)
        .await
        .expect("a readable table");
    assert_eq!(people.len(), 1);
    gateway.stop().await;
}

//! Merges and removals while everybody writes: nothing is lost, nothing fails, order holds.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use gatewright_store::entity::{contacts, conversations, messages};
use gatewright_tests::{Actor, Answer, Options, TestDatabase, TestGateway};
use http::Method;
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::{Value, json};

use crate::support::talking;

const MESSAGES: usize = 40;

/// Posts to every conversation at once by agents, by the door and by the contacts' clients, and
/// merges the contacts into the first one meanwhile.
async fn race(gateway: &TestGateway, callers: &[Actor]) {
    let inbox = gateway.inbox(None).await;
    let mut people = Vec::new();
    for number in 0..4 {
        let name = format!("p{number}");
        people.push(talking(&callers[0], &inbox, &name, &name).await);
    }
    let mut tasks = Vec::new();
    for number in 0..MESSAGES {
        let (_, conversation) = &people[number % people.len()];
        let caller = callers[number % callers.len()].clone();
        let request = match number % 3 {
            0 => by_the_door(&inbox, number, people.len()),
            1 => by_its_client(&inbox, conversation, number, people.len()),
            _ => by_an_agent(&caller, conversation, number),
        };
        tasks.push(tokio::spawn(send(caller, request)));
    }
    let base = people[0].0["id"].clone();
    for (index, (mergee, _)) in people.iter().enumerate().skip(1) {
        let caller = callers[index % callers.len()].clone();
        let body = json!({ "base_contact_id": base, "mergee_contact_id": mergee["id"] });
        let path = caller.path("/actions/contact_merge");
        tasks.push(tokio::spawn(send(caller, (path, body))));
    }
    let answers = join_all(tasks).await;
    let ids: BTreeSet<i64> = answers
        .into_iter()
        .map(|answer| answer.expect("the request ends").ok())
        .filter(|body| body.get("content").is_some())
        .map(|body| body["id"].as_i64().expect("an id"))
        .collect();
    assert_eq!(ids.len(), MESSAGES, "each was stored for itself");
    assert_whole(gateway, &ids, people.len()).await;
}

async fn send(caller: Actor, (path, body): (String, Value)) -> Answer {
    caller.json(Method::POST, &path, &body).await
}

fn by_an_agent(caller: &Actor, conversation: &Value, number: usize) -> (String, Value) {
    let path = caller.path(&format!("/conversations/{}/messages", conversation["id"]));
    let body = json!({ "content": format!("m{number}"), "message_type": "incoming" });
    (path, body)
}

fn by_its_client(
    inbox: &Value,
    conversation: &Value,
    number: usize,
    people: usize,
) -> (String, Value) {
    let identifier = inbox["inbox_identifier"].as_str().expect("an identifier");
    let path = format!(
        "/public/api/v1/inboxes/{identifier}/contacts/p{}/conversations/{}/messages",
        number % people,
        conversation["id"]
    );
    (path, json!({ "content": format!("m{number}") }))
}

fn by_the_door(inbox: &Value, number: usize, people: usize) -> (String, Value) {
    let source_id = format!("p{}", number % people);
    let body = json!({ "inbox_id": inbox["id"], "contact": { "source_id": source_id },
        "message": { "content": format!("m{number}") } });
    ("/webhooks/api_channel".to_owned(), body)
}

/// One contact is left, has everything, and every conversation counts without a gap.
async fn assert_whole(gateway: &TestGateway, told: &BTreeSet<i64>, talks: usize) {
    let conn = gateway.gateway().kernel().db.read();
    let people = contacts::Entity::find().all(conn).await.expect("contacts");
    assert_eq!(people.len(), 1);
    let found = conversations::Entity::find()
        .all(conn)
        .await
        .expect("conversations");
    assert_eq!(found.len(), talks);
    assert!(found.iter().all(|row| row.contact_id == people[0].id));
    let rows = messages::Entity::find()
        .order_by_asc(messages::Column::ConversationId)
        .order_by_asc(messages::Column::Seq)
        .all(conn)
        .await
        .expect("messages");
    assert_eq!(rows.len(), told.len() + talks);
    assert!(rows.iter().all(|row| row.sender_id == Some(people[0].id)));
    for talk in &found {
        let of: Vec<_> = rows
            .iter()
            .filter(|row| row.conversation_id == talk.id)
            .collect();
        let seqs: Vec<i64> = of.iter().map(|row| row.seq).collect();
        let gapless: Vec<i64> = (1..).take(of.len()).collect();
        assert_eq!(seqs, gapless, "gapless");
        assert!(of.is_sorted_by_key(|row| row.id), "ids rise with seq");
        assert_eq!(talk.last_seq, *gapless.last().expect("a message"));
    }
    let stored: BTreeSet<i64> = rows.iter().map(|row| row.id).collect();
    assert!(told.is_subset(&stored), "what was answered is stored");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_are_stored_while_contacts_merge() {
    let gateway = TestGateway::start().await;
    race(&gateway, &[gateway.administrator()]).await;
    gateway.settle().await;
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_are_stored_while_contacts_merge_at_two_nodes() {
    if !TestDatabase::is_postgres() {
        return;
    }
    let first = TestGateway::start().await;
    let second = first.second_node(Options::default()).await;
    let callers = [first.administrator(), second.administrator()];
    race(&first, &callers).await;
    second.stop().await;
    first.stop().await;
}

/// Whoever comes too late finds nothing; nobody fails otherwise, and nothing is left behind.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_contact_is_removed_while_it_writes() {
    let gateway = TestGateway::start().await;
    let administrator = gateway.administrator();
    let inbox = gateway.inbox(None).await;
    let (contact, conversation) = talking(&administrator, &inbox, "Ana", "p0").await;
    let mut tasks = Vec::new();
    for number in 0..MESSAGES {
        let request = by_an_agent(&administrator, &conversation, number);
        tasks.push(tokio::spawn(send(administrator.clone(), request)));
        if number == MESSAGES / 2 {
            let (caller, path) = (
                administrator.clone(),
                format!("/contacts/{}", contact["id"]),
            );
            tasks.push(tokio::spawn(async move { caller.delete(&path).await }));
        }
    }
    for answer in join_all(tasks).await {
        let answer = answer.expect("the request ends");
        assert!(
            matches!(answer.status.as_u16(), 200 | 404),
            "{}",
            answer.text
        );
    }
    gateway.settle().await;
    let tables = gateway.tables().await;
    let rows = tables.read().await;
    for table in ["contacts", "contact_inboxes", "conversations", "messages"] {
        assert_eq!(rows.rows(table).len(), 0, "{table}");
    }
    tables.close().await;
    gateway.stop().await;
}

/// Of many who want the same key, one gets it and the others are told whose it is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_email_is_given_to_one_contact() {
    let gateway = TestGateway::start().await;
    let administrator = gateway.administrator();
    let mut tasks = Vec::new();
    for number in 0..12 {
        let body = json!({ "name": format!("c{number}") });
        let made = crate::support::contact(&administrator, &body).await;
        let path = administrator.path(&format!("/contacts/{}", made["id"]));
        let body = json!({ "email": "one@example.com" });
        let caller = administrator.clone();
        tasks.push(async move { caller.json(Method::PATCH, &path, &body).await });
    }
    let tasks: Vec<_> = tasks.into_iter().map(tokio::spawn).collect();
    let answers = join_all(tasks).await;
    let (won, lost): (Vec<_>, Vec<_>) = answers
        .into_iter()
        .map(|answer| answer.expect("the request ends"))
        .partition(|answer| answer.status == 200);
    assert_eq!(won.len(), 1);
    for answer in lost {
        assert_eq!(answer.json()["message"], "Email has already been taken");
    }
    gateway.stop().await;
}

//! A bridge's day: everything that a bridge between an app and its agents does, from its inbox to
//! the last removal. In the evening every count is right, and every message can be explained.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use gatewright_store::entity::{contacts, conversations, messages};
use gatewright_tests::{Actor, Answer, Form, Listener, Options, TestGateway};
use http::Method;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};

const CONTACTS: usize = 1_000;
/// Requests under way at a time.
const PARALLEL: usize = 32;
/// Contacts that are answered, and how many of the answers are reported as read.
const ANSWERED: usize = 200;
const READ: usize = 100;
const PICTURES: usize = 20;
/// Messages during the outage of the callback.
const MISSED: usize = 50;
/// Messages that come again, and how often.
const REPEATED: usize = 100;
const REPEATS: usize = 3;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x03\0\0\0\x02\x08\x02\0\0\0\x12\x16\xf1M";

/// The bridge and what it knows.
struct Bridge {
    gateway: TestGateway,
    listener: Listener,
    inbox: Value,
    /// Number of each contact's conversation.
    conversations: Vec<i64>,
    /// Every message that was acknowledged: its id, and its conversation.
    acknowledged: BTreeMap<i64, i64>,
}

impl Bridge {
    async fn open() -> Self {
        let listener = Listener::start().await;
        let gateway = TestGateway::with(Options {
            probe_after: 1_000,
            ..Options::default()
        })
        .await;
        let inbox = gateway.inbox(Some(listener.url("/callback"))).await;
        Self {
            gateway,
            listener,
            inbox,
            conversations: Vec::new(),
            acknowledged: BTreeMap::new(),
        }
    }

    fn me(&self) -> Actor {
        self.gateway.administrator()
    }

    /// Posts all bodies to their paths, some at a time, and answers in their order.
    async fn post_all(&self, requests: Vec<(String, Value)>) -> Vec<Answer> {
        stream::iter(requests)
            .map(|(path, body)| {
                let me = self.me();
                async move { me.json(Method::POST, &path, &body).await }
            })
            .buffered(PARALLEL)
            .collect()
            .await
    }

    /// Notes what was acknowledged.
    fn note(&mut self, answers: &[Answer]) -> Vec<Value> {
        let messages: Vec<Value> = answers.iter().map(Answer::ok).collect();
        for message in &messages {
            let id = message["id"].as_i64().expect("an id");
            let conversation = message["conversation_id"].as_i64().expect("a number");
            self.acknowledged.insert(id, conversation);
        }
        messages
    }

    /// What the contact of this number says through the one-request door.
    fn said(&self, number: usize, text: &str) -> (String, Value) {
        let body = json!({
            "inbox_id": self.inbox["id"],
            "contact": { "source_id": format!("p-{number}") },
            "message": { "content": text, "source_id": format!("{text}-{number}") },
        });
        ("/webhooks/api_channel".to_owned(), body)
    }

    fn messages_of(&self, number: usize) -> String {
        let conversation = self.conversations[number];
        self.me()
            .path(&format!("/conversations/{conversation}/messages"))
    }

    async fn contacts(&self) -> Vec<i64> {
        let path = self.me().path("/contacts");
        let new = |number| {
            json!({ "name": format!("Person {number}"), "identifier": format!("crm-{number}"),
                "inbox_id": self.inbox["id"], "source_id": format!("p-{number}") })
        };
        let requests = (0..CONTACTS).map(|number| (path.clone(), new(number)));
        let answers = self.post_all(requests.collect()).await;
        let id = |answer: &Answer| answer.ok()["payload"]["contact"]["id"].as_i64();
        answers.iter().filter_map(id).collect()
    }

    /// Everybody writes; the first ones are answered, and some of the answers are read.
    async fn talk(&mut self) {
        let requests = (0..CONTACTS).map(|number| self.said(number, "hello"));
        let answers = self.post_all(requests.collect()).await;
        let stored = self.note(&answers);
        self.conversations = stored
            .iter()
            .filter_map(|message| message["conversation_id"].as_i64())
            .collect();
        let reply = |number| {
            (
                self.messages_of(number),
                json!({ "content": "How can I help?" }),
            )
        };
        let answers = self.post_all((0..ANSWERED).map(reply).collect()).await;
        let sent = self.note(&answers);
        for message in &sent[..READ] {
            let path = format!(
                "/conversations/{}/messages/{}",
                message["conversation_id"], message["id"]
            );
            for status in ["delivered", "read"] {
                let body = json!({ "status": status });
                let reported = self.me().patch(&path, &body).await.ok();
                assert_eq!(reported["status"], status);
            }
        }
    }

    async fn send_pictures(&mut self) {
        let mut answers = Vec::new();
        for number in 0..PICTURES {
            let form =
                Form::new()
                    .text("content", "See")
                    .file("attachments[]", "p.png", "image/png", PNG);
            let path = format!("/conversations/{}/messages", self.conversations[number]);
            answers.push(self.me().form(&path, form).await);
        }
        for message in self.note(&answers) {
            assert_eq!(message["attachments"][0]["file_type"], "image");
        }
    }

    /// The callback is down while people go on writing, and its secret changes meanwhile.
    async fn outage(&mut self) {
        self.gateway.settle().await;
        self.listener.answer(503);
        let requests = (0..MISSED).map(|number| self.said(number, "anybody there"));
        let answers = self.post_all(requests.collect()).await;
        self.note(&answers);
        let path = format!("/inboxes/{}/signing_secret", self.inbox["id"]);
        let rotated = self.me().post(&path, &json!({})).await.ok();
        assert_ne!(rotated["signing_secret"], self.inbox["signing_secret"]);
        self.gateway.settle().await;
        self.listener.answer(200);
        self.gateway.advance(Duration::from_mins(10)).await;
    }

    /// The app sends again what was acknowledged long ago.
    async fn storm(&mut self) {
        let known = self.acknowledged.clone();
        let requests = (0..REPEATS * REPEATED).map(|index| self.said(index % REPEATED, "hello"));
        let answers = self.post_all(requests.collect()).await;
        for answer in &answers {
            assert_eq!(answer.headers["idempotent-replayed"], "true");
        }
        self.note(&answers);
        assert_eq!(self.acknowledged, known, "nothing is new");
    }

    /// Two people turn out to be one, and one wants to be forgotten.
    async fn tidy(&mut self, people: &[i64]) -> i64 {
        let [.., base, mergee, gone] = people else {
            panic!("there are more than three people");
        };
        let body = json!({ "base_contact_id": base, "mergee_contact_id": mergee });
        let survivor = self.me().post("/actions/contact_merge", &body).await.ok();
        assert_eq!(survivor["id"], *base);
        let theirs = format!("/contacts/{base}/conversations");
        let theirs = self.me().get(&theirs).await.ok();
        assert_eq!(theirs["payload"].as_array().map(Vec::len), Some(2));
        self.me().delete(&format!("/contacts/{gone}")).await.ok();
        let conversation = self.conversations.pop().expect("the last one's");
        self.acknowledged.retain(|_, of| *of != conversation);
        conversation
    }

    async fn assert_counts(&self) {
        let conn = self.gateway.gateway().kernel().db.read();
        let counts = [
            contacts::Entity::find()
                .count(conn)
                .await
                .expect("a readable table"),
            conversations::Entity::find()
                .count(conn)
                .await
                .expect("a readable table"),
        ];
        assert_eq!(counts, [998, 999], "one merged, one removed");
        let stored: BTreeSet<i64> = messages::Entity::find()
            .all(conn)
            .await
            .expect("a readable table")
            .into_iter()
            .map(|row| row.id)
            .collect();
        let known: BTreeSet<i64> = self.acknowledged.keys().copied().collect();
        assert_eq!(stored, known, "what was acknowledged, and nothing else");
        let listed = self.me().get("/contacts").await.ok();
        assert_eq!(listed["meta"]["count"], 998);
    }

    /// The callback was told of every message once, in the order of each conversation.
    fn assert_told(&self, gone: i64) {
        let mut last: BTreeMap<i64, i64> = BTreeMap::new();
        let mut told: BTreeMap<i64, String> = BTreeMap::new();
        for received in self.listener.accepted() {
            if received.event() != "message_created" {
                continue;
            }
            let body = received.json();
            let id = body["id"].as_i64().expect("an id");
            let conversation = body["conversation"]["id"].as_i64().expect("a number");
            let delivery = received.header("webhook-id");
            assert_eq!(told.insert(id, delivery), None, "message {id} came twice");
            if conversation != gone && received.header("x-gatewright-late").is_empty() {
                let before = last.insert(conversation, id).unwrap_or_default();
                assert!(before < id, "conversation {conversation}: {before}, {id}");
            }
        }
        for id in self.acknowledged.keys() {
            assert!(told.contains_key(id), "nobody was told of message {id}");
        }
    }

    async fn assert_explained(&self) {
        let traces = stream::iter(self.acknowledged.keys())
            .map(|id| {
                let path = format!("/messages/{id}/trace");
                let me = self.me();
                async move { me.get(&path).await.ok()["payload"].clone() }
            })
            .buffered(PARALLEL);
        let traces: Vec<Value> = traces.collect().await;
        for trace in traces {
            let hops = trace["hops"].as_array().expect("hops");
            assert_eq!(hops[0]["hop"], "stored", "{trace}");
            assert!(
                hops.iter().any(|hop| hop["event"] == "message_created"),
                "{trace}"
            );
            let deliveries = trace["deliveries"].as_array().expect("deliveries");
            assert!(!deliveries.is_empty(), "{trace}");
            for delivery in deliveries {
                assert_eq!(delivery["state"], "delivered", "{trace}");
            }
        }
    }
}

#[tokio::test]
async fn a_bridges_day_ends_with_every_count_right() {
    let mut bridge = Bridge::open().await;
    let people = bridge.contacts().await;
    assert_eq!(people.len(), CONTACTS);
    bridge.talk().await;
    bridge.send_pictures().await;
    bridge.outage().await;
    bridge.storm().await;
    bridge.gateway.settle().await;
    let gone = bridge.tidy(&people).await;
    bridge.gateway.settle().await;
    assert_eq!(
        bridge.acknowledged.len(),
        CONTACTS + ANSWERED + PICTURES + MISSED - 1
    );
    bridge.assert_counts().await;
    bridge.assert_told(gone);
    bridge.assert_explained().await;
    bridge.gateway.stop().await;
}

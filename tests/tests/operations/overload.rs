//! More than the gateway takes: it says so, and goes on.

use std::net::SocketAddr;

use futures_util::future::join_all;
use gatewright_tests::{Actor, Listener, Options, TestGateway};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

const KIB: usize = 1024;

const NO_MEMORY: &str = "Too many bytes of request bodies are in memory";

fn tight() -> Options {
    Options {
        adjust: |config| {
            config.server.max_connections = 8;
            config.server.max_body_memory = 1024 * KIB;
            config.http.max_body_bytes = 1024 * KIB;
        },
        ..Options::default()
    }
}

/// What a connection answered.
struct Told {
    status: u16,
    head: String,
    body: Value,
}

impl Told {
    fn read(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").expect("an answer");
        let status = head.split(' ').nth(1).expect("a status");
        Self {
            status: status.parse().expect("a number"),
            head: head.to_lowercase(),
            body: serde_json::from_str(body).unwrap_or_default(),
        }
    }

    fn assert_later(&self, reason: &str) {
        assert_eq!(self.status, 503, "{}", self.body);
        assert!(self.head.contains("retry-after: 1\r\n"), "{}", self.head);
        let error = self.body["error"].as_str().unwrap_or_default();
        assert!(error.starts_with(reason), "{}", self.body);
    }
}

struct Client {
    address: SocketAddr,
    token: String,
    path: String,
}

impl Client {
    /// A request for a contact whose name fills a body of so many bytes: head and body.
    fn large(&self, bytes: usize) -> (String, String) {
        let body = json!({ "name": "Ana", "custom_attributes": { "a": "x".repeat(bytes) } });
        let body = body.to_string();
        let head = format!(
            "POST {} HTTP/1.1\r\nHost: x\r\nConnection: close\r\napi-access-token: {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            self.path,
            self.token,
            body.len()
        );
        (head, body)
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("it listens")
    }

    async fn get(&self, path: &str) -> Told {
        let mut stream = self.connect().await;
        let head = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).await.expect("it is sent");
        finish(stream).await
    }

    /// Sends a request but for its last byte; one that is refused early may not be taken so far.
    async fn begin(&self, bytes: usize) -> TcpStream {
        let (head, body) = self.large(bytes);
        let mut stream = self.connect().await;
        let begun = head + &body[..body.len() - 1];
        drop(stream.write_all(begun.as_bytes()).await);
        stream
    }

    /// Sends a whole request; one that is refused early may not be taken whole.
    async fn post(&self, bytes: usize) -> Told {
        let (head, body) = self.large(bytes);
        let mut stream = self.connect().await;
        stream.write_all(head.as_bytes()).await.expect("it is sent");
        drop(stream.write_all(body.as_bytes()).await);
        finish(stream).await
    }
}

async fn finish(mut stream: TcpStream) -> Told {
    let mut bytes = Vec::new();
    // A reset is a way of closing, too: what came before it counts.
    drop(stream.read_to_end(&mut bytes).await);
    Told::read(&String::from_utf8(bytes).expect("text"))
}

/// Runs `flood` against a gateway that listens.
async fn flooded(flood: impl AsyncFnOnce(&Client)) {
    let gateway = TestGateway::with(tight()).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let administrator = gateway.administrator();
    let client = Client {
        address: listener.local_addr().expect("an address"),
        token: administrator.token().expect("a token").to_owned(),
        path: administrator.path("/contacts"),
    };
    let (stop, stopped) = oneshot::channel::<()>();
    let flooding = async {
        flood(&client).await;
        drop(stop);
    };
    let serving = gateway.gateway().serve(listener, async {
        drop(stopped.await);
    });
    let (served, ()) = tokio::join!(serving, flooding);
    served.expect("it ends");
    gateway.stop().await;
}

#[tokio::test]
async fn bodies_that_find_no_memory_are_refused_until_there_is_some() {
    flooded(async |client| {
        // Two fit. Whichever of three comes last is refused, and that may be one of these.
        let mut unfinished = Vec::new();
        let refused = loop {
            unfinished.push(client.begin(480 * KIB).await);
            let told = client.post(480 * KIB).await;
            if told.status != 200 {
                break told;
            }
        };
        refused.assert_later(NO_MEMORY);
        assert_eq!(client.get("/healthz").await.status, 200);
        assert_eq!(client.get("/readyz").await.status, 200, "others are served");
        let mut served = 0;
        for mut stream in unfinished {
            drop(stream.write_all(b"}").await);
            let told = finish(stream).await;
            if told.status == 200 {
                served += 1;
            } else {
                told.assert_later(NO_MEMORY);
            }
        }
        assert!((1..=2).contains(&served), "{served}");
        while client.post(480 * KIB).await.status != 200 {}
    })
    .await;
}

#[tokio::test]
async fn connections_that_are_too_many_are_told_so_until_there_is_room() {
    flooded(async |client| {
        let mut idle = Vec::new();
        for _ in 0..8 {
            idle.push(client.connect().await);
        }
        let refused = loop {
            let told = client.get("/api").await;
            if told.status != 200 {
                break told;
            }
        };
        refused.assert_later("Too many connections are open");
        assert_eq!(client.get("/healthz").await.status, 200, "watchers get in");
        let metrics = client.get("/metrics").await;
        assert_eq!(metrics.status, 200);
        drop(idle);
        while client.get("/api").await.status != 200 {}
    })
    .await;
}

async fn say(administrator: &Actor, conversation: &Value) -> Value {
    let path = format!("/conversations/{}/messages", conversation["id"]);
    let said = administrator.post(&path, &json!({ "content": "Hi" })).await;
    said.ok()
}

#[tokio::test]
async fn messages_beyond_the_bytes_that_may_wait_are_refused_and_not_stored() {
    let options = Options {
        // One passes while no other waits.
        adjust: |config| config.intake.queue_bytes = 1,
        ..Options::default()
    };
    let gateway = TestGateway::with(options).await;
    let inbox = gateway.inbox(None).await;
    let (_, conversation) = gateway.conversation(&inbox).await;
    let administrator = gateway.administrator();
    let path = format!("/conversations/{}/messages", conversation["id"]);
    let body = json!({ "content": "Hi" });
    let answers = join_all((0..64).map(|_| administrator.post(&path, &body))).await;
    let refused = answers.iter().filter(|answer| answer.status != 200);
    let mut count = 0;
    for answer in refused {
        assert_eq!(answer.status, 503, "{}", answer.text);
        assert_eq!(answer.headers["retry-after"], "1");
        count += 1;
    }
    assert!((1..64).contains(&count), "{count} were refused");
    say(&administrator, &conversation).await;
    let stored = administrator.get(&path).await.ok();
    let stored = stored["payload"].as_array().expect("a page").len();
    assert_eq!(stored, std::cmp::min(64 - count + 1, 20), "a page is 20");
    gateway.stop().await;
}

#[tokio::test]
async fn events_beyond_the_bytes_that_may_be_on_their_way_wait_in_the_database() {
    let options = Options {
        timeout_ms: 3_000,
        // One passes while no other is on its way.
        adjust: |config| config.delivery.max_bytes = 1,
        ..Options::default()
    };
    let (gateway, silent, conversation) = TestGateway::seeded(options).await;
    let other = Listener::start().await;
    let inbox = gateway.inbox(Some(other.url("/callback"))).await;
    let (_, beside) = gateway.conversation(&inbox).await;
    gateway.settle().await;
    let administrator = gateway.administrator();
    let (came, arrived) = (silent.received().len(), other.accepted().len());
    silent.then(&[Listener::SILENT]);
    say(&administrator, &conversation).await;
    silent.wait(came + 1).await;
    let said = say(&administrator, &beside).await;
    let path = format!("/deliveries?message_id={}", said["id"]);
    let waiting = administrator.get(&path).await.ok();
    assert_eq!(waiting["payload"][0]["state"], "queued", "{waiting}");
    other
        .wait_until(|other| other.accepted().len() > arrived)
        .await;
    gateway.stop().await;
}

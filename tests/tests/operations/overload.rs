//! More than the gateway takes: it says so, and goes on.

use std::net::SocketAddr;

use gatewright_tests::{Options, TestGateway};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

const KIB: usize = 1024;

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

    fn assert_later(&self) {
        assert_eq!(self.status, 503, "{}", self.body);
        assert!(self.head.contains("retry-after: 1"), "{}", self.head);
        assert!(self.body["error"].is_string(), "{}", self.body);
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
        refused.assert_later();
        assert_eq!(client.get("/healthz").await.status, 200);
        assert_eq!(client.get("/readyz").await.status, 200, "others are served");
        let mut served = 0;
        for mut stream in unfinished {
            drop(stream.write_all(b"}").await);
            let told = finish(stream).await;
            if told.status == 200 {
                served += 1;
            } else {
                told.assert_later();
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
        refused.assert_later();
        assert_eq!(client.get("/healthz").await.status, 200, "watchers get in");
        let metrics = client.get("/metrics").await;
        assert_eq!(metrics.status, 200);
        drop(idle);
        while client.get("/api").await.status != 200 {}
    })
    .await;
}

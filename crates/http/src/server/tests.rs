//! The server, through raw sockets.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{Router, extract::ConnectInfo, routing::get};
use http::HeaderMap;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Notify, oneshot},
    task::JoinHandle,
};

use super::{Drained, Routers, ServerConfig, serve};
use crate::token::api_access_token;

/// No test waits this long unless it fails.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Clone, Default)]
struct Gate {
    entered: Arc<Notify>,
    opened: Arc<Notify>,
}

struct Server {
    address: SocketAddr,
    gate: Gate,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<Drained>,
}

impl Server {
    async fn start(config: ServerConfig) -> Self {
        let gate = Gate::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let shutdown = async move { stopped.await.unwrap_or_default() };
        let ended = tokio::spawn(serve(listener, routers(gate.clone()), config, shutdown));
        Self {
            address,
            gate,
            stop,
            ended,
        }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// A connection whose request is in flight until the gate opens.
    async fn hold(&self) -> TcpStream {
        let mut stream = self.connect().await;
        let request = b"GET /held HTTP/1.1\r\nHost: x\r\n\r\n";
        stream.write_all(request).await.unwrap();
        self.gate.entered.notified().await;
        stream
    }

    async fn stop(self) -> Drained {
        self.stop.send(()).unwrap();
        tokio::time::timeout(PATIENCE, self.ended)
            .await
            .unwrap()
            .unwrap()
    }
}

fn routers(gate: Gate) -> Routers {
    Routers {
        served: routes(gate),
        overflow: Router::new().fallback(|| async { "one too many" }),
    }
}

fn routes(gate: Gate) -> Router {
    let held = move || async move {
        gate.entered.notify_one();
        gate.opened.notified().await;
        "held"
    };
    let token =
        |headers: HeaderMap| async move { api_access_token(&headers).unwrap_or("none").to_owned() };
    let peer = |ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.to_string() };
    Router::new()
        .route("/hello", get(|| async { "hello" }))
        .route("/held", get(held))
        .route("/token", get(token))
        .route("/peer", get(peer))
}

fn patient() -> ServerConfig {
    ServerConfig {
        header_read_timeout: PATIENCE,
        drain_timeout: PATIENCE,
        ..Default::default()
    }
}

fn hasty() -> ServerConfig {
    ServerConfig {
        header_read_timeout: Duration::from_secs(1),
        ..patient()
    }
}

fn one_place() -> ServerConfig {
    ServerConfig {
        max_connections: 1,
        ..patient()
    }
}

/// Everything the server sends until it closes the connection.
async fn read_to_end(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A reset is a way of closing, too: what came before it counts.
    let _reset = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut bytes))
        .await
        .unwrap();
    String::from_utf8(bytes).unwrap()
}

async fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut text = String::new();
    while !text.ends_with(end) {
        let byte = tokio::time::timeout(PATIENCE, stream.read_u8())
            .await
            .unwrap()
            .unwrap();
        text.push(char::from(byte));
    }
    text
}

async fn exchange(server: &Server, request: &str) -> String {
    let mut stream = server.connect().await;
    stream.write_all(request.as_bytes()).await.unwrap();
    read_to_end(&mut stream).await
}

fn closing(path: &str, header: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: x\r\n{header}Connection: close\r\n\r\n")
}

#[tokio::test]
async fn every_spelling_of_the_token_header_passes_the_parser() {
    let server = Server::start(patient()).await;
    for name in [
        "api_access_token",
        "API_ACCESS_TOKEN",
        "api-access-token",
        "Api-Access-Token",
    ] {
        let answer = exchange(&server, &closing("/token", &format!("{name}: secret\r\n"))).await;
        assert!(answer.ends_with("\r\n\r\nsecret"), "{name}: {answer}");
    }
    assert_eq!(server.stop().await, Drained::Complete);
}

#[tokio::test]
async fn handlers_know_the_clients_address() {
    let server = Server::start(patient()).await;
    let mut stream = server.connect().await;
    stream
        .write_all(closing("/peer", "").as_bytes())
        .await
        .unwrap();
    let own = stream.local_addr().unwrap().to_string();
    assert!(read_to_end(&mut stream).await.ends_with(&own));
}

#[tokio::test]
async fn silent_and_slow_clients_are_closed() {
    let server = Server::start(hasty()).await;
    let (silent, slow, undecided, idle) = tokio::join!(
        exchange(&server, ""),
        exchange(&server, "GET /hello HTTP/1.1\r\nHost: x\r\n"),
        // It begins like HTTP/2, so the version stays open.
        exchange(&server, "PRI * HT"),
        exchange(&server, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"),
    );
    assert_eq!(silent, "");
    assert!(!slow.contains("200 OK"), "{slow}");
    assert!(!undecided.contains("200 OK"), "{undecided}");
    assert!(idle.ends_with("hello"), "{idle}");
}

#[tokio::test]
async fn a_giant_head_is_refused() {
    let server = Server::start(ServerConfig {
        max_header_bytes: 8192,
        ..patient()
    })
    .await;
    let large = format!("X-Large: {}\r\n", "x".repeat(7000));
    assert!(
        exchange(&server, &closing("/hello", &large))
            .await
            .contains("200 OK")
    );
    let giant = format!("X-Large: {}\r\n", "x".repeat(64 * 1024));
    let mut stream = server.connect().await;
    // The server may close before everything is written.
    let _closed = stream.write_all(closing("/hello", &giant).as_bytes()).await;
    let answer = read_to_end(&mut stream).await;
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 431"),
        "{answer}"
    );
    let many = "X-Many: x\r\n".repeat(200);
    let answer = exchange(&server, &closing("/hello", &many)).await;
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 431"),
        "{answer}"
    );
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let server = Server::start(patient()).await;
    let two = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\nGET /none HTTP/1.1\r\nHost: x\r\n\r\n";
    let answer = exchange(&server, &format!("{two}{}", closing("/token", ""))).await;
    let statuses: Vec<&str> = answer
        .lines()
        .filter_map(|line| line.split_once("HTTP/1.1 ")?.1.get(..3))
        .collect();
    assert_eq!(statuses, ["200", "404", "200"], "{answer}");
    assert!(answer.ends_with("none"), "{answer}");
}

#[tokio::test]
async fn the_drain_answers_what_is_in_flight_and_closes_what_is_idle() {
    let server = Server::start(patient()).await;
    let mut idle = server.connect().await;
    idle.write_all(b"GET /hello HTTP/1.1\r\nHost: x\r\n\r\n")
        .await
        .unwrap();
    read_until(&mut idle, "hello").await;
    let mut busy = server.hold().await;
    let Server {
        address,
        gate,
        stop,
        ended,
    } = server;
    stop.send(()).unwrap();
    assert_eq!(read_to_end(&mut idle).await, "");
    assert!(TcpStream::connect(address).await.is_err());
    gate.opened.notify_one();
    let answer = read_to_end(&mut busy).await;
    assert!(answer.ends_with("held"), "{answer}");
    assert!(answer.contains("connection: close"), "{answer}");
    assert_eq!(ended.await.unwrap(), Drained::Complete);
}

#[tokio::test]
async fn the_drain_has_a_deadline() {
    let config = ServerConfig {
        drain_timeout: Duration::from_millis(20),
        ..patient()
    };
    let server = Server::start(config).await;
    let mut busy = server.hold().await;
    let started = Instant::now();
    assert_eq!(server.stop().await, Drained::Deadline { connections: 1 });
    assert!(started.elapsed() < PATIENCE);
    assert_eq!(read_to_end(&mut busy).await, "");
}

#[tokio::test]
async fn connections_over_the_limit_are_told_so_and_closed() {
    let server = Server::start(one_place()).await;
    let mut first = server.hold().await;
    let mut second = server.connect().await;
    second
        .write_all(b"GET /hello HTTP/1.1\r\nHost: x\r\n\r\n")
        .await
        .unwrap();
    let told = read_to_end(&mut second).await;
    assert!(told.contains("connection: close"), "{told}");
    assert!(told.ends_with("one too many"), "{told}");
    server.gate.opened.notify_one();
    read_until(&mut first, "held").await;
    drop(first);
    loop {
        if exchange(&server, &closing("/hello", ""))
            .await
            .ends_with("hello")
        {
            break;
        }
    }
}

#[tokio::test]
async fn a_silent_connection_over_the_limit_is_soon_closed() {
    let server = Server::start(one_place()).await;
    let _first = server.hold().await;
    let begun = Instant::now();
    assert_eq!(read_to_end(&mut server.connect().await).await, "");
    assert!(begun.elapsed() < PATIENCE / 2, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn http2_without_tls_is_spoken() {
    use http_body_util::{BodyExt, Empty};
    use hyper_util::rt::{TokioExecutor, TokioIo};
    let server = Server::start(patient()).await;
    let io = TokioIo::new(server.connect().await);
    let (mut client, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), io)
        .await
        .unwrap();
    let driver = tokio::spawn(connection);
    let request = http::Request::get("http://x/hello")
        .body(Empty::<bytes::Bytes>::new())
        .unwrap();
    let response = client.send_request(request).await.unwrap();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, "hello");
    drop(client);
    driver.await.unwrap().unwrap();
    assert_eq!(server.stop().await, Drained::Complete);
}

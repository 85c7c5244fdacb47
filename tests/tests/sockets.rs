//! Clients that mean harm, over real sockets: slow, endless, giant, packed, deep and many. Each is
//! refused or closed within a limit, nothing of it is stored, and others are served meanwhile.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use gatewright_tests::{Form, Options, TableReader, Tables, TestGateway};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// No test waits this long unless it fails.
const PATIENCE: Duration = Duration::from_secs(30);

/// A gzip member that unpacks to 64 KiB of zeros; members stand one after another.
const MEMBER: &str = "H4sIAAAAAAACA+3BAQEAAACAkP6v7ggKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAauuOl9cAAAEA";

/// Short enough to wait for, and long enough for an honest client on a busy machine.
const SHORT: Duration = Duration::from_secs(2);

struct Server {
    gateway: Arc<TestGateway>,
    address: SocketAddr,
    tables: TableReader,
    before: Tables,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<()>,
}

impl Server {
    async fn start(options: Options) -> Self {
        let gateway = TestGateway::with(options).await;
        let inbox = gateway.inbox(None).await;
        gateway.conversation(&inbox).await;
        gateway.settle().await;
        let tables = gateway.tables().await;
        let before = tables.read().await;
        let gateway = Arc::new(gateway);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let (stop, stopped) = oneshot::channel::<()>();
        let served = Arc::clone(&gateway);
        let ended = tokio::spawn(async move {
            let shutdown = async move { stopped.await.unwrap_or_default() };
            let served = served.gateway().serve(listener, shutdown).await;
            served.expect("it ends in order");
        });
        Self {
            gateway,
            address,
            tables,
            before,
            stop,
            ended,
        }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address)
            .await
            .expect("a connection")
    }

    /// The head of a POST with the administrator's token and these lines.
    fn post(&self, path: &str, lines: &str) -> String {
        let administrator = self.gateway.administrator();
        let path = administrator.path(path);
        let token = administrator.token().expect("a token").to_owned();
        format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\napi_access_token: {token}\r\n\
             {lines}\r\n"
        )
    }

    /// Sends a whole request and reads all that comes back.
    async fn exchange(&self, head: &str, body: &[u8]) -> String {
        let mut stream = self.connect().await;
        // The server may answer and close before it has read everything.
        let _closed = stream.write_all(head.as_bytes()).await;
        let _closed = stream.write_all(body).await;
        read_to_end(&mut stream).await
    }

    async fn json(&self, path: &str, body: &[u8]) -> String {
        let length = body.len();
        let lines = format!("Content-Type: application/json\r\nContent-Length: {length}\r\n");
        self.exchange(&self.post(path, &lines), body).await
    }

    /// An honest client is served.
    async fn serves(&self) {
        let honest = "GET /api HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        let answer = self.exchange(honest, b"").await;
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    }

    /// Nothing was stored; the gateway still serves, and ends in order.
    async fn stop(self) {
        self.serves().await;
        let changed = self.before.changed(&self.tables.read().await);
        assert!(changed.is_empty(), "{changed:?}");
        self.tables.close().await;
        self.stop.send(()).expect("it still runs");
        tokio::time::timeout(PATIENCE, self.ended)
            .await
            .expect("it ends in time")
            .expect("it ends");
        let gateway = Arc::into_inner(self.gateway).expect("nobody else holds it");
        gateway.stop().await;
    }
}

/// Everything until the server closes; a reset is a way of closing, too.
async fn read_to_end(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let _reset = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut bytes))
        .await
        .expect("the server closes in time");
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hasty() -> Options {
    Options {
        adjust: |config| {
            config.server.header_timeout = SHORT;
            config.server.request_timeout = SHORT;
            config.attachments.upload_timeout = SHORT;
        },
        ..Options::default()
    }
}

fn status(answer: &str) -> &str {
    answer
        .strip_prefix("HTTP/1.1 ")
        .map_or("closed", |rest| &rest[..3])
}

/// One byte after another, as long as the server takes them.
async fn trickle(mut stream: TcpStream, bytes: &[u8]) -> String {
    let (mut read, mut write) = stream.split();
    let writing = async {
        for byte in bytes.iter().cycle() {
            if write.write_all(&[*byte]).await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        std::future::pending::<()>().await;
    };
    let mut answer = Vec::new();
    let reading = tokio::time::timeout(PATIENCE, read.read_to_end(&mut answer));
    tokio::select! {
        () = writing => {}
        read = reading => drop(read.expect("the server closes in time")),
    }
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn heads_that_never_end_are_closed_and_others_served() {
    let server = Server::start(hasty()).await;
    let started = Instant::now();
    let slow = async {
        let heads = [
            "",
            "G",
            "GET /api HTTP/1.1\r\n",
            "GET /api HTTP/1.1\r\nHost: x\r\nX-A: ",
        ];
        let mut open = Vec::new();
        for head in heads.iter().cycle().take(60) {
            let mut stream = server.connect().await;
            stream.write_all(head.as_bytes()).await.expect("it is open");
            open.push(stream);
        }
        for mut stream in open {
            let answer = read_to_end(&mut stream).await;
            assert!(matches!(status(&answer), "closed" | "408"), "{answer}");
        }
    };
    let trickled = trickle(server.connect().await, b"X-Slow: y\r\n");
    let ((), trickled, ()) = tokio::join!(slow, trickled, server.serves());
    assert_ne!(status(&trickled), "200", "{trickled}");
    // The default is 10 s.
    assert!(started.elapsed() < SHORT * 4, "{:?}", started.elapsed());
    server.stop().await;
}

#[tokio::test]
async fn bodies_that_never_end_are_503_with_a_time_to_come_back() {
    let server = Server::start(hasty()).await;
    let json = "Content-Type: application/json\r\n";
    let form = format!("Content-Type: {}\r\n", Form::CONTENT_TYPE);
    let part = Form::new().file("attachments[]", "a.txt", "text/plain", &[b'x'; 500]);
    let part = part.into_bytes();
    let silent = [
        (
            format!("{json}Content-Length: 1000\r\n"),
            &b"{\"content\":\""[..],
        ),
        (
            format!("{json}Transfer-Encoding: chunked\r\n"),
            b"5\r\n{\"con",
        ),
        (format!("{form}Content-Length: 100000\r\n"), &part[..200]),
    ];
    for (lines, body) in silent {
        let head = server.post("/conversations/1/messages", &lines);
        let answer = server.exchange(&head, body).await;
        assert_eq!(status(&answer), "503", "{lines}{answer}");
        assert!(answer.contains("retry-after: 1\r\n"), "{answer}");
        assert!(
            answer.ends_with(r#"{"error":"The request took too long, try again"}"#),
            "{answer}"
        );
    }
    for (lines, drop) in [(json, &b"1\r\nx\r\n"[..]), (form.as_str(), b"1\r\nx\r\n")] {
        let lines = format!("{lines}Transfer-Encoding: chunked\r\n");
        let mut stream = server.connect().await;
        let head = server.post("/conversations/1/messages", &lines);
        stream.write_all(head.as_bytes()).await.expect("it is open");
        let answer = trickle(stream, drop).await;
        // The answer may be lost in the reset that the unread bytes cause.
        assert!(
            matches!(status(&answer), "503" | "closed"),
            "{lines}{answer}"
        );
    }
    server.stop().await;
}

#[tokio::test]
async fn giant_heads_are_refused() {
    let server = Server::start(Options::default()).await;
    let long = "x".repeat(1 << 20);
    let lines = "X-Many: x\r\n".repeat(20_000);
    for head in [
        format!("GET /api HTTP/1.1\r\nHost: x\r\nX-Large: {long}\r\n\r\n"),
        format!("GET /api HTTP/1.1\r\nHost: x\r\n{long}: x\r\n\r\n"),
        format!("GET /api?{long} HTTP/1.1\r\nHost: x\r\n\r\n"),
        format!("GET /api HTTP/1.1\r\nHost: x\r\n{lines}\r\n"),
        format!("{long} /api HTTP/1.1\r\nHost: x\r\n\r\n"),
    ] {
        let answer = server.exchange(&head, b"").await;
        let refused = matches!(status(&answer), "closed" | "400" | "414" | "431");
        assert!(refused, "{head:.40} {answer:.200}");
    }
    server.stop().await;
}

/// Nobody unpacks: a packed body is what it is, bytes that are no JSON and no form.
#[tokio::test]
async fn packed_bodies_are_not_unpacked() {
    let server = Server::start(Options::default()).await;
    let member = STANDARD.decode(MEMBER).expect("base64");
    // 6.4 GiB, if somebody did.
    let bomb = member.repeat(100_000);
    for encoding in ["gzip", "deflate", "br", "zstd", "gzip, gzip"] {
        for kind in ["application/json", "application/x-www-form-urlencoded"] {
            let lines = format!(
                "Content-Type: {kind}\r\nContent-Encoding: {encoding}\r\nContent-Length: {}\r\n",
                bomb.len()
            );
            let answer = server
                .exchange(&server.post("/contacts", &lines), &bomb)
                .await;
            assert_eq!(status(&answer), "400", "{lines}{answer}");
        }
    }
    let lines = "Content-Type: application/json\r\nTransfer-Encoding: gzip, chunked\r\n";
    let chunk = [b"60\r\n".to_vec(), member, b"\r\n0\r\n\r\n".to_vec()].concat();
    let answer = server
        .exchange(&server.post("/contacts", lines), &chunk)
        .await;
    assert_ne!(status(&answer), "200", "{answer}");
    server.stop().await;
}

/// As deep and as wide as a body may be long.
#[tokio::test]
async fn deep_and_wide_bodies_are_refused_at_once() {
    let server = Server::start(Options::default()).await;
    let room = server.gateway.gateway().config().http.max_body_bytes - 100;
    let nested = |open: &str| open.repeat(room / open.len()).into_bytes();
    let wide = |item: &str| format!("{{\"a\":[{}0]}}", item.repeat(room / item.len()));
    for body in [
        nested("["),
        nested("{\"a\":"),
        nested("[[],"),
        wide("0,").into_bytes(),
        wide("[],").into_bytes(),
        wide("{\"a\":[[[]]]},").into_bytes(),
        format!("{{{}\"a\":0}}", "\"a\":0,".repeat(room / 6)).into_bytes(),
    ] {
        let answer = server.json("/contacts", &body).await;
        assert_eq!(status(&answer), "400", "{answer}");
        assert!(
            answer.ends_with(r#"{"error":"Bad Request","status":400}"#),
            "{answer}"
        );
    }
    for key in ["[b]", "[]", "=1&x"] {
        let body = format!("x{}=1", key.repeat(room / key.len()));
        let lines = format!(
            "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n",
            body.len()
        );
        let answer = server
            .exchange(&server.post("/contacts", &lines), body.as_bytes())
            .await;
        assert!(matches!(status(&answer), "400" | "422"), "{key}: {answer}");
    }
    server.stop().await;
}

#[tokio::test]
async fn many_open_sockets_leave_others_their_turn() {
    let server = Server::start(Options::default()).await;
    let mut open = Vec::new();
    for _ in 0..400 {
        let mut stream = server.connect().await;
        stream
            .write_all(b"GET /api HTTP/1.1\r\nHost: ")
            .await
            .expect("it is open");
        open.push(stream);
    }
    for _ in 0..20 {
        server.serves().await;
    }
    drop(open);
    server.stop().await;
}

/// What is broken off leaves nothing: the head, the body, the reading of the answer.
#[tokio::test]
async fn clients_that_go_away_leave_nothing_behind() {
    let server = Server::start(Options::default()).await;
    let body = br#"{"content":"Hello"}"#;
    let lines = "Content-Type: application/json\r\nContent-Length: 1000\r\n";
    let head = server.post("/conversations/1/messages", lines);
    for cut in [10, head.len() - 2, head.len()] {
        for _ in 0..20 {
            let mut stream = server.connect().await;
            stream
                .write_all(&head.as_bytes()[..cut])
                .await
                .expect("it is open");
            if cut == head.len() {
                stream.write_all(body).await.expect("it is open");
            }
        }
    }
    server.serves().await;
    server.gateway.settle().await;
    let mut half = server.connect().await;
    half.shutdown().await.expect("half of it is closed");
    assert_eq!(read_to_end(&mut half).await, "");
    server.stop().await;
}

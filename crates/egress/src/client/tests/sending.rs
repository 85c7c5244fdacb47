use std::process::Command;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderValue, Method, header};
use metrics::{Counter, CounterFn, Gauge, Histogram, Key, KeyName, Metadata, Recorder};
use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc;

use super::support::{Server, client, ok, post, read_request};
use crate::{Request, Secret, sign_headers};

#[tokio::test]
async fn a_request_arrives_as_given_and_the_answer_comes_back() {
    let (seen, mut requests) = mpsc::unbounded_channel();
    let server = Server::start(move |mut stream| {
        let seen = seen.clone();
        async move {
            seen.send(read_request(&mut stream).await.unwrap()).unwrap();
            let answer = "HTTP/1.1 201 Created\r\nx-answer: yes\r\ncontent-length: 4\r\n\r\ndone";
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    })
    .await;
    let secret = Secret::generate(&[7; 32]);
    let request = post(server.url("/hook?token=t#part"))
        .with_headers(sign_headers(&[&secret], "msg_1", 1_614_265_330, b"{}"))
        .with_headers([(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        )]);

    let response = client(|_| ()).send(request).await.unwrap();

    assert_eq!(response.status, 201);
    assert_eq!(response.headers["x-answer"], "yes");
    assert_eq!(
        (response.body, response.truncated),
        (Bytes::from("done"), false)
    );
    assert_eq!(response.remote, Some(server.address));
    let seen = requests.recv().await.unwrap();
    assert!(
        seen.starts_with("POST /hook?token=t HTTP/1.1\r\n"),
        "{seen}"
    );
    assert!(seen.ends_with("\r\n\r\n{}"), "{seen}");
    for line in [
        "content-type: application/json",
        "webhook-id: msg_1",
        "x-chatwoot-timestamp: 1614265330",
        concat!("user-agent: Gatewright/", env!("CARGO_PKG_VERSION")),
        &format!("host: {}", server.address),
        "content-length: 2",
    ] {
        assert!(seen.lines().any(|found| found == line), "{line} in {seen}");
    }
}

#[tokio::test]
async fn headers_of_the_connection_are_the_clients_own() {
    let (seen, mut requests) = mpsc::unbounded_channel();
    let server = Server::start(move |mut stream| {
        let seen = seen.clone();
        async move {
            seen.send(read_request(&mut stream).await.unwrap()).unwrap();
            stream.write_all(ok("").as_bytes()).await.unwrap();
        }
    })
    .await;
    let request = post(server.url("/")).with_headers([
        (header::HOST, HeaderValue::from_static("other.example")),
        (header::CONTENT_LENGTH, HeaderValue::from_static("99")),
        (
            header::TRANSFER_ENCODING,
            HeaderValue::from_static("chunked"),
        ),
        (header::USER_AGENT, HeaderValue::from_static("mine")),
    ]);

    client(|_| ()).send(request).await.unwrap();

    let seen = requests.recv().await.unwrap();
    assert!(
        !seen.contains("other.example") && !seen.contains("length: 99"),
        "{seen}"
    );
    assert!(!seen.contains("chunked"), "{seen}");
    assert!(seen.contains("user-agent: mine\r\n"), "{seen}");
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_not_followed() {
    let target = Server::answering(ok("secret")).await;
    let location = target.url("/elsewhere");
    let server = Server::answering(format!(
        "HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n"
    ))
    .await;

    let response = client(|_| ()).send(post(server.url("/"))).await.unwrap();

    assert_eq!(response.status, 302);
    assert_eq!(response.headers[header::LOCATION], location.as_str());
    assert_eq!(target.accepted(), 0);
}

#[tokio::test]
async fn error_statuses_are_answers() {
    for status in [404, 410, 429, 500, 503] {
        let answer = format!("HTTP/1.1 {status} No\r\ncontent-length: 2\r\n\r\nno");
        let server = Server::answering(answer).await;
        let response = client(|_| ()).send(post(server.url("/"))).await.unwrap();
        assert_eq!(
            (response.status.as_u16(), &response.body[..]),
            (status, &b"no"[..])
        );
    }
}

#[tokio::test]
async fn connections_are_kept_and_used_again() {
    let server = Server::answering(ok("kept")).await;
    let client = client(|_| ());
    for _ in 0..20 {
        assert_eq!(
            client.send(post(server.url("/"))).await.unwrap().body,
            "kept"
        );
    }
    assert!(server.accepted() < 20, "{} connections", server.accepted());
}

#[tokio::test]
async fn a_connection_that_the_server_closes_is_not_used_again() {
    let answer = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    let server = Server::start(move |mut stream| async move {
        read_request(&mut stream).await;
        stream.write_all(answer.as_bytes()).await.unwrap();
    })
    .await;
    let client = client(|_| ());
    for _ in 0..3 {
        assert_eq!(
            client.send(post(server.url("/"))).await.unwrap().status,
            200
        );
    }
    assert_eq!(server.accepted(), 3);
}

/// Runs another test of this file in a process whose environment names a proxy that is not there.
#[test]
fn proxy_variables_are_ignored() {
    let name = "client::tests::sending::a_request_arrives_as_given_and_the_answer_comes_back";
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", name]);
    for variable in [
        "http_proxy",
        "HTTP_PROXY",
        "https_proxy",
        "HTTPS_PROXY",
        "all_proxy",
        "ALL_PROXY",
    ] {
        child.env(variable, "http://127.0.0.99:1");
    }
    let output = child.output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && printed.contains("1 passed"),
        "{printed}"
    );
}

#[test]
fn debug_shows_no_secret() {
    let url = "https://a.example/bot123:token/send?key=k".parse().unwrap();
    let request = Request::new(Method::POST, url, "private body")
        .with_headers([(header::AUTHORIZATION, HeaderValue::from_static("Bearer b"))]);
    let shown = format!("{request:?}");
    assert!(shown.contains("https://a.example"), "{shown}");
    for secret in ["token", "key=k", "Bearer", "private"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[tokio::test]
async fn outcomes_are_counted() {
    let counted = CountedOutcomes::default();
    let _recording = metrics::set_default_local_recorder(&counted);
    let server = Server::answering(ok("")).await;
    let client = client(|_| ());

    client.send(post(server.url("/"))).await.unwrap();
    client
        .send(post("http://169.254.169.254/".parse().unwrap()))
        .await
        .unwrap_err();
    client
        .send(post("ftp://a.example/".parse().unwrap()))
        .await
        .unwrap_err();

    assert_eq!(
        *counted.0.lock().unwrap(),
        ["2xx", "refused", "invalid_url"]
    );
}

/// Notes the label `outcome` of the request counter, in order.
#[derive(Default)]
struct CountedOutcomes(Arc<Mutex<Vec<String>>>);

struct Outcome(String, Arc<Mutex<Vec<String>>>);

impl CounterFn for Outcome {
    fn increment(&self, _: u64) {
        self.1.lock().unwrap().push(self.0.clone());
    }

    fn absolute(&self, _: u64) {}
}

impl Recorder for CountedOutcomes {
    fn describe_counter(&self, _: KeyName, _: Option<metrics::Unit>, _: metrics::SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<metrics::Unit>, _: metrics::SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<metrics::Unit>, _: metrics::SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        assert_eq!(key.name(), "gatewright_egress_requests_total");
        let label = key.labels().find(|label| label.key() == "outcome").unwrap();
        Counter::from_arc(Arc::new(Outcome(
            label.value().to_owned(),
            Arc::clone(&self.0),
        )))
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

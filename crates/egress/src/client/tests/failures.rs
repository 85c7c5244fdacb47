//! What was certainly not sent against what may have been.

use std::sync::Arc;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use super::support::{FakeDns, SHORT, Server, SilentDns, client, post, read_request};
use crate::Error;

fn not_sent(reason: impl Into<String>) -> Error {
    Error::NotSent {
        reason: reason.into(),
    }
}

fn ambiguous(reason: impl Into<String>) -> Error {
    Error::Ambiguous {
        reason: reason.into(),
    }
}

#[tokio::test]
async fn a_closed_port_is_not_sent_and_tells_no_path() {
    // An address of its own, so that no other test can take the port meanwhile.
    let listener = TcpListener::bind("127.0.0.77:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let url = format!("http://{address}/bot123:token").parse().unwrap();
    let error = client(|_| ()).send(post(url)).await.unwrap_err();
    assert_eq!(
        error,
        not_sent(format!(
            "Failed to open TCP connection to {address} (Connection refused)"
        ))
    );
}

#[tokio::test]
async fn a_name_without_addresses_is_not_sent() {
    for dns in [FakeDns::new(&[]), FakeDns::new(&[&[]])] {
        let client = client(|config| config.resolver = dns);
        let url = "http://nowhere.example/hook".parse().unwrap();
        assert_eq!(
            client.send(post(url)).await.unwrap_err(),
            not_sent("Could not resolve host nowhere.example")
        );
    }
}

#[tokio::test]
async fn a_silent_resolver_ends_by_the_connect_timeout() {
    let client = client(|config| {
        config.resolver = Arc::new(SilentDns);
        config.connect_timeout = SHORT;
    });
    let url = "http://slow.example/".parse().unwrap();
    assert_eq!(
        client.send(post(url)).await.unwrap_err(),
        not_sent("Timed out connecting to server")
    );
}

#[tokio::test]
async fn a_total_timeout_before_the_connection_is_not_sent() {
    let client = client(|config| {
        config.resolver = Arc::new(SilentDns);
        config.total_timeout = SHORT;
    });
    let url = "http://slow.example/".parse().unwrap();
    assert_eq!(
        client.send(post(url)).await.unwrap_err(),
        not_sent("Timed out connecting to server")
    );
}

#[tokio::test]
async fn a_server_without_tls_is_not_sent() {
    let server = Server::start(|mut stream| async move {
        // Plain text where a handshake was due; the rest of the hello is left unread.
        stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .await
            .unwrap();
        read_request(&mut stream).await;
    })
    .await;
    let url = format!("https://{}/hook", server.address).parse().unwrap();
    let error = client(|_| ()).send(post(url)).await.unwrap_err();
    let start = format!("TLS handshake with {} failed", server.address);
    assert!(
        matches!(&error, Error::NotSent { reason } if reason.starts_with(&start)),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_silent_tls_handshake_ends_by_the_connect_timeout() {
    let server = Server::silent().await;
    let client = client(|config| config.connect_timeout = SHORT);
    let url = format!("https://{}/hook", server.address).parse().unwrap();
    assert_eq!(
        client.send(post(url)).await.unwrap_err(),
        not_sent("Timed out connecting to server")
    );
}

#[tokio::test]
async fn a_connection_closed_after_the_request_is_ambiguous() {
    let server = Server::start(|mut stream| async move {
        read_request(&mut stream).await;
    })
    .await;
    let error = client(|_| ())
        .send(post(server.url("/")))
        .await
        .unwrap_err();
    assert_eq!(error, ambiguous("Server broke connection"));
}

#[tokio::test]
async fn a_connection_reset_after_the_request_is_ambiguous() {
    let server = Server::start(|mut stream| async move {
        read_request(&mut stream).await;
        stream.set_zero_linger().unwrap();
    })
    .await;
    let error = client(|_| ())
        .send(post(server.url("/")))
        .await
        .unwrap_err();
    assert_eq!(error, ambiguous("Connection reset by peer"));
}

#[tokio::test]
async fn a_body_that_breaks_off_is_ambiguous() {
    let server = Server::start(|mut stream| async move {
        read_request(&mut stream).await;
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf")
            .await
            .unwrap();
    })
    .await;
    let error = client(|_| ())
        .send(post(server.url("/")))
        .await
        .unwrap_err();
    assert_eq!(error, ambiguous("Server broke connection"));
}

#[tokio::test]
async fn an_answer_that_is_no_http_is_ambiguous() {
    let server = Server::answering("SSH-2.0-OpenSSH_9.2\r\n\r\n").await;
    let error = client(|_| ())
        .send(post(server.url("/")))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Ambiguous { .. }), "{error:?}");
    assert!(
        error
            .to_string()
            .starts_with("Server sent an invalid response"),
        "{error}"
    );
}

#[tokio::test]
async fn requests_that_can_never_be_sent_are_invalid() {
    let server = Server::answering("HTTP/1.1 200 OK\r\n\r\n").await;
    let mut connect = post(server.url("/"));
    connect.method = http::Method::CONNECT;
    let long = post(server.url(&format!("/{}", "x".repeat(70_000))));
    for request in [connect, long] {
        let error = client(|_| ()).send(request).await.unwrap_err();
        assert!(matches!(error, Error::InvalidUrl { .. }), "{error:?}");
    }
    assert_eq!(server.accepted(), 0);
}

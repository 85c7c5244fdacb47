use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc;

use super::support::{SHORT, Server, client, ok, post, read_request};
use crate::Error;

fn read_timed_out() -> Error {
    Error::Ambiguous {
        reason: "Timed out reading data from server".to_owned(),
    }
}

#[tokio::test]
async fn a_server_that_never_answers_ends_by_the_read_timeout() {
    let server = Server::silent().await;
    let client = client(|config| config.read_timeout = SHORT);
    assert_eq!(
        client.send(post(server.url("/"))).await.unwrap_err(),
        read_timed_out()
    );
}

#[tokio::test]
async fn a_server_that_never_answers_ends_by_the_total_timeout() {
    let server = Server::silent().await;
    let client = client(|config| config.total_timeout = SHORT);
    assert_eq!(
        client.send(post(server.url("/"))).await.unwrap_err(),
        read_timed_out()
    );
}

#[tokio::test]
async fn a_request_may_shorten_its_timeout() {
    let server = Server::silent().await;
    let mut request = post(server.url("/"));
    request.timeout = Some(SHORT);
    assert_eq!(
        client(|_| ()).send(request).await.unwrap_err(),
        read_timed_out()
    );
}

#[tokio::test]
async fn a_request_may_lengthen_its_timeout() {
    let server = Server::start(|mut stream| async move {
        read_request(&mut stream).await;
        tokio::time::sleep(SHORT * 2).await; // Later than the client's own limits.
        stream.write_all(ok("late").as_bytes()).await.unwrap();
    })
    .await;
    let client = client(|config| {
        config.read_timeout = SHORT;
        config.total_timeout = SHORT;
    });
    let mut request = post(server.url("/"));
    request.timeout = Some(super::support::LONG);
    assert_eq!(client.send(request).await.unwrap().body, "late");
}

#[tokio::test]
async fn a_body_that_stalls_ends_by_the_read_timeout() {
    let server = Server::start(|mut stream| async move {
        read_request(&mut stream).await;
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf")
            .await
            .unwrap();
        std::future::pending::<()>().await;
    })
    .await;
    let client = client(|config| config.read_timeout = SHORT);
    assert_eq!(
        client.send(post(server.url("/"))).await.unwrap_err(),
        read_timed_out()
    );
}

#[tokio::test]
async fn a_body_that_trickles_ends_by_the_total_timeout() {
    let server = Server::start(|mut stream| async move {
        read_request(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        while stream.write_all(b".").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    })
    .await;
    let client = client(|config| config.total_timeout = SHORT * 2);
    assert_eq!(
        client.send(post(server.url("/"))).await.unwrap_err(),
        read_timed_out()
    );
}

#[tokio::test]
async fn a_long_body_is_cut_and_its_connection_dropped() {
    let (closed, mut closings) = mpsc::unbounded_channel();
    let server = Server::start(move |mut stream| {
        let closed = closed.clone();
        async move {
            read_request(&mut stream).await;
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
            while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
            closed.send(()).unwrap();
        }
    })
    .await;
    let client = client(|config| config.max_response_bytes = 10_000);

    let response = client.send(post(server.url("/"))).await.unwrap();

    assert_eq!(
        (response.status.as_u16(), response.body.len()),
        (200, 10_000)
    );
    assert!(response.truncated);
    assert_eq!(closings.recv().await, Some(()));
}

/// Nobody unpacks: what a packed body would become does not matter, and nobody asked for one.
#[tokio::test]
async fn a_packed_body_stays_packed_and_is_cut_as_any_other() {
    let (asked, mut requests) = mpsc::unbounded_channel();
    let server = Server::start(move |mut stream| {
        let asked = asked.clone();
        async move {
            asked.send(read_request(&mut stream).await).unwrap();
            let head = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip, gzip\r\n\r\n\x1f\x8b\x08";
            stream.write_all(head).await.unwrap();
            while stream.write_all(&[0; 4096]).await.is_ok() {}
        }
    })
    .await;
    let client = client(|config| config.max_response_bytes = 5000);

    let response = client.send(post(server.url("/"))).await.unwrap();

    assert_eq!((response.body.len(), response.truncated), (5000, true));
    assert!(response.body.starts_with(b"\x1f\x8b\x08\0\0"));
    let request = requests.recv().await.flatten().unwrap();
    assert!(!request.contains("accept-encoding"), "{request}");
}

#[tokio::test]
async fn a_body_of_exactly_the_cap_is_whole() {
    let server = Server::answering(ok("12345")).await;
    let client = client(|config| config.max_response_bytes = 5);
    let response = client.send(post(server.url("/"))).await.unwrap();
    assert_eq!(
        (&response.body[..], response.truncated),
        (&b"12345"[..], false)
    );

    let mut request = post(server.url("/"));
    request.max_response_bytes = Some(4);
    let response = client.send(request).await.unwrap();
    assert_eq!(
        (&response.body[..], response.truncated),
        (&b"1234"[..], true)
    );
}

#[tokio::test]
async fn an_endless_head_is_an_invalid_response() {
    let server = Server::start(|mut stream| async move {
        read_request(&mut stream).await;
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nx-long: ")
            .await
            .unwrap();
        while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
    })
    .await;
    let error = client(|_| ())
        .send(post(server.url("/")))
        .await
        .unwrap_err();
    assert!(
        matches!(&error, Error::Ambiguous { reason } if reason.starts_with("Server sent an invalid")),
        "{error:?}"
    );
}

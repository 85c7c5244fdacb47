//! Links to files: how the bytes are answered, and when they are not.

use std::sync::Arc;
use std::time::Duration;

use gatewright_core::attachment::Attachments;
use gatewright_tests::{Form, TestGateway};
use http::Method;
use serde_json::{Value, json};

use crate::support::{PNG, fetch, file, follow, only, path_of, start, stored};

const DAY: Duration = Duration::from_hours(24);

async fn attached(gateway: &TestGateway, path: &str, form: Form) -> Value {
    gateway.administrator().form(path, form).await.ok()
}

fn not_found() -> Value {
    json!({ "status": 404, "error": "Not Found" })
}

#[tokio::test]
async fn a_picture_is_shown_in_place_and_a_page_is_saved() {
    let (gateway, path) = start().await;
    let made = attached(&gateway, &path, file("Ünï x.png", "image/png", PNG)).await;
    let found = gateway
        .anonymous()
        .send(
            Method::GET,
            &path_of(&only(&made)["data_url"]),
            &[],
            Vec::new(),
        )
        .await;
    assert_eq!((found.status.as_u16(), found.text.as_str()), (302, ""));
    let picture = follow(&gateway, &only(&made)["data_url"]).await;
    let page = file("page.html", "text/html", b"<script>alert(1)</script>");
    let made = attached(&gateway, &path, page).await;
    let page = follow(&gateway, &only(&made)["data_url"]).await;
    let of = |answer: &gatewright_tests::Answer| {
        let names = [
            "content-type",
            "content-disposition",
            "content-length",
            "x-content-type-options",
            "content-security-policy",
            "accept-ranges",
            "cache-control",
        ];
        names.map(|name| format!("{name}: {}", answer.headers[name].to_str().unwrap()))
    };
    insta::assert_json_snapshot!("headers_of_files", [of(&picture), of(&page)]);
    gateway.stop().await;
}

#[tokio::test]
async fn ranges_tags_and_heads_are_answered() {
    let (gateway, path) = start().await;
    let bytes: Vec<u8> = (0..100_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    let made = attached(&gateway, &path, file("a.txt", "text/plain", &bytes)).await;
    let link = path_of(&only(&made)["data_url"]);
    // A compressed answer would have another length, and no ranges.
    let gzip = ("accept-encoding", "gzip");
    let whole = fetch(&gateway, &link, &[gzip]).await;
    assert_eq!((whole.status.as_u16(), whole.bytes.len()), (200, 100_000));
    let tag = whole.headers["etag"].to_str().unwrap().to_owned();
    for (range, status, expected, content_range) in [
        ("bytes=10-19", 206, &bytes[10..20], "bytes 10-19/100000"),
        (
            "bytes=99990-",
            206,
            &bytes[99_990..],
            "bytes 99990-99999/100000",
        ),
        (
            "bytes=-5",
            206,
            &bytes[99_995..],
            "bytes 99995-99999/100000",
        ),
        ("bytes=100000-", 416, &bytes[..0], "bytes */100000"),
    ] {
        let answer = fetch(&gateway, &link, &[("range", range), gzip]).await;
        assert_eq!(answer.status.as_u16(), status, "{range}");
        assert!(answer.bytes == expected, "{range}");
        assert_eq!(answer.headers["content-range"], content_range);
    }
    for (known, status) in [(tag.as_str(), 206), ("\"other\"", 200)] {
        let asked = [("range", "bytes=0-1"), ("if-range", known)];
        let answer = fetch(&gateway, &link, &asked).await;
        assert_eq!(answer.status.as_u16(), status, "{known}");
    }
    let same = fetch(&gateway, &link, &[("if-none-match", &tag)]).await;
    assert_eq!((same.status.as_u16(), same.bytes.len()), (304, 0));
    let proxy = link.replace("/redirect/", "/proxy/");
    let head = gateway
        .anonymous()
        .send(Method::HEAD, &proxy, &[], Vec::new())
        .await;
    assert_eq!((head.status.as_u16(), head.bytes.len()), (200, 0));
    assert_eq!(head.headers["content-length"], "100000");
    gateway.stop().await;
}

#[tokio::test]
async fn a_forged_link_leads_nowhere() {
    let (gateway, path) = start().await;
    let made = attached(&gateway, &path, file("a.txt", "text/plain", b"Hello")).await;
    let uploaded = Form::new().file("attachment", "b.txt", "text/plain", b"b");
    let uploaded = gateway.administrator().form("/upload", uploaded).await.ok();
    let link = path_of(&only(&made)["data_url"]);
    let parts: Vec<&str> = link.split('/').collect();
    let signed = parts[5];
    let blob_id = uploaded["blob_id"].as_str().unwrap();
    let (text, tag) = signed.split_once("--").unwrap();
    for forged in [
        format!("{signed}0"),
        format!("{text}x--{tag}"),
        format!("{text}--{}", tag.replace(|c: char| c.is_ascii_digit(), "0")),
        text.to_owned(),
        blob_id.to_owned(),
        "%00".to_owned(),
        "x".repeat(2000),
    ] {
        for kind in ["redirect", "proxy"] {
            let path = format!("/rails/active_storage/blobs/{kind}/{forged}/a.txt");
            let answer = fetch(&gateway, &path, &[]).await;
            assert_eq!(
                (answer.status.as_u16(), answer.json()),
                (404, not_found()),
                "{path}"
            );
        }
    }
    // The name is for people: another one opens the same file.
    let renamed = link.replace("/a.txt", "/other.json");
    assert_eq!(fetch(&gateway, &renamed, &[]).await.text, "Hello");
    gateway.stop().await;
}

#[tokio::test]
async fn a_link_expires_and_a_new_one_is_given() {
    let (gateway, path) = start().await;
    let made = attached(&gateway, &path, file("a.txt", "text/plain", b"Hello")).await;
    let link = &only(&made)["data_url"];
    gateway.advance(DAY * 44).await;
    assert_eq!(follow(&gateway, link).await.status, 200);
    gateway.advance(DAY * 3).await;
    assert_eq!(follow(&gateway, link).await.json(), not_found());
    let listed = gateway.administrator().get(&path).await.ok();
    let newer = &only(&listed["payload"][0])["data_url"];
    assert_eq!(follow(&gateway, newer).await.text, "Hello");
    gateway.stop().await;
}

#[tokio::test]
async fn links_and_bytes_go_with_their_message() {
    let (gateway, path) = start().await;
    let first = attached(&gateway, &path, file("a.txt", "text/plain", b"Hello")).await;
    let second = attached(&gateway, &path, file("b.txt", "text/plain", b"World")).await;
    let administrator = gateway.administrator();
    let gone = administrator
        .delete(&format!("{path}/{}", first["id"]))
        .await
        .ok();
    assert!(gone.get("attachments").is_none(), "{gone}");
    assert_eq!(
        follow(&gateway, &only(&first)["data_url"]).await.json(),
        not_found()
    );
    assert_eq!(
        follow(&gateway, &only(&second)["data_url"]).await.text,
        "World"
    );
    let listed = administrator.get(&path).await.ok();
    assert!(listed["payload"][0].get("attachments").is_none());
    assert_eq!(stored(&gateway).len(), 1);
    gateway.advance(DAY * 2).await;
    let attachments = Attachments::new(Arc::clone(gateway.gateway().kernel()));
    let swept = attachments.sweep().await.unwrap();
    assert_eq!((swept, stored(&gateway).len()), (0, 1));
    assert_eq!(
        follow(&gateway, &only(&second)["data_url"]).await.text,
        "World"
    );
    // The rest goes with the conversation.
    let conversation = path.strip_suffix("/messages").unwrap();
    assert_eq!(administrator.delete(conversation).await.status, 200);
    assert_eq!(
        follow(&gateway, &only(&second)["data_url"]).await.json(),
        not_found()
    );
    assert_eq!(stored(&gateway).len(), 0);
    assert_eq!(attachments.sweep().await.unwrap(), 0);
    gateway.stop().await;
}

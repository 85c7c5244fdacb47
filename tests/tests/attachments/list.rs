//! The attachments of a conversation (contract, section 4.2).

use gatewright_tests::Form;
use serde_json::{Value, json};

use crate::support::{PNG, file, shown, start};

#[tokio::test]
async fn attachments_are_listed_newest_first() {
    let (gateway, path) = start().await;
    let administrator = gateway.administrator();
    administrator
        .post(&path, &json!({ "content": "Text only" }))
        .await
        .ok();
    let incoming = file("photo.png", "image/png", PNG).text("message_type", "incoming");
    administrator.form(&path, incoming).await.ok();
    let two = file("a.txt", "text/plain", b"a").file("attachments[]", "b.txt", "text/plain", b"b");
    administrator.form(&path, two).await.ok();
    let list = path.replace("/messages", "/attachments");
    let listed = administrator.get(&list).await.ok();
    insta::assert_json_snapshot!("attachments_of_a_conversation", shown(&listed));
    let agent = gateway.agent("Outsider").await;
    assert_eq!(agent.get(&list).await.status, 401);
    assert_eq!(
        administrator
            .get("/conversations/999/attachments")
            .await
            .status,
        404
    );
    gateway.stop().await;
}

#[tokio::test]
async fn a_page_has_a_hundred() {
    let (gateway, path) = start().await;
    let administrator = gateway.administrator();
    for _ in 0..7 {
        let form = (0..15).fold(Form::new(), |form, n| {
            form.file("attachments[]", &format!("{n}.txt"), "text/plain", b"x")
        });
        administrator.form(&path, form).await.ok();
    }
    let list = path.replace("/messages", "/attachments");
    let length = |page: &Value| page["payload"].as_array().map(Vec::len);
    for (query, expected) in [("", 100), ("?page=1", 100), ("?page=2", 5), ("?page=3", 0)] {
        let page = administrator.get(&format!("{list}{query}")).await.ok();
        assert_eq!(page["meta"], json!({ "total_count": 105 }));
        assert_eq!(length(&page), Some(expected), "{query}");
    }
    gateway.stop().await;
}

//! Too little is left on the disk.

use gatewright_tests::{Form, Options, TestDatabase, TestGateway};
use serde_json::{Value, json};

/// More than any disk has left.
const ALL: usize = 1 << 60;

async fn storage_of(gateway: &TestGateway) -> (u16, Value) {
    let path = "/readyz";
    let answer = gateway
        .anonymous()
        .send(http::Method::GET, path, &[], Vec::new())
        .await;
    (
        answer.status.as_u16(),
        answer.json()["checks"]["storage"].clone(),
    )
}

#[tokio::test]
async fn without_room_for_the_database_writes_are_refused_and_reads_go_on() {
    if TestDatabase::is_postgres() {
        // Its disk is not seen from here.
        return;
    }
    let gateway = TestGateway::start().await;
    let inbox = gateway.inbox(None).await;
    let (_, conversation) = gateway.conversation(&inbox).await;
    assert_eq!(storage_of(&gateway).await, (200, json!("ok")));
    let full = Options {
        adjust: |config| config.database.min_free = ALL,
        ..Options::default()
    };
    let gateway = gateway.restart(full).await;
    let administrator = gateway.administrator();
    let path = format!("/conversations/{}/messages", conversation["id"]);
    let refused = administrator.post(&path, &json!({ "content": "Hi" })).await;
    assert_eq!(refused.status, 503);
    assert_eq!(refused.headers["retry-after"], "10");
    refused.assert_refused("a message");
    let text = "There is no room on the database's disk, try again later";
    assert_eq!(refused.json(), json!({ "error": text }));
    assert_eq!(administrator.get(&path).await.status, 200);
    let filter = json!({ "payload": [{ "attribute_key": "name",
        "filter_operator": "contains", "values": ["a"] }] });
    assert_eq!(
        administrator.post("/contacts/filter", &filter).await.status,
        200
    );
    let deleted = administrator
        .delete(&format!("/conversations/{}", conversation["id"]))
        .await;
    assert_eq!(deleted.status, 200, "what makes room is let through");
    let told = json!("nearly full: writes are refused");
    assert_eq!(storage_of(&gateway).await, (503, told));
    let gateway = gateway.restart(Options::default()).await;
    let body = json!({ "name": "Ben" });
    assert_eq!(
        gateway
            .administrator()
            .post("/contacts", &body)
            .await
            .status,
        200
    );
    gateway.stop().await;
}

#[tokio::test]
async fn without_room_for_files_messages_without_any_are_stored() {
    let full = Options {
        adjust: |config| config.attachments.min_free = ALL,
        ..Options::default()
    };
    let gateway = TestGateway::with(full).await;
    let inbox = gateway.inbox(None).await;
    let (_, conversation) = gateway.conversation(&inbox).await;
    let administrator = gateway.administrator();
    let path = format!("/conversations/{}/messages", conversation["id"]);
    let form = Form::new().file("attachments[]", "a.txt", "text/plain", b"text");
    let refused = administrator.form(&path, form).await;
    assert_eq!(refused.status, 503);
    assert_eq!(refused.headers["retry-after"], "10");
    let text = "There is no room for files, try again later";
    assert_eq!(refused.json(), json!({ "error": text }));
    let sent = administrator.post(&path, &json!({ "content": "Hi" })).await;
    assert_eq!(sent.status, 200);
    let told = json!("nearly full: files are refused");
    assert_eq!(storage_of(&gateway).await, (200, told));
    gateway.stop().await;
}

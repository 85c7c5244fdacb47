use serde_json::json;

use crate::support::{messages, post, say, setting, told};

#[tokio::test]
async fn a_deleted_message_keeps_its_row_and_says_so() {
    let (gateway, listener, conversation) = setting().await;
    let administrator = gateway.administrator();
    let body = json!({ "content": "Secret", "content_type": "input_select", "source_id": "m-1",
        "content_attributes": { "items": [{ "title": "A", "value": "a" }] } });
    let sent = post(&gateway, &conversation, &body).await.ok();
    let path = format!("{}/{}", messages(&conversation), sent["id"]);
    let deleted = administrator.delete(&path).await.ok();
    let mut expected = sent.clone();
    expected["content"] = json!("This message was deleted");
    expected["content_type"] = json!("text");
    expected["content_attributes"] = json!({ "deleted": true });
    assert_eq!(deleted, expected);
    assert_eq!(
        administrator.delete(&path).await.ok(),
        expected,
        "twice is once"
    );
    let listed = administrator.get(&messages(&conversation)).await.ok();
    assert_eq!(listed["payload"], json!([expected]));
    gateway.settle().await;
    let updated = told(&listener, "message_updated");
    assert_eq!(updated.len(), 1, "{updated:?}");
    assert_eq!(updated[0]["content"], "This message was deleted");
    let newest = &updated[0]["conversation"]["messages"][0];
    assert_eq!(newest["content"], "This message was deleted");
    insta::assert_json_snapshot!("a_deleted_message", deleted);
    gateway.stop().await;
}

#[tokio::test]
async fn only_messages_of_the_conversation_are_deleted() {
    let (gateway, _listener, conversation) = setting().await;
    let administrator = gateway.administrator();
    let said = say(&gateway, &conversation, "Hello").await;
    let inbox = json!({ "id": conversation["inbox_id"] });
    let other = json!({ "inbox_id": inbox["id"],
        "contact_id": conversation["meta"]["sender"]["id"] });
    let other = administrator.post("/conversations", &other).await.ok();
    let not_found = r#"{"error":"Resource could not be found"}"#;
    for path in [
        format!("{}/{}", messages(&other), said["id"]),
        format!("{}/999999", messages(&conversation)),
    ] {
        let answer = administrator.delete(&path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.text.as_str()),
            (404, not_found)
        );
    }
    let agent = gateway.agent("Lee").await;
    let path = format!("{}/{}", messages(&conversation), said["id"]);
    assert_eq!(agent.delete(&path).await.status, 401);
    let listed = administrator.get(&messages(&conversation)).await.ok();
    assert_eq!(listed["payload"][0]["content"], "Hello");
    gateway.stop().await;
}

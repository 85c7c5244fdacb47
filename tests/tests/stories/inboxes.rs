use serde_json::json;

use crate::support::{Story, changed};

#[tokio::test]
async fn a_new_inbox_is_told_to_webhooks_alone() {
    let mut story = Story::begin().await;
    let channel = json!({ "type": "api", "webhook_url": story.listener.url("/callback") });
    let body = json!({ "name": "Second", "channel": channel, "greeting_enabled": true,
        "greeting_message": "Welcome", "timezone": "Europe/Berlin" });
    story.administrator().post("/inboxes", &body).await.ok();
    let told = story.told(&["inbox_created"]).await;
    insta::assert_json_snapshot!("a_new_inbox", told);
    story.gateway.stop().await;
}

#[tokio::test]
async fn a_changed_inbox_is_told_with_what_changed() {
    let mut story = Story::begin().await;
    story.later().await;
    let path = format!("/inboxes/{}", story.inbox["id"]);
    let body = json!({ "name": "Renamed", "lock_to_single_conversation": true,
        "channel": { "hmac_mandatory": true } });
    let administrator = story.administrator();
    administrator.patch(&path, &body).await.ok();
    let told = story.told(&["inbox_updated"]).await;
    assert_eq!(
        changed(&told[0]),
        [
            "channel",
            "lock_to_single_conversation",
            "name",
            "updated_at"
        ]
    );
    insta::assert_json_snapshot!("a_changed_inbox", told);
    story.later().await;
    administrator.patch(&path, &body).await.ok();
    story.told(&[]).await;
    story.gateway.stop().await;
}

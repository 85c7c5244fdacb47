use serde_json::json;

use crate::support::{assert_refused, post, say, setting, told};

#[tokio::test]
async fn variables_of_what_agents_send_are_filled_in() {
    let (gateway, listener, conversation) = setting().await;
    let content = "Hi {{ contact.first_name }}, this is {{ agent.name }} of {{ inbox.name }} about \
        #{{ conversation.display_id }} `{{ contact.name }}` {{ contact.email | default: 'no mail' }}";
    let params =
        json!({ "name": "hello", "processed_params": { "body": { "1": "{{contact.name}}" } } });
    let body = json!({ "content": content, "template_params": params });
    let sent = post(&gateway, &conversation, &body).await.ok();
    let expected =
        "Hi Ana, this is Administrator of My system about #1 `{{ contact.name }}` no mail";
    assert_eq!(sent["content"], expected);
    gateway.settle().await;
    let told = told(&listener, "message_created");
    assert_eq!(told[0]["content"], expected);
    let filled = &told[0]["additional_attributes"]["template_params"]["processed_params"];
    assert_eq!(filled, &json!({ "body": { "1": "Ana" } }));
    gateway.stop().await;
}

#[tokio::test]
async fn what_contacts_write_and_what_is_broken_is_left_alone() {
    let (gateway, _listener, conversation) = setting().await;
    let said = say(&gateway, &conversation, "{{ contact.name }}").await;
    assert_eq!(said["content"], "{{ contact.name }}");
    for content in [
        "{{ contact.name",
        "{% for i in (1..9) %}{{ contact.name }}{% endfor %}",
    ] {
        let sent = post(&gateway, &conversation, &json!({ "content": content }))
            .await
            .ok();
        assert_eq!(sent["content"], content);
    }
    gateway.stop().await;
}

#[tokio::test]
async fn a_text_that_would_grow_beyond_the_limit_is_refused() {
    let (gateway, _listener, conversation) = setting().await;
    let path = format!("/conversations/{}/custom_attributes", conversation["id"]);
    let body = json!({ "custom_attributes": { "big": "x".repeat(1500) } });
    gateway.administrator().post(&path, &body).await.ok();
    let content = "{{ conversation.custom_attribute.big }}".repeat(101);
    let answer = post(&gateway, &conversation, &json!({ "content": content })).await;
    let text = "Validation failed: Content is too long (maximum is 150000 characters)";
    assert_refused(&answer, text);
    gateway.stop().await;
}

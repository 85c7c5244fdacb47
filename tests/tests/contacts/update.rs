use gatewright_tests::TestGateway;
use http::Method;
use serde_json::{Value, json};

use crate::support::{changes, contact, hook};

async fn ana(gateway: &TestGateway) -> (Value, String) {
    let inbox = gateway.inbox(None).await;
    let body = json!({ "name": "Ana", "email": "ana@example.com", "inbox_id": inbox["id"],
        "source_id": "crm-1", "identifier": "1", "custom_attributes": { "plan": "pro", "seats": 3 },
        "additional_attributes": { "city": "Berlin" } });
    let made = contact(&gateway.administrator(), &body).await;
    let path = format!("/contacts/{}", made["id"]);
    (made, path)
}

#[tokio::test]
async fn what_is_given_changes_and_is_told() {
    let gateway = TestGateway::start().await;
    let hook = hook(&gateway).await;
    let (_, path) = ana(&gateway).await;
    gateway.advance(std::time::Duration::from_secs(60)).await;
    let administrator = gateway.administrator();
    let body = json!({ "name": "Ana B", "phone_number": "+4915112345678", "blocked": true,
        "custom_attributes": { "plan": "free", "since": 2020 },
        "additional_attributes": { "country": "DE" } });
    let changed = administrator.patch(&path, &body).await.ok();
    insta::assert_json_snapshot!("updated", changed);
    assert_eq!(administrator.get(&path).await.ok(), changed, "it is stored");
    insta::assert_json_snapshot!("updated_event", changes(&gateway, &hook).await);
    gateway.stop().await;
}

#[tokio::test]
async fn nothing_changed_is_told_to_nobody() {
    let gateway = TestGateway::start().await;
    let hook = hook(&gateway).await;
    let (made, path) = ana(&gateway).await;
    let administrator = gateway.administrator();
    gateway.advance(std::time::Duration::from_secs(60)).await;
    for body in [
        json!({}),
        json!({ "name": "Ana", "email": "ANA@example.com ", "blocked": false,
            "custom_attributes": { "plan": "pro" }, "nobody": "knows" }),
        json!({ "custom_attributes": null, "additional_attributes": "" }),
    ] {
        let same = administrator.patch(&path, &body).await.ok();
        assert_eq!(same["payload"], made);
    }
    assert_eq!(changes(&gateway, &hook).await, Vec::<Value>::new());
    gateway.stop().await;
}

#[tokio::test]
async fn blank_and_null_clear() {
    let gateway = TestGateway::start().await;
    let (_, path) = ana(&gateway).await;
    let administrator = gateway.administrator();
    let cleared = administrator
        .patch(&path, &json!({ "email": "" }))
        .await
        .ok();
    assert_eq!(cleared["payload"]["email"], Value::Null);
    let body = json!({ "identifier": null, "name": null, "blocked": null });
    let path = administrator.path(&path);
    let cleared = administrator.json(Method::PUT, &path, &body).await.ok();
    assert_eq!(cleared["payload"]["identifier"], Value::Null);
    assert_eq!(cleared["payload"]["name"], "");
    gateway.stop().await;
}

#[tokio::test]
async fn taken_keys_and_bad_values_are_refused_by_name() {
    let gateway = TestGateway::start().await;
    let (_, path) = ana(&gateway).await;
    let administrator = gateway.administrator();
    let other = json!({ "name": "Ben", "email": "ben@example.com", "identifier": "2",
        "phone_number": "+4915112345678" });
    contact(&administrator, &other).await;
    let long = "x".repeat(256);
    for (body, message, attributes) in [
        (
            json!({ "email": "BEN@example.com" }),
            "Email has already been taken",
            json!(["email"]),
        ),
        (
            json!({ "identifier": "2", "phone_number": "+4915112345678" }),
            "Identifier has already been taken, Phone number has already been taken",
            json!(["identifier", "phone_number"]),
        ),
        (
            json!({ "email": "no" }),
            "Email Invalid email",
            json!(["email"]),
        ),
        (
            json!({ "phone_number": "0151" }),
            "Phone number should be in e164 format",
            json!(["phone_number"]),
        ),
        (
            json!({ "name": long }),
            "Name is too long (maximum is 255 characters)",
            json!(["name"]),
        ),
    ] {
        let refused = administrator.patch(&path, &body).await;
        assert_eq!(refused.status, 422, "{body}");
        assert_eq!(
            refused.json(),
            json!({ "message": message, "attributes": attributes })
        );
    }
    let absent = administrator
        .patch("/contacts/999999", &json!({ "name": "X" }))
        .await;
    assert_eq!(absent.status, 404);
    gateway.stop().await;
}

#[tokio::test]
async fn attributes_are_removed_by_name() {
    let gateway = TestGateway::start().await;
    let hook = hook(&gateway).await;
    let (_, path) = ana(&gateway).await;
    let administrator = gateway.administrator();
    let path = format!("{path}/destroy_custom_attributes");
    let body = json!({ "custom_attributes": ["plan", "unknown"] });
    let left = administrator.post(&path, &body).await.ok();
    assert_eq!(left["payload"]["custom_attributes"], json!({ "seats": 3 }));
    assert_eq!(left["payload"]["contact_inboxes"][0]["source_id"], "crm-1");
    let same = administrator.post(&path, &json!({})).await.ok();
    assert_eq!(same, left);
    let told = changes(&gateway, &hook).await;
    assert_eq!(told.len(), 1, "once");
    assert_eq!(
        told[0]["changed_attributes"][0],
        json!({ "custom_attributes": { "previous_value": { "plan": "pro", "seats": 3 },
            "current_value": { "seats": 3 } } })
    );
    gateway.stop().await;
}

#[tokio::test]
async fn agents_change_contacts_and_remove_none() {
    let gateway = TestGateway::start().await;
    let (_, path) = ana(&gateway).await;
    let agent = gateway.agent("Agent").await;
    let changed = agent
        .patch(&path, &json!({ "name": "By an agent" }))
        .await
        .ok();
    assert_eq!(changed["payload"]["name"], "By an agent");
    let refused = agent.delete(&path).await;
    assert_eq!(refused.status, 401);
    assert_eq!(
        refused.json()["error"],
        "You are not authorized to do this action"
    );
    gateway.stop().await;
}

#[tokio::test]
async fn a_contact_has_no_picture_to_remove() {
    let gateway = TestGateway::start().await;
    let (_, path) = ana(&gateway).await;
    let administrator = gateway.administrator();
    let shown = administrator
        .get(&format!("{path}?include_contact_inboxes=false"))
        .await
        .ok();
    let removed = administrator.delete(&format!("{path}/avatar")).await.ok();
    assert_eq!(removed, shown);
    assert_eq!(
        administrator.delete("/contacts/999999/avatar").await.status,
        404
    );
    gateway.stop().await;
}

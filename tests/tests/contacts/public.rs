use gatewright_tests::{Actor, Answer, TestGateway};
use http::Method;
use ring::hmac;
use serde_json::{Value, json};

use crate::support::{changes, contact, hook, talking};

fn base(inbox: &Value) -> String {
    let identifier = inbox["inbox_identifier"].as_str().expect("an identifier");
    format!("/public/api/v1/inboxes/{identifier}")
}

async fn get(actor: &Actor, path: &str) -> Answer {
    actor.send(Method::GET, path, &[], Vec::new()).await
}

async fn patch(actor: &Actor, path: &str, body: &Value) -> Answer {
    actor.json(Method::PATCH, path, body).await
}

fn hash(inbox: &Value, identifier: &str) -> String {
    let key = inbox["hmac_token"].as_str().expect("a key");
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
    let tag = hmac::sign(&key, identifier.as_bytes());
    let bytes = tag.as_ref().iter();
    bytes
        .map(|byte| format!("{byte:02x}"))
        .collect::<Vec<_>>()
        .concat()
}

fn unauthorized(answer: &Answer) {
    let body = json!({ "status": 401, "error": "Unauthorized" });
    assert_eq!((answer.status.as_u16(), answer.json()), (401, body));
}

#[tokio::test]
async fn an_inbox_tells_its_contacts_little() {
    let gateway = TestGateway::start().await;
    let inbox = gateway.inbox(None).await;
    let mut shown = get(&gateway.anonymous(), &base(&inbox)).await.ok();
    assert_eq!(shown["identifier"], inbox["inbox_identifier"]);
    shown["identifier"] = json!("[identifier]");
    insta::assert_json_snapshot!("public_inbox", shown);
    let absent = get(&gateway.anonymous(), "/public/api/v1/inboxes/nobody").await;
    let not_found = json!({ "status": 404, "error": "Not Found" });
    assert_eq!((absent.status.as_u16(), absent.json()), (404, not_found));
    gateway.stop().await;
}

#[tokio::test]
async fn a_contact_is_shown_and_proves_itself() {
    let gateway = TestGateway::start().await;
    let anonymous = gateway.anonymous();
    let administrator = gateway.administrator();
    let inbox = gateway.inbox(None).await;
    let (_, conversation) = talking(&administrator, &inbox, "Ana", "web-1").await;
    let path = format!("{}/contacts/web-1", base(&inbox));
    let shown = get(&anonymous, &path).await.ok();
    let keys: Vec<&String> = shown.as_object().expect("an object").keys().collect();
    let expected = [
        "source_id",
        "pubsub_token",
        "id",
        "name",
        "email",
        "phone_number",
    ];
    let mut sorted = expected;
    sorted.sort_unstable();
    assert_eq!(keys, sorted);
    unauthorized(
        &get(
            &anonymous,
            &format!("{path}?identifier=7&identifier_hash=00"),
        )
        .await,
    );
    let verified = async || {
        let path = format!("/conversations/{}", conversation["id"]);
        administrator.get(&path).await.ok()["meta"]["hmac_verified"].clone()
    };
    assert_eq!(verified().await, false);
    let proof = hash(&inbox, "7");
    let proved = get(
        &anonymous,
        &format!("{path}?identifier=7&identifier_hash={proof}"),
    )
    .await;
    assert_eq!(proved.ok(), shown);
    assert_eq!(verified().await, true);
    let absent = get(&anonymous, &format!("{}/contacts/web-2", base(&inbox))).await;
    assert_eq!(
        absent.json(),
        json!({ "status": 404, "error": "Not Found" })
    );
    gateway.stop().await;
}

#[tokio::test]
async fn a_contact_says_who_it_is() {
    let gateway = TestGateway::start().await;
    let hook = hook(&gateway).await;
    let inbox = gateway.inbox(None).await;
    let body = json!({ "name": "Ana", "inbox_id": inbox["id"], "source_id": "web-1",
        "custom_attributes": { "crm": { "id": 1, "tag": "a" } },
        "additional_attributes": { "city": "Berlin", "country": "DE" } });
    contact(&gateway.administrator(), &body).await;
    let path = format!("{}/contacts/web-1", base(&inbox));
    let body = json!({ "email": "ANA@example.com", "phone_number": "+4915112345678", "name": "",
        "identifier": "7", "custom_attributes": { "crm": { "tag": "b" }, "seats": 2 },
        "additional_attributes": { "city": "Paris" } });
    let changed = patch(&gateway.anonymous(), &path, &body).await.ok();
    insta::assert_json_snapshot!("public_update", changed);
    assert_eq!(changed["identifier"], Value::Null, "it only proves");
    assert_eq!(changes(&gateway, &hook).await.len(), 1);
    let anonymous = gateway.anonymous();
    let same = anonymous
        .json(Method::PUT, &path, &json!({ "email": " " }))
        .await
        .ok();
    assert_eq!(same, changed, "blank values are left out");
    for (body, message) in [
        (json!({ "email": "no" }), "Email Invalid email"),
        (
            json!({ "phone_number": "0" }),
            "Phone number should be in e164 format",
        ),
    ] {
        let refused = patch(&anonymous, &path, &body).await;
        assert_eq!(refused.status, 422);
        assert_eq!(refused.json()["message"], message);
    }
    gateway.stop().await;
}

/// A visitor with a conversation, and somebody who is known by email and somebody by phone.
async fn three(gateway: &TestGateway) -> (Value, Value, Value, Value) {
    let administrator = gateway.administrator();
    let inbox = gateway.inbox(None).await;
    let (visitor, _) = talking(&administrator, &inbox, "Visitor", "web-1").await;
    let email = json!({ "name": "Email", "email": "e@example.com", "identifier": "7" });
    let email = contact(&administrator, &email).await;
    let phone = json!({ "name": "Phone", "phone_number": "+4915112345678" });
    let phone = contact(&administrator, &phone).await;
    (inbox, visitor, email, phone)
}

#[tokio::test]
async fn the_known_owner_of_an_email_survives() {
    let gateway = TestGateway::start().await;
    let (inbox, visitor, email, _) = three(&gateway).await;
    let path = format!("{}/contacts/web-1", base(&inbox));
    let body = json!({ "email": "E@example.com" });
    let one = patch(&gateway.anonymous(), &path, &body).await.ok();
    assert_eq!(one["id"], email["id"]);
    assert_eq!(one["name"], "Email", "the survivor keeps what it has");
    assert_eq!(
        get(&gateway.anonymous(), &path).await.ok()["id"],
        email["id"]
    );
    let administrator = gateway.administrator();
    let path = format!("/contacts/{}", visitor["id"]);
    assert_eq!(administrator.get(&path).await.status, 404);
    let path = format!("/contacts/{}/conversations", email["id"]);
    let moved = administrator.get(&path).await.ok();
    assert_eq!(moved["payload"][0]["meta"]["sender"]["id"], email["id"]);
    gateway.stop().await;
}

#[tokio::test]
async fn owners_of_email_and_phone_number_become_one_where_they_may() {
    let gateway = TestGateway::start().await;
    let (inbox, _, email, phone) = three(&gateway).await;
    let path = format!("{}/contacts/web-1", base(&inbox));
    let body = json!({ "email": "e@example.com", "phone_number": "+4915112345678", "name": "One" });
    let one = patch(&gateway.anonymous(), &path, &body).await.ok();
    assert_eq!(
        one["id"], phone["id"],
        "the phone's owner had no email of its own"
    );
    assert_eq!(one["email"], "e@example.com");
    assert_eq!(one["identifier"], "7");
    assert_eq!(one["name"], "One");
    let administrator = gateway.administrator();
    let path = format!("/contacts/{}", email["id"]);
    assert_eq!(administrator.get(&path).await.status, 404);
    gateway.stop().await;
}

#[tokio::test]
async fn a_phone_number_of_somebody_with_another_email_is_skipped() {
    let gateway = TestGateway::start().await;
    let (inbox, visitor, _, phone) = three(&gateway).await;
    let administrator = gateway.administrator();
    let owner = format!("/contacts/{}", phone["id"]);
    administrator
        .patch(&owner, &json!({ "email": "p@example.com" }))
        .await
        .ok();
    let path = format!("{}/contacts/web-1", base(&inbox));
    let body = json!({ "email": "new@example.com", "phone_number": "+4915112345678" });
    let one = patch(&gateway.anonymous(), &path, &body).await.ok();
    assert_eq!(one["id"], visitor["id"]);
    assert_eq!(one["email"], "new@example.com");
    assert_eq!(one["phone_number"], Value::Null);
    gateway.stop().await;
}

#[tokio::test]
async fn where_a_proof_is_demanded_nothing_goes_without() {
    let gateway = TestGateway::start().await;
    let administrator = gateway.administrator();
    let channel = json!({ "type": "api", "hmac_mandatory": true });
    let body = json!({ "name": "Strict", "channel": channel });
    let inbox = administrator.post("/inboxes", &body).await.ok();
    let body = json!({ "name": "Ana", "inbox_id": inbox["id"], "source_id": "web-1" });
    contact(&administrator, &body).await;
    let anonymous = gateway.anonymous();
    assert_eq!(
        get(&anonymous, &base(&inbox)).await.ok()["identity_validation_enabled"],
        true
    );
    let path = format!("{}/contacts/web-1", base(&inbox));
    unauthorized(&get(&anonymous, &path).await);
    unauthorized(&patch(&anonymous, &path, &json!({ "name": "X" })).await);
    let wrong = json!({ "name": "X", "identifier": "7", "identifier_hash": hash(&inbox, "8") });
    unauthorized(&patch(&anonymous, &path, &wrong).await);
    let right = json!({ "name": "X", "identifier": "7", "identifier_hash": hash(&inbox, "7") });
    assert_eq!(patch(&anonymous, &path, &right).await.ok()["name"], "X");
    gateway.stop().await;
}

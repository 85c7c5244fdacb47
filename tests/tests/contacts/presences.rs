use gatewright_tests::TestGateway;
use serde_json::json;

use crate::support::{contact, named};

#[tokio::test]
async fn a_contact_becomes_present_in_an_inbox() {
    let gateway = TestGateway::start().await;
    let administrator = gateway.administrator();
    let inbox = gateway.inbox(None).await;
    let ana = named(&administrator, "Ana").await;
    let path = format!("/contacts/{}/contact_inboxes", ana["id"]);
    let body = json!({ "inbox_id": inbox["id"], "source_id": "crm-1", "hmac_verified": true });
    let made = administrator.post(&path, &body).await.ok();
    insta::assert_json_snapshot!("contact_inbox", made);
    assert_eq!(
        administrator.post(&path, &body).await.ok(),
        made,
        "the same again"
    );
    let minted = administrator
        .post(&path, &json!({ "inbox_id": inbox["id"] }))
        .await
        .ok();
    assert_eq!(minted["source_id"].as_str().map(str::len), Some(36));
    let body = json!({ "inbox_id": inbox["id"], "contact_id": ana["id"], "source_id": "crm-1" });
    let conversation = administrator.post("/conversations", &body).await.ok();
    assert_eq!(conversation["meta"]["hmac_verified"], true);
    gateway.stop().await;
}

#[tokio::test]
async fn presences_are_refused_in_the_contracts_words() {
    let gateway = TestGateway::start().await;
    let administrator = gateway.administrator();
    let inbox = gateway.inbox(None).await;
    let taken = json!({ "name": "Ben", "inbox_id": inbox["id"], "source_id": "crm-1" });
    contact(&administrator, &taken).await;
    let ana = named(&administrator, "Ana").await;
    let path = format!("/contacts/{}/contact_inboxes", ana["id"]);
    let body = json!({ "inbox_id": inbox["id"], "source_id": "crm-1" });
    let refused = administrator.post(&path, &body).await;
    let unique = json!({ "error": "source_id should be unique" });
    assert_eq!((refused.status.as_u16(), refused.json()), (422, unique));
    let missing = administrator.post(&path, &json!({})).await;
    let text = json!({ "error": "param is missing or the value is empty: inbox_id" });
    assert_eq!((missing.status.as_u16(), missing.json()), (422, text));
    let agent = gateway.agent("Agent").await;
    let body = json!({ "inbox_id": inbox["id"] });
    assert_eq!(agent.post(&path, &body).await.status, 401);
    let unknown = administrator
        .post(&path, &json!({ "inbox_id": 999_999 }))
        .await;
    assert_eq!(unknown.status, 404);
    let unknown = administrator
        .post("/contacts/999999/contact_inboxes", &body)
        .await;
    assert_eq!(unknown.status, 404);
    gateway.stop().await;
}

#[tokio::test]
async fn an_inbox_is_contactable_by_the_newest_source_id_or_a_fresh_one() {
    let gateway = TestGateway::start().await;
    let administrator = gateway.administrator();
    let (known, unknown) = (gateway.inbox(None).await, gateway.inbox(None).await);
    let ana = named(&administrator, "Ana").await;
    let path = format!("/contacts/{}", ana["id"]);
    for source_id in ["old", "new"] {
        let body = json!({ "inbox_id": known["id"], "source_id": source_id });
        administrator
            .post(&format!("{path}/contact_inboxes"), &body)
            .await
            .ok();
    }
    let contactable = format!("{path}/contactable_inboxes");
    let listed = administrator.get(&contactable).await.ok();
    let payload = listed["payload"].as_array().expect("a list");
    assert_eq!(payload.len(), 2);
    assert_eq!(payload[0]["source_id"], "new");
    assert_eq!(payload[0]["inbox"]["id"], known["id"]);
    assert_eq!(payload[1]["inbox"]["id"], unknown["id"]);
    assert_eq!(payload[1]["source_id"].as_str().map(str::len), Some(36));
    let shown = administrator.get(&path).await.ok();
    let presences = shown["payload"]["contact_inboxes"].as_array();
    assert_eq!(
        presences.map(Vec::len),
        Some(2),
        "the fresh one is not stored"
    );
    let agent = gateway.agent("Agent").await;
    assert_eq!(agent.get(&contactable).await.ok(), json!({ "payload": [] }));
    gateway.stop().await;
}

#[tokio::test]
async fn a_contact_is_found_by_its_source_id() {
    let gateway = TestGateway::start().await;
    let administrator = gateway.administrator();
    let inbox = gateway.inbox(None).await;
    let body = json!({ "name": "Ana", "inbox_id": inbox["id"], "source_id": "crm-1" });
    contact(&administrator, &body).await;
    let path = "/contact_inboxes/filter";
    let body = json!({ "inbox_id": inbox["id"], "source_id": "crm-1" });
    let found = administrator.post(path, &body).await.ok();
    insta::assert_json_snapshot!("found_by_source", found);
    let body = json!({ "inbox_id": inbox["id"], "source_id": "crm-2" });
    let nobody = administrator.post(path, &body).await;
    assert_eq!((nobody.status.as_u16(), nobody.text.as_str()), (404, ""));
    let body = json!({ "inbox_id": 999_999, "source_id": "crm-1" });
    let unknown = administrator.post(path, &body).await;
    assert_eq!(unknown.json()["error"], "Resource could not be found");
    let agent = gateway.agent("Agent").await;
    let body = json!({ "inbox_id": inbox["id"], "source_id": "crm-1" });
    assert_eq!(agent.post(path, &body).await.status, 401);
    gateway.stop().await;
}

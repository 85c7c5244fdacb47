use gatewright_store::entity::contact_inboxes;
use http::Method;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use crate::support::{Contact, Site, assert_not_found, contents, redacted};

#[tokio::test]
async fn a_list_holds_every_public_message() {
    let site = Site::open().await;
    assert_eq!(site.contact.get("").await, json!([]));
    let first = site.contact.begin().await;
    assert_eq!(first["messages"], json!([]));
    let second = site.contact.begin().await;
    site.contact.say(&first, "Hello").await;
    site.answer(&first, json!({ "content": "Careful", "private": true }))
        .await;
    site.answer(&first, json!({ "content": "Hi **Cy**" })).await;
    site.contact.say(&second, "Something else").await;
    let listed = site.contact.get("").await;
    let ids: Vec<&Value> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["id"])
        .collect();
    assert_eq!(ids, [&first["id"], &second["id"]]);
    assert_eq!(contents(&listed[0]["messages"]), ["Hello", "Hi **Cy**"]);
    insta::assert_json_snapshot!("conversations", redacted(listed.clone()));
    let shown = site.contact.get(&format!("/{}", first["id"])).await;
    assert_eq!(shown, listed[0], "one is shown as it is listed");
    site.gateway.stop().await;
}

#[tokio::test]
async fn a_presence_sees_its_own_until_it_is_verified() {
    let site = Site::open().await;
    let own = site.contact.begin().await;
    let administrator = site.gateway.administrator();
    let contact = own["contact"]["id"].clone();
    let body = json!({ "inbox_id": site.inbox["id"], "contact_id": contact, "source_id": "web-2" });
    let other = administrator.post("/conversations", &body).await.ok();
    let path = format!("/{}", other["id"]);
    assert_eq!(site.contact.get("").await.as_array().unwrap().len(), 1);
    assert_not_found(&site.contact.call(Method::GET, &path, &json!({})).await);
    for operation in ["toggle_status", "toggle_typing", "update_last_seen"] {
        let path = format!("{path}/{operation}");
        assert_not_found(&site.contact.post(&path, &json!({})).await);
    }
    // The contract's quirk: messages are found in whichever conversation of the contact.
    site.contact.say(&other, "From elsewhere").await;
    let messages = site.contact.get(&format!("{path}/messages")).await;
    assert_eq!(contents(&messages), ["From elsewhere"]);
    contact_inboxes::Entity::update_many()
        .col_expr(contact_inboxes::Column::HmacVerified, Expr::value(true))
        .filter(contact_inboxes::Column::SourceId.eq("web-1"))
        .exec(site.gateway.gateway().kernel().db.write())
        .await
        .unwrap();
    let all = site.contact.get("").await;
    let ids: Vec<&Value> = all
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["id"])
        .collect();
    assert_eq!(ids, [&own["id"], &other["id"]], "all of the contact's");
    assert_eq!(site.contact.get(&path).await["id"], other["id"]);
    site.gateway.stop().await;
}

#[tokio::test]
async fn a_contact_resolves_and_never_reopens() {
    let site = Site::open().await;
    let conversation = site.contact.begin().await;
    site.contact.say(&conversation, "Thanks, done").await;
    let path = format!("/{}/toggle_status", conversation["id"]);
    let resolved = site.contact.post(&path, &json!({})).await.ok();
    assert_eq!(resolved["status"], "resolved");
    assert_eq!(contents(&resolved["messages"]), ["Thanks, done"]);
    let events = site.events().await;
    assert_eq!(
        events,
        [
            "conversation_created",
            "message_created",
            "conversation_status_changed",
            "conversation_updated"
        ]
    );
    let changed = site.told("conversation_updated").await;
    insta::assert_json_snapshot!("resolved", redacted(changed));
    let again = site
        .contact
        .post(&path, &json!({ "status": "open" }))
        .await
        .ok();
    assert_eq!(again["status"], "resolved");
    assert_eq!(site.events().await.len(), 4, "nothing has changed");
    let path = format!("/conversations/{}/messages", conversation["id"]);
    let all = site.gateway.administrator().get(&path).await.ok();
    assert_eq!(
        contents(&all["payload"]),
        ["Thanks, done", "Conversation was resolved by Cy"]
    );
    site.gateway.stop().await;
}

#[tokio::test]
async fn what_is_not_there_is_404_in_this_apis_words() {
    let site = Site::open().await;
    let conversation = site.contact.begin().await;
    let stranger = Contact::join(&site.gateway, &site.inbox, "web-9").await;
    let path = format!("/{}", conversation["id"]);
    for path in [path.as_str(), "/99", "/x", "/0"] {
        assert_not_found(&stranger.call(Method::GET, path, &Value::Null).await);
        let messages = format!("{path}/messages");
        assert_not_found(&stranger.call(Method::GET, &messages, &Value::Null).await);
    }
    let anonymous = site.gateway.anonymous();
    let identifier = site.inbox["inbox_identifier"].as_str().unwrap();
    for path in [
        format!("/public/api/v1/inboxes/{identifier}/contacts/nobody/conversations"),
        "/public/api/v1/inboxes/nowhere/contacts/web-1/conversations".to_owned(),
    ] {
        assert_not_found(&anonymous.json(Method::GET, &path, &Value::Null).await);
    }
    site.gateway.stop().await;
}

#[tokio::test]
async fn a_suspended_accounts_contacts_go_on() {
    let site = Site::open().await;
    let conversation = site.contact.begin().await;
    let account = gatewright_core::ids::AccountId(site.gateway.account_id());
    let operator = site.gateway.gateway().operator();
    operator.account_suspend(account).await.unwrap();
    assert_eq!(
        site.gateway.administrator().get("/inboxes").await.status,
        401
    );
    site.contact.say(&conversation, "Anybody there?").await;
    let listed = site.contact.get("").await;
    assert_eq!(contents(&listed[0]["messages"]), ["Anybody there?"]);
    site.gateway.stop().await;
}

#[tokio::test]
async fn browsers_of_every_origin_may_call() {
    let site = Site::open().await;
    let anonymous = site.gateway.anonymous();
    let path = "/public/api/v1/inboxes/x/contacts/y/conversations/1/messages/2";
    let asked = [
        ("origin", "https://shop.example.com"),
        ("access-control-request-method", "PATCH"),
        ("access-control-request-headers", "content-type"),
    ];
    let answer = anonymous
        .send(Method::OPTIONS, path, &asked, Vec::new())
        .await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["access-control-allow-origin"], "*");
    assert_eq!(
        answer.headers["access-control-allow-headers"],
        "content-type"
    );
    let methods = answer.headers["access-control-allow-methods"]
        .to_str()
        .unwrap();
    assert!(methods.contains("PATCH"), "{methods}");
    site.gateway.stop().await;
}

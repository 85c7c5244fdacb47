//! Labels that an account offers (contract, section 4.5).

use gatewright_tests::{Actor, TestGateway};
use http::Method;
use serde_json::{Value, json};

async fn make(actor: &Actor, title: &str) -> Value {
    actor.post("/labels", &json!({ "title": title })).await.ok()
}

fn refused(title: &str) -> Value {
    let rule = "must be at least two letters, digits, _ or -, the first a letter or digit";
    let message = match title {
        "" => "Title can't be blank".to_owned(),
        _ => format!("Title {rule}"),
    };
    json!({ "message": message, "attributes": ["title"] })
}

#[tokio::test]
async fn labels_are_made_shown_changed_and_removed() {
    let gateway = TestGateway::start().await;
    let administrator = gateway.administrator();
    make(&administrator, "VIP").await;
    let body = json!({ "label": { "title": "Billing-2", "description": "Money",
        "color": "#ff0000", "show_on_sidebar": true } });
    let made = administrator.post("/labels", &body).await.ok();
    let listed = administrator.get("/labels").await.ok();
    let path = format!("/labels/{}", made["id"]);
    let shown = administrator.get(&path).await.ok();
    assert_eq!(shown, made);
    let change = json!({ "title": "Invoices", "description": null, "show_on_sidebar": false });
    let changed = administrator.patch(&path, &change).await.ok();
    let whole = administrator.path(&path);
    let color = json!({ "color": null });
    let replaced = administrator.json(Method::PUT, &whole, &color).await.ok();
    insta::assert_json_snapshot!("labels", [&listed, &made, &changed, &replaced]);
    let deleted = administrator.delete(&path).await;
    assert_eq!((deleted.ok(), deleted.text.as_str()), (Value::Null, ""));
    assert_eq!(administrator.get(&path).await.status, 404);
    assert_eq!(administrator.delete(&path).await.status, 404);
    assert_eq!(administrator.patch(&path, &change).await.status, 404);
    let left = administrator.get("/labels").await.ok();
    assert_eq!(left["payload"].as_array().map(Vec::len), Some(1));
    gateway.stop().await;
}

#[tokio::test]
async fn titles_keep_the_rule() {
    let gateway = TestGateway::start().await;
    let administrator = gateway.administrator();
    for title in ["", "a", "_ab", "-ab", "a b", "a.b", "ab!"] {
        let body = json!({ "title": title });
        let answer = administrator.post("/labels", &body).await;
        assert_eq!(
            (answer.status.as_u16(), answer.json()),
            (422, refused(title))
        );
    }
    let answer = administrator
        .post("/labels", &json!({ "color": "#fff" }))
        .await;
    assert_eq!(answer.json(), refused(""));
    let body = json!({ "title": "x".repeat(256) });
    let long = administrator.post("/labels", &body).await.json();
    assert_eq!(
        long["message"],
        "Title is too long (maximum is 255 characters)"
    );
    for title in ["ab", "GRÖSSE", "1-2_3"] {
        assert_eq!(
            make(&administrator, title).await["title"],
            title.to_lowercase()
        );
    }
    gateway.stop().await;
}

#[tokio::test]
async fn a_title_is_taken_once_per_account() {
    let gateway = TestGateway::start().await;
    let administrator = gateway.administrator();
    make(&administrator, "vip").await;
    let other = make(&administrator, "other").await;
    let taken = json!({ "message": "Title has already been taken", "attributes": ["title"] });
    let again = administrator
        .post("/labels", &json!({ "title": "ViP" }))
        .await;
    assert_eq!((again.status.as_u16(), again.json()), (422, taken.clone()));
    let path = format!("/labels/{}", other["id"]);
    let renamed = administrator.patch(&path, &json!({ "title": "VIP" })).await;
    assert_eq!((renamed.status.as_u16(), renamed.json()), (422, taken));
    let same = administrator
        .patch(&path, &json!({ "title": "OTHER" }))
        .await;
    assert_eq!(same.ok()["title"], "other");
    make(&gateway.other_account().await, "vip").await;
    gateway.stop().await;
}

#[tokio::test]
async fn a_form_names_the_label() {
    let gateway = TestGateway::start().await;
    let administrator = gateway.administrator();
    let path = administrator.path("/labels");
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let send = |body: &str| {
        let body = body.as_bytes().to_vec();
        administrator.send(Method::POST, &path, &form, body)
    };
    let made = send("label[title]=VIP&label[show_on_sidebar]=false")
        .await
        .ok();
    assert_eq!(
        (&made["title"], &made["show_on_sidebar"]),
        (&json!("vip"), &json!(false))
    );
    let bare = send("title=other").await;
    let missing = json!({ "error": "param is missing or the value is empty: label" });
    assert_eq!((bare.status.as_u16(), bare.json()), (422, missing));
    gateway.stop().await;
}

#[tokio::test]
async fn agents_see_the_list_and_nothing_else() {
    let gateway = TestGateway::start().await;
    let label = make(&gateway.administrator(), "vip").await;
    let agent = gateway.agent("Lee").await;
    let listed = agent.get("/labels").await.ok();
    assert_eq!(listed["payload"], json!([label]));
    let path = format!("/labels/{}", label["id"]);
    let body = json!({ "title": "other" });
    for answer in [
        agent.get(&path).await,
        agent.post("/labels", &body).await,
        agent.patch(&path, &body).await,
        agent.delete(&path).await,
    ] {
        let refused = r#"{"error":"You are not authorized to do this action"}"#;
        assert_eq!(
            (answer.status.as_u16(), answer.text.as_str()),
            (401, refused)
        );
    }
    gateway.stop().await;
}

/// The tags of the conversations and contacts at these paths.
async fn tags(at: &[(&Actor, &str)]) -> Vec<Value> {
    let mut tags = Vec::new();
    for (actor, path) in at {
        let path = format!("{path}/labels");
        tags.push(actor.get(&path).await.ok()["payload"].clone());
    }
    tags
}

async fn tag(actor: &Actor, path: &str, titles: &[&str]) {
    let path = format!("{path}/labels");
    let body = json!({ "labels": titles });
    actor.post(&path, &body).await.ok();
}

/// A contact, and a conversation with it: the first of the account.
async fn meet(actor: &Actor) {
    let channel = json!({ "name": "Theirs", "channel": { "type": "api" } });
    let inbox = actor.post("/inboxes", &channel).await.ok();
    let body = json!({ "name": "Eve", "inbox_id": inbox["id"], "source_id": "e" });
    let made = actor.post("/contacts", &body).await.ok()["payload"].clone();
    let body = json!({ "inbox_id": inbox["id"], "contact_id": made["contact"]["id"],
        "source_id": "e" });
    actor.post("/conversations", &body).await.ok();
}

#[tokio::test]
async fn a_new_title_is_given_to_what_has_the_old_one_in_the_account() {
    let gateway = TestGateway::start().await;
    let (own, other) = (gateway.administrator(), gateway.other_account().await);
    meet(&own).await;
    let body = json!({ "inbox_id": 1, "contact_id": 1, "source_id": "e" });
    own.post("/conversations", &body).await.ok();
    meet(&other).await;
    own.post("/contacts", &json!({ "name": "Ben" })).await.ok();
    let at = [
        (&own, "/conversations/1"),
        (&own, "/conversations/2"),
        (&own, "/contacts/1"),
        (&own, "/contacts/3"),
        (&other, "/conversations/1"),
        (&other, "/contacts/2"),
    ];
    let given: [&[&str]; 6] = [
        &["urgent", "vip"],
        &["gold", "vip"],
        &["vip"],
        &["vip", "gold"],
        &["vip"],
        &["vip"],
    ];
    for ((actor, path), titles) in at.iter().zip(given) {
        tag(actor, path, titles).await;
    }
    let label = make(&own, "vip").await;
    make(&other, "vip").await;
    let path = format!("/labels/{}", label["id"]);
    let renamed = json!({ "title": "gold" });
    own.patch(&path, &renamed).await.ok();
    let expected = [
        json!(["urgent", "gold"]),
        json!(["gold"]),
        json!(["gold"]),
        json!(["gold"]),
        json!(["vip"]),
        json!(["vip"]),
    ];
    assert_eq!(tags(&at).await, expected);
    own.delete(&path).await.ok();
    assert_eq!(tags(&at).await, expected, "tags are free");
    gateway.stop().await;
}

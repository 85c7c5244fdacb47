//! How requests may be written (contract §1.4), and what refusals say to the letter (§1.3).

use gatewright_core::ids::AccountId;
use gatewright_tests::{Actor, Answer, TestGateway};
use http::Method;
use serde_json::{Value, json};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

async fn form(actor: &Actor, method: Method, path: &str, body: &str) -> Answer {
    let path = actor.path(path);
    actor
        .send(method, &path, &[FORM], body.as_bytes().to_vec())
        .await
}

fn refused(answer: &Answer, status: u16, body: &Value) {
    assert_eq!(answer.json(), *body);
    assert_eq!(answer.status, status, "{body}");
    assert_eq!(
        answer.headers["content-type"],
        "application/json; charset=utf-8"
    );
}

fn invalid(answer: &Answer, message: &str, attributes: &[&str]) {
    refused(
        answer,
        422,
        &json!({ "message": message, "attributes": attributes }),
    );
}

fn contact(answer: &Answer) -> Value {
    answer.ok()["payload"]["contact"].clone()
}

#[tokio::test]
async fn every_spelling_of_the_tokens_header_is_read() {
    let gateway = TestGateway::start().await;
    let administrator = gateway.administrator();
    let profile = administrator
        .send(Method::GET, "/api/v1/profile", &[], Vec::new())
        .await
        .ok();
    let token = profile["access_token"]
        .as_str()
        .expect("the token is shown");
    let anonymous = gateway.anonymous();
    for name in [
        "api_access_token",
        "api-access-token",
        "Api-Access-Token",
        "API_ACCESS_TOKEN",
    ] {
        let headers = [(name, token)];
        let answer = anonymous
            .send(Method::GET, "/api/v1/profile", &headers, Vec::new())
            .await;
        assert_eq!(answer.ok()["id"], profile["id"], "{name}");
    }
    let blank = [("api_access_token", " ")];
    let answer = anonymous
        .send(Method::GET, "/api/v1/profile", &blank, Vec::new())
        .await;
    assert_eq!(
        answer.json()["errors"].as_array().map(Vec::len),
        Some(1),
        "blank is none"
    );
    let query = format!("/api/v1/profile?api_access_token={token}");
    let answer = anonymous.send(Method::GET, &query, &[], Vec::new()).await;
    assert_eq!(answer.status, 401, "a query is not read");
    gateway.stop().await;
}

#[tokio::test]
async fn forms_queries_and_json_say_the_same() {
    let gateway = TestGateway::start().await;
    let administrator = gateway.administrator();
    let inbox = gateway.inbox(None).await;
    let body = format!(
        "name=Ana+B&inbox_id={}&custom_attributes[plan]=pro&blocked=f",
        inbox["id"]
    );
    let made = contact(&form(&administrator, Method::POST, "/contacts", &body).await);
    assert_eq!(made["name"], "Ana B");
    assert_eq!(made["custom_attributes"], json!({ "plan": "pro" }));
    assert_eq!(made["blocked"], false);
    assert_eq!(made["contact_inboxes"][0]["inbox"]["id"], inbox["id"]);
    let path = administrator.path("/contacts?name=Query&email=q@example.com");
    let made = contact(
        &administrator
            .send(Method::POST, &path, &[], Vec::new())
            .await,
    );
    assert_eq!(
        (&made["name"], &made["email"]),
        (&json!("Query"), &json!("q@example.com"))
    );
    let both = administrator
        .post("/contacts?name=Query", &json!({ "name": "Body" }))
        .await;
    assert_eq!(
        contact(&both)["name"],
        "Body",
        "the body stands over the query"
    );
    let text = json!({ "name": "Text", "inbox_id": inbox["id"].to_string() });
    let made = contact(&administrator.post("/contacts", &text).await);
    assert_eq!(
        made["contact_inboxes"][0]["inbox"]["id"], inbox["id"],
        "ids may be texts"
    );
    let empty = json!({ "name": "Empty", "email": "", "phone_number": "", "identifier": "",
        "inbox_id": "", "nobody_knows": { "this": ["one"] } });
    let made = contact(&administrator.post("/contacts", &empty).await);
    for field in ["email", "phone_number", "identifier"] {
        assert_eq!(made[field], Value::Null, "an empty {field} is none");
    }
    gateway.stop().await;
}

#[tokio::test]
async fn booleans_are_read_in_all_their_forms() {
    let gateway = TestGateway::start().await;
    let administrator = gateway.administrator();
    let falses = [
        json!(false),
        json!(0),
        json!("0"),
        json!("f"),
        json!("F"),
        json!("false"),
        json!("FALSE"),
        json!("off"),
        json!("OFF"),
        json!(""),
        json!(null),
    ];
    let trues = [
        json!(true),
        json!(1),
        json!("1"),
        json!("t"),
        json!("true"),
        json!("False"),
        json!("no"),
    ];
    for (values, expected) in [(&falses[..], false), (&trues[..], true)] {
        for value in values {
            let body = json!({ "name": "Bool", "blocked": value });
            let made = contact(&administrator.post("/contacts", &body).await);
            assert_eq!(made["blocked"], expected, "{value}");
        }
    }
    gateway.stop().await;
}

#[tokio::test]
async fn a_webhook_is_wrapped_or_flat_in_json_and_wrapped_in_a_form() {
    let gateway = TestGateway::start().await;
    let administrator = gateway.administrator();
    let url = |made: &Value| made["payload"]["webhook"]["url"].clone();
    let flat = json!({ "url": "https://a.example.com/" });
    let made = administrator.post("/webhooks", &flat).await.ok();
    assert_eq!(url(&made), "https://a.example.com/");
    let wrapped = json!({ "webhook": { "url": "https://b.example.com/" } });
    let made = administrator.post("/webhooks", &wrapped).await.ok();
    assert_eq!(url(&made), "https://b.example.com/");
    let body = "webhook[url]=https://c.example.com/&webhook[subscriptions][]=message_created";
    let made = form(&administrator, Method::POST, "/webhooks", body)
        .await
        .ok();
    assert_eq!(
        made["payload"]["webhook"]["subscriptions"],
        json!(["message_created"])
    );
    let answer = form(
        &administrator,
        Method::POST,
        "/webhooks",
        "url=https://d.example.com/",
    )
    .await;
    let error = json!({ "error": "param is missing or the value is empty: webhook" });
    refused(&answer, 422, &error);
    gateway.stop().await;
}

#[tokio::test]
async fn put_is_patch_and_paths_may_end_in_a_slash_or_json() {
    let gateway = TestGateway::start().await;
    let administrator = gateway.administrator();
    let inbox = gateway.inbox(None).await;
    let path = administrator.path(&format!("/inboxes/{}", inbox["id"]));
    let mut shown = Vec::new();
    for method in [Method::PUT, Method::PATCH] {
        for suffix in ["", "/", ".json"] {
            let path = format!("{path}{suffix}");
            let body = json!({ "name": "Renamed", "greeting_message": "Hi" });
            shown.push(administrator.json(method.clone(), &path, &body).await.ok());
        }
    }
    for suffix in ["", "/", ".json"] {
        let path = format!("{path}{suffix}");
        shown.push(
            administrator
                .send(Method::GET, &path, &[], Vec::new())
                .await
                .ok(),
        );
    }
    assert_eq!(shown[0]["name"], "Renamed");
    assert!(shown.iter().all(|it| *it == shown[0]), "{shown:?}");
    let query = format!("{path}.json?include=1");
    administrator
        .send(Method::GET, &query, &[], Vec::new())
        .await
        .ok();
    gateway.stop().await;
}

#[tokio::test]
async fn the_text_null_is_null_in_an_inbox() {
    let gateway = TestGateway::start().await;
    let inbox = gateway.inbox(None).await;
    let administrator = gateway.administrator();
    let path = format!("/inboxes/{}", inbox["id"]);
    administrator
        .patch(&path, &json!({ "greeting_message": "Hi" }))
        .await
        .ok();
    let changed = administrator
        .patch(&path, &json!({ "greeting_message": "null" }))
        .await
        .ok();
    assert_eq!(changed["greeting_message"], Value::Null);
    gateway.stop().await;
}

#[tokio::test]
async fn refusals_of_callers_to_the_letter() {
    let gateway = TestGateway::start().await;
    let error = |text: &str| json!({ "error": text });
    let answer = gateway.anonymous().get("/inboxes").await;
    let body = json!({ "errors": ["You need to sign in or sign up before continuing."] });
    refused(&answer, 401, &body);
    refused(
        &gateway.stranger().get("/inboxes").await,
        401,
        &error("Invalid Access Token"),
    );
    let other = gateway.other_account().await;
    let answer = other.at(gateway.account_id()).get("/inboxes").await;
    refused(
        &answer,
        401,
        &error("You are not authorized to access this account"),
    );
    let answer = gateway
        .agent("Agent")
        .await
        .post("/inboxes", &json!({}))
        .await;
    refused(
        &answer,
        401,
        &error("You are not authorized to do this action"),
    );
    let answer = gateway.administrator().at(999_999).get("/inboxes").await;
    refused(&answer, 404, &error("Resource could not be found"));
    let operator = gateway.gateway().operator();
    let account = AccountId(gateway.account_id());
    operator
        .account_suspend(account)
        .await
        .expect("the account is suspended");
    let answer = gateway.administrator().get("/inboxes").await;
    refused(&answer, 401, &error("Account is suspended"));
    gateway.stop().await;
}

#[tokio::test]
async fn what_is_not_there_to_the_letter() {
    let gateway = TestGateway::start().await;
    let administrator = gateway.administrator();
    let answer = administrator.get("/contacts/999999").await;
    refused(
        &answer,
        404,
        &json!({ "error": "Resource could not be found" }),
    );
    let framework = json!({ "status": 404, "error": "Not Found" });
    let post = Method::POST;
    let path = "/public/api/v1/inboxes/nobody/contacts";
    refused(
        &administrator.json(post.clone(), path, &json!({})).await,
        404,
        &framework,
    );
    for path in ["/nowhere", "/api/v1/nowhere", "/public/nowhere"] {
        let answer = administrator.send(Method::GET, path, &[], Vec::new()).await;
        refused(&answer, 404, &framework);
    }
    let headers = [("content-type", "application/json")];
    let path = administrator.path("/contacts");
    let answer = administrator
        .send(post, &path, &headers, b"{\"name\":".to_vec())
        .await;
    refused(
        &answer,
        400,
        &json!({ "status": 400, "error": "Bad Request" }),
    );
    gateway.stop().await;
}

#[tokio::test]
async fn refusals_of_contacts_to_the_letter() {
    let gateway = TestGateway::start().await;
    let administrator = gateway.administrator();
    let taken = json!({ "name": "Ana", "email": "ana@example.com", "identifier": "crm-1",
        "phone_number": "+4915112345678" });
    administrator.post("/contacts", &taken).await.ok();
    let long = "x".repeat(256);
    for (field, value, message) in [
        ("email", "ana@example.com", "Email has already been taken"),
        ("email", "ANA@example.com", "Email has already been taken"),
        ("email", "nonsense", "Email Invalid email"),
        ("identifier", "crm-1", "Identifier has already been taken"),
        (
            "phone_number",
            "+4915112345678",
            "Phone number has already been taken",
        ),
        (
            "phone_number",
            "0151",
            "Phone number should be in e164 format",
        ),
        (
            "name",
            long.as_str(),
            "Name is too long (maximum is 255 characters)",
        ),
    ] {
        let answer = administrator
            .post("/contacts", &json!({ field: value }))
            .await;
        invalid(&answer, message, &[field]);
    }
    gateway.stop().await;
}

#[tokio::test]
async fn refusals_of_webhooks_to_the_letter() {
    let gateway = TestGateway::start().await;
    let administrator = gateway.administrator();
    let url = "https://a.example.com/";
    administrator
        .post("/webhooks", &json!({ "url": url }))
        .await
        .ok();
    let post = async |body: Value| administrator.post("/webhooks", &body).await;
    invalid(
        &post(json!({ "url": "nonsense" })).await,
        "Url is invalid",
        &["url"],
    );
    invalid(
        &post(json!({ "url": url })).await,
        "Url has already been taken",
        &["url"],
    );
    let body = json!({ "url": "https://b.example.com/", "subscriptions": ["nonsense"] });
    invalid(
        &post(body).await,
        "Subscriptions Invalid events",
        &["subscriptions"],
    );
    let error = json!({ "error": "param is missing or the value is empty: webhook" });
    refused(&post(json!({})).await, 422, &error);
    gateway.stop().await;
}

#[tokio::test]
async fn refusals_of_messages_to_the_letter() {
    let gateway = TestGateway::start().await;
    let inbox = gateway.inbox(None).await;
    let (_, conversation) = gateway.conversation(&inbox).await;
    let path = format!("/conversations/{}/messages", conversation["id"]);
    let administrator = gateway.administrator();
    let body = json!({ "content": "Hi", "message_type": "x" });
    let answer = administrator.post(&path, &body).await;
    refused(
        &answer,
        422,
        &json!({ "error": "'x' is not a valid message_type" }),
    );
    let answer = administrator
        .post("/conversations", &json!({ "status": "x" }))
        .await;
    refused(
        &answer,
        422,
        &json!({ "error": "'x' is not a valid status" }),
    );
    gateway.stop().await;
}

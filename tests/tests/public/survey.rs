use std::time::Duration;

use gatewright_tests::Answer;
use http::Method;
use serde_json::{Value, json};

use crate::support::{Site, assert_not_found, redacted};

fn rated(rating: impl Into<Value>, feedback: &str) -> Value {
    json!({ "csat_survey_response": { "rating": rating.into(), "feedback_message": feedback } })
}

async fn call(site: &Site, method: Method, uuid: &Value, body: &Value) -> Answer {
    let path = format!(
        "/public/api/v1/csat_survey/{}",
        uuid.as_str().expect("a uuid")
    );
    site.gateway.anonymous().json(method, &path, body).await
}

/// A conversation that was asked to be rated.
async fn asked(site: &Site) -> (Value, Value) {
    let conversation = site.contact.begin().await;
    let body = json!({ "content": "Please rate us", "content_type": "input_csat" });
    let message = site.answer(&conversation, body).await;
    (conversation, message)
}

#[tokio::test]
async fn a_survey_is_answered_by_its_link() {
    let site = Site::open().await;
    let (conversation, _) = asked(&site).await;
    let uuid = &conversation["uuid"];
    let open = call(&site, Method::GET, uuid, &Value::Null).await.ok();
    assert_eq!(open["csat_survey_response"], Value::Null);
    insta::assert_json_snapshot!("a_survey", open);
    let body = json!({ "message": { "submitted_values": rated(4, "Good") } });
    let answered = call(&site, Method::PUT, uuid, &body).await.ok();
    insta::assert_json_snapshot!("an_answered_survey", answered);
    let told = site.told("message_updated").await;
    insta::assert_json_snapshot!("a_rating", redacted(told));
    site.gateway.advance(Duration::from_secs(10)).await;
    let body = json!({ "message": { "submitted_values": rated("5", "") } });
    let better = call(&site, Method::PATCH, uuid, &body).await.ok();
    let (first, second) = (
        &answered["csat_survey_response"],
        &better["csat_survey_response"],
    );
    assert_eq!(second["rating"], 5);
    assert_eq!(second["id"], first["id"], "one response for each survey");
    assert_eq!(second["created_at"], first["created_at"]);
    assert_ne!(second["updated_at"], first["updated_at"]);
    assert_eq!(
        call(&site, Method::GET, uuid, &Value::Null).await.ok(),
        better
    );
    site.gateway.stop().await;
}

#[tokio::test]
async fn a_survey_is_answered_in_the_contacts_own_client() {
    let site = Site::open().await;
    let (conversation, message) = asked(&site).await;
    let path = format!("/{}/messages/{}", conversation["id"], message["id"]);
    let body = json!({ "submitted_values": rated(2, "Slow") });
    let kept = site.contact.call(Method::PATCH, &path, &body).await.ok();
    assert_eq!(
        kept["content_attributes"]["submitted_values"],
        rated(2, "Slow")
    );
    let survey = call(&site, Method::GET, &conversation["uuid"], &Value::Null)
        .await
        .ok();
    assert_eq!(survey["csat_survey_response"]["rating"], 2);
    assert_eq!(survey["csat_survey_response"]["feedback_message"], "Slow");
    for wrong in [json!(0), json!(6), json!("x"), json!([1])] {
        let body = json!({ "submitted_values": rated(wrong.clone(), "") });
        let refused = site.contact.call(Method::PATCH, &path, &body).await;
        let expected = json!({
            "message": "Rating is not included in the list", "attributes": ["rating"] });
        if wrong.is_array() {
            assert_eq!(refused.status, 200, "no rating at all");
        } else {
            assert_eq!((refused.status.as_u16(), refused.json()), (422, expected));
        }
    }
    site.gateway.stop().await;
}

#[tokio::test]
async fn a_survey_can_be_answered_for_fourteen_days() {
    let site = Site::open().await;
    let (conversation, message) = asked(&site).await;
    let day = Duration::from_hours(24);
    let body = json!({ "message": { "submitted_values": rated(3, "") } });
    site.gateway.advance(day * 14).await;
    call(&site, Method::PUT, &conversation["uuid"], &body)
        .await
        .ok();
    site.gateway.advance(day).await;
    let expected = json!({ "error": "You cannot update the CSAT survey after 14 days" });
    let late = call(&site, Method::PUT, &conversation["uuid"], &body).await;
    assert_eq!((late.status.as_u16(), late.json()), (422, expected.clone()));
    let path = format!("/{}/messages/{}", conversation["id"], message["id"]);
    let late = site
        .contact
        .call(Method::PATCH, &path, &body["message"])
        .await;
    assert_eq!((late.status.as_u16(), late.json()), (422, expected));
    site.gateway.stop().await;
}

#[tokio::test]
async fn without_a_survey_there_is_none() {
    let site = Site::open().await;
    let conversation = site.contact.begin().await;
    let body = json!({ "message": { "submitted_values": rated(3, "") } });
    let unknown = json!("00000000-0000-4000-8000-000000000000");
    for uuid in [&conversation["uuid"], &unknown, &json!("x")] {
        assert_not_found(&call(&site, Method::GET, uuid, &Value::Null).await);
        assert_not_found(&call(&site, Method::PUT, uuid, &body).await);
    }
    site.gateway.stop().await;
}

#[tokio::test]
async fn the_page_is_whole_in_itself() {
    let site = Site::open().await;
    let path = "/survey/responses/anything";
    let anonymous = site.gateway.anonymous();
    let page = anonymous.send(Method::GET, path, &[], Vec::new()).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    assert!(page.text.contains("/public/api/v1/csat_survey/"));
    for asset in ["src=", "href=", "@import", "url("] {
        assert!(!page.text.contains(asset), "{asset}");
    }
    site.gateway.stop().await;
}

use http::Method;
use serde_json::{Value, json};

use crate::support::{Site, assert_not_found, contents, redacted};

#[tokio::test]
async fn the_newest_twenty_and_those_before_them() {
    let site = Site::open().await;
    let conversation = site.contact.begin().await;
    let path = format!("/{}/messages", conversation["id"]);
    assert_eq!(site.contact.get(&path).await, json!([]));
    for n in 1..=23 {
        site.contact.say(&conversation, &n.to_string()).await;
        if n % 5 == 0 {
            let note = json!({ "content": "note", "private": true });
            site.answer(&conversation, note).await;
        }
    }
    let newest = site.contact.get(&path).await;
    let expected: Vec<String> = (4..=23).map(|n: i32| n.to_string()).collect();
    assert_eq!(contents(&newest), expected);
    let before = format!("{path}?before={}", newest[0]["id"]);
    let earlier = site.contact.get(&before).await;
    assert_eq!(contents(&earlier), ["1", "2", "3"]);
    insta::assert_json_snapshot!("a_message", redacted(earlier[0].clone()));
    let answer = site.answer(&conversation, json!({ "content": "Hi" })).await;
    let newest = site.contact.get(&path).await;
    let last = newest.as_array().unwrap().last().unwrap();
    assert_eq!(last["id"], answer["id"]);
    assert_eq!(last["sender"]["type"], "user");
    site.gateway.stop().await;
}

/// A message of the account that asks for something; answers its path below the contact.
async fn asked(site: &Site, body: Value) -> String {
    let conversation = site.contact.begin().await;
    let message = site.answer(&conversation, body).await;
    format!("/{}/messages/{}", conversation["id"], message["id"])
}

#[tokio::test]
async fn a_choice_is_kept_and_told() {
    let site = Site::open().await;
    let items = json!([{ "title": "Red", "value": "r" }, { "title": "Blue", "value": "b" }]);
    let path = asked(
        &site,
        json!({ "content": "Which?", "content_type": "input_select",
            "content_attributes": { "items": items } }),
    )
    .await;
    let body = json!({ "submitted_values": [{ "title": "Blue", "value": "b", "more": 1 }] });
    let chosen = site.contact.call(Method::PATCH, &path, &body).await.ok();
    assert_eq!(
        chosen["content_attributes"],
        json!({ "items": items, "submitted_values": [{ "title": "Blue", "value": "b" }] })
    );
    let told = site.told("message_updated").await;
    insta::assert_json_snapshot!("a_choice", redacted(told));
    let again = site.contact.call(Method::PATCH, &path, &body).await.ok();
    assert_eq!(again, chosen);
    let nothing = site
        .contact
        .call(Method::PATCH, &path, &json!({}))
        .await
        .ok();
    assert_eq!(nothing, chosen);
    let updates = site.events().await;
    let updates = updates.iter().filter(|event| *event == "message_updated");
    assert_eq!(updates.count(), 1, "what does not change is not told");
    site.gateway.stop().await;
}

#[tokio::test]
async fn a_form_and_an_address_are_kept() {
    let site = Site::open().await;
    let path = asked(&site, json!({ "content": "Who?", "content_type": "form",
            "content_attributes": { "items": [{ "name": "city", "type": "text", "label": "City" }] } })).await;
    let form = "submitted_values[][name]=city&submitted_values[][value]=Bonn";
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let base = format!(
        "/public/api/v1/inboxes/{}/contacts/web-1/conversations{path}",
        site.inbox["inbox_identifier"].as_str().unwrap()
    );
    let anonymous = site.gateway.anonymous();
    let sent = anonymous
        .send(Method::PATCH, &base, &headers, form.into())
        .await;
    assert_eq!(
        sent.ok()["content_attributes"]["submitted_values"],
        json!([{ "name": "city", "value": "Bonn" }])
    );
    let path = asked(
        &site,
        json!({ "content": "Where to?", "content_type": "input_email" }),
    )
    .await;
    let body = json!({ "submitted_email": "cy@example.com" });
    let sent = site.contact.call(Method::PATCH, &path, &body).await.ok();
    assert_eq!(
        sent["content_attributes"]["submitted_email"],
        "cy@example.com"
    );
    site.gateway.stop().await;
}

#[tokio::test]
async fn what_the_contact_cannot_see_it_cannot_answer() {
    let site = Site::open().await;
    let body = json!({ "submitted_values": [] });
    let note = asked(&site, json!({ "content": "Note", "private": true })).await;
    assert_not_found(&site.contact.call(Method::PATCH, &note, &body).await);
    let (conversation, _) = note.rsplit_once('/').unwrap();
    let unknown = format!("{conversation}/999");
    assert_not_found(&site.contact.call(Method::PATCH, &unknown, &body).await);
    let other = asked(&site, json!({ "content": "Other" })).await;
    let (_, message) = other.rsplit_once('/').unwrap();
    let elsewhere = format!("{conversation}/{message}");
    assert_not_found(&site.contact.call(Method::PATCH, &elsewhere, &body).await);
    let wrong = json!({ "submitted_values": "blue" });
    let refused = site.contact.call(Method::PATCH, &other, &wrong).await;
    assert_eq!(refused.status, 422);
    refused.assert_refused("a text");
    site.gateway.stop().await;
}

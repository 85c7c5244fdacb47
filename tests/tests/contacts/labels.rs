use gatewright_tests::TestGateway;
use http::Method;
use serde_json::{Value, json};

use crate::support::{changes, hook, named};

#[tokio::test]
async fn labels_are_replaced_as_a_whole_and_told() {
    let gateway = TestGateway::start().await;
    let hook = hook(&gateway).await;
    let administrator = gateway.administrator();
    let made = named(&administrator, "Ana").await;
    let path = format!("/contacts/{}/labels", made["id"]);
    let none = json!({ "payload": [] });
    assert_eq!(administrator.get(&path).await.ok(), none);
    let body = json!({ "labels": ["vip", " lead ", "", "vip", 7] });
    let set = administrator.post(&path, &body).await.ok();
    assert_eq!(set, json!({ "payload": ["vip", "lead", "7"] }));
    assert_eq!(administrator.get(&path).await.ok(), set, "in this order");
    let again = administrator.post(&path, &body).await.ok();
    assert_eq!(again, set);
    let fewer = administrator
        .post(&path, &json!({ "labels": ["lead"] }))
        .await
        .ok();
    assert_eq!(fewer, json!({ "payload": ["lead"] }));
    let told: Vec<Value> = changes(&gateway, &hook)
        .await
        .into_iter()
        .map(|body| body["changed_attributes"][0].clone())
        .collect();
    let change = |previous: Value, current: Value| json!({ "label_list": { "previous_value": previous, "current_value": current } });
    assert_eq!(
        told,
        [
            change(json!([]), json!(["vip", "lead", "7"])),
            change(json!(["vip", "lead", "7"]), json!(["lead"])),
        ]
    );
    gateway.stop().await;
}

#[tokio::test]
async fn whatever_is_no_list_clears_them() {
    let gateway = TestGateway::start().await;
    let administrator = gateway.administrator();
    let made = named(&administrator, "Ana").await;
    let path = format!("/contacts/{}/labels", made["id"]);
    for body in [
        json!({}),
        json!({ "labels": "vip" }),
        json!({ "labels": null }),
    ] {
        administrator
            .post(&path, &json!({ "labels": ["vip"] }))
            .await
            .ok();
        let cleared = administrator.post(&path, &body).await.ok();
        assert_eq!(cleared, json!({ "payload": [] }), "{body}");
    }
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let whole = administrator.path(&path);
    let body = b"labels[]=a&labels[]=b".to_vec();
    let set = administrator
        .send(Method::POST, &whole, &form, body)
        .await
        .ok();
    assert_eq!(set, json!({ "payload": ["a", "b"] }));
    let long = json!({ "labels": ["x".repeat(256)] });
    let refused = administrator.post(&path, &long).await;
    assert_eq!(refused.status, 422);
    assert_eq!(
        refused.json()["message"],
        "Labels is too long (maximum is 255 characters)"
    );
    assert_eq!(
        administrator.get("/contacts/999999/labels").await.status,
        404
    );
    gateway.stop().await;
}

#[tokio::test]
async fn a_label_that_is_renamed_is_renamed_on_contacts() {
    let gateway = TestGateway::start().await;
    let administrator = gateway.administrator();
    let label = administrator
        .post("/labels", &json!({ "title": "lead" }))
        .await
        .ok();
    let mut paths = Vec::new();
    for (name, labels) in [
        ("Ana", json!(["a", "lead"])),
        ("Ben", json!(["lead", "vip"])),
    ] {
        let made = named(&administrator, name).await;
        let path = format!("/contacts/{}/labels", made["id"]);
        administrator
            .post(&path, &json!({ "labels": labels }))
            .await
            .ok();
        paths.push(path);
    }
    let path = format!("/labels/{}", label["id"]);
    administrator
        .patch(&path, &json!({ "title": "vip" }))
        .await
        .ok();
    let ana = administrator.get(&paths[0]).await.ok();
    assert_eq!(ana, json!({ "payload": ["a", "vip"] }));
    let ben = administrator.get(&paths[1]).await.ok();
    assert_eq!(ben, json!({ "payload": ["vip"] }), "once");
    gateway.stop().await;
}

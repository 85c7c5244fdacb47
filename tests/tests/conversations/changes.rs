use gatewright_tests::{Listener, Options, TestGateway};
use serde_json::{Value, json};

use crate::support::{changes, contents, last, path};

async fn setting() -> (TestGateway, Listener, Value) {
    TestGateway::seeded(Options::default()).await
}

async fn profile(actor: &gatewright_tests::Actor) -> Value {
    actor
        .send(http::Method::GET, "/api/v1/profile", &[], Vec::new())
        .await
        .ok()
}

#[tokio::test]
async fn a_priority_is_set_changed_and_removed() {
    let (gateway, listener, conversation) = setting().await;
    let administrator = gateway.administrator();
    let toggle = path(&conversation, "/toggle_priority");
    let updated = administrator
        .patch(&path(&conversation, ""), &json!({ "priority": "low" }))
        .await
        .ok();
    assert_eq!(updated["priority"], "low");
    for body in [
        json!({ "priority": "high" }),
        json!({ "priority": "high" }),
        json!({}),
    ] {
        let answer = administrator.post(&toggle, &body).await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, ""));
    }
    let untouched = administrator
        .patch(&path(&conversation, ""), &json!({}))
        .await
        .ok();
    assert_eq!(untouched["priority"], Value::Null);
    gateway.settle().await;
    assert_eq!(
        changes(&listener),
        [
            json!([{ "priority": { "previous_value": null, "current_value": "low" } }]),
            json!([{ "priority": { "previous_value": "low", "current_value": "high" } }]),
            json!([{ "priority": { "previous_value": "high", "current_value": null } }]),
        ],
        "what changes nothing is not told"
    );
    assert_eq!(
        contents(&gateway, &conversation).await,
        [
            "Administrator set the priority to low",
            "Administrator changed the priority from low to high",
            "Administrator removed the priority",
        ]
    );
    for body in [json!({ "priority": "none" }), json!({ "priority": "asap" })] {
        let answer = administrator.post(&toggle, &body).await;
        let name = body["priority"].as_str().unwrap();
        let text = format!("'{name}' is not a valid priority");
        assert_eq!(
            (answer.status.as_u16(), answer.json()),
            (422, json!({ "error": text }))
        );
    }
    gateway.stop().await;
}

#[tokio::test]
async fn a_conversation_is_given_taken_and_given_up() {
    let (gateway, listener, conversation) = setting().await;
    let administrator = gateway.administrator();
    let (me, agent) = (profile(&administrator).await, gateway.agent("Lee").await);
    let lee = profile(&agent).await;
    let assignments = path(&conversation, "/assignments");
    let assigned = administrator
        .post(
            &assignments,
            &json!({ "assignee_id": me["id"], "team_id": 5 }),
        )
        .await
        .ok();
    assert_eq!(
        (&assigned["id"], &assigned["role"]),
        (&me["id"], &json!("administrator"))
    );
    let assigned = administrator
        .post(&assignments, &json!({ "assignee_id": lee["id"] }))
        .await
        .ok();
    assert_eq!(assigned["name"], "Lee");
    let shown = administrator.get(&path(&conversation, "")).await.ok();
    assert_eq!(shown["meta"]["assignee"]["id"], lee["id"]);
    for body in [
        json!({ "assignee_id": 7, "assignee_type": "AgentBot" }),
        json!({ "team_id": 7 }),
        json!({ "team_id": null }),
        json!({ "team_id": 0 }),
        json!({}),
    ] {
        let answer = administrator.post(&assignments, &body).await;
        assert_eq!(
            (answer.status.as_u16(), answer.text.as_str()),
            (200, "null"),
            "{body}"
        );
    }
    let shown = administrator.get(&path(&conversation, "")).await.ok();
    assert_eq!(
        shown["meta"]["assignee"]["id"], lee["id"],
        "nothing of that changes anything"
    );
    let answer = administrator
        .post(&assignments, &json!({ "assignee_id": null }))
        .await;
    assert_eq!(answer.text, "null");
    gateway.settle().await;
    let moved = |previous: &Value, current: &Value| json!([{ "assignee_id": { "previous_value": previous, "current_value": current } }]);
    let null = Value::Null;
    assert_eq!(
        changes(&listener),
        [
            moved(&null, &me["id"]),
            moved(&me["id"], &lee["id"]),
            moved(&lee["id"], &null),
        ]
    );
    assert_eq!(
        contents(&gateway, &conversation).await,
        [
            "Administrator self-assigned this conversation",
            "Assigned to Lee by Administrator",
            "Conversation unassigned by Administrator",
        ]
    );
    gateway.stop().await;
}

#[tokio::test]
async fn an_unknown_user_unassigns() {
    let (gateway, _listener, conversation) = setting().await;
    let administrator = gateway.administrator();
    let other = profile(&gateway.other_account().await).await;
    let me = profile(&administrator).await;
    let assignments = path(&conversation, "/assignments");
    for unknown in [json!(99_999), other["id"].clone(), json!("")] {
        let body = json!({ "assignee_id": me["id"] });
        administrator.post(&assignments, &body).await.ok();
        let answer = administrator
            .post(&assignments, &json!({ "assignee_id": unknown }))
            .await;
        assert_eq!(
            (answer.status.as_u16(), answer.text.as_str()),
            (200, "null"),
            "{unknown}"
        );
        let shown = administrator.get(&path(&conversation, "")).await.ok();
        assert!(shown["meta"].get("assignee").is_none(), "{unknown}");
    }
    gateway.stop().await;
}

#[tokio::test]
async fn labels_are_replaced() {
    let (gateway, listener, conversation) = setting().await;
    let administrator = gateway.administrator();
    let labels = path(&conversation, "/labels");
    assert_eq!(
        administrator.get(&labels).await.ok(),
        json!({ "payload": [] })
    );
    let body = json!({ "labels": ["vip", " late ", "", "vip"] });
    let set = administrator.post(&labels, &body).await.ok();
    assert_eq!(set, json!({ "payload": ["vip", "late"] }));
    let body = json!({ "labels": ["late", "new", "vip"] });
    administrator.post(&labels, &body).await.ok();
    assert_eq!(
        administrator.get(&labels).await.ok()["payload"],
        json!(["late", "new", "vip"])
    );
    administrator
        .post(&labels, &json!({ "labels": ["vip"] }))
        .await
        .ok();
    administrator
        .post(&labels, &json!({ "labels": ["vip"] }))
        .await
        .ok();
    administrator.post(&labels, &json!({})).await.ok();
    let shown = administrator.get(&path(&conversation, "")).await.ok();
    assert_eq!(shown["labels"], json!([]));
    gateway.settle().await;
    let list = |previous: Value, current: Value| json!([{ "label_list": { "previous_value": previous, "current_value": current } }]);
    assert_eq!(
        changes(&listener),
        [
            list(json!([]), json!(["vip", "late"])),
            list(json!(["vip", "late"]), json!(["late", "new", "vip"])),
            list(json!(["late", "new", "vip"]), json!(["vip"])),
            list(json!(["vip"]), json!([])),
        ]
    );
    assert_eq!(
        contents(&gateway, &conversation).await,
        [
            "Administrator added vip, late",
            "Administrator added new",
            "Administrator removed late, new",
            "Administrator removed vip",
        ]
    );
    insta::assert_json_snapshot!("labels_replaced", last(&listener, "conversation_updated"));
    gateway.stop().await;
}

#[tokio::test]
async fn labels_without_measure_are_refused() {
    let (gateway, _listener, conversation) = setting().await;
    let administrator = gateway.administrator();
    let labels = path(&conversation, "/labels");
    let many: Vec<String> = (0..101).map(|number| format!("l{number}")).collect();
    for (body, text) in [
        (
            json!({ "labels": ["x".repeat(256)] }),
            "Labels is too long (maximum is 255 characters)",
        ),
        (
            json!({ "labels": many }),
            "Labels are too many (maximum is 100)",
        ),
    ] {
        let answer = administrator.post(&labels, &body).await;
        let expected = json!({ "message": text, "attributes": ["labels"] });
        assert_eq!((answer.status.as_u16(), answer.json()), (422, expected));
    }
    assert_eq!(administrator.get(&labels).await.ok()["payload"], json!([]));
    gateway.stop().await;
}

#[tokio::test]
async fn custom_attributes_are_replaced() {
    let (gateway, listener, conversation) = setting().await;
    let administrator = gateway.administrator();
    let attributes = path(&conversation, "/custom_attributes");
    let first = json!({ "custom_attributes": { "plan": "gold", "seats": 3 } });
    assert_eq!(administrator.post(&attributes, &first).await.ok(), first);
    let second = json!({ "custom_attributes": { "plan": "silver" } });
    assert_eq!(administrator.post(&attributes, &second).await.ok(), second);
    administrator.post(&attributes, &second).await.ok();
    let body = json!({ "content": "A message leaves them alone", "message_type": "incoming" });
    administrator
        .post(&path(&conversation, "/messages"), &body)
        .await
        .ok();
    let shown = administrator.get(&path(&conversation, "")).await.ok();
    assert_eq!(shown["custom_attributes"], second["custom_attributes"]);
    gateway.settle().await;
    assert_eq!(
        changes(&listener),
        [
            json!([{ "custom_attributes": { "previous_value": {},
                "current_value": { "plan": "gold", "seats": 3 } } }]),
            json!([{ "custom_attributes": { "previous_value": { "plan": "gold", "seats": 3 },
                "current_value": { "plan": "silver" } } }]),
        ]
    );
    gateway.stop().await;
}

#[tokio::test]
async fn custom_attributes_have_limits() {
    let (gateway, _listener, conversation) = setting().await;
    let administrator = gateway.administrator();
    let attributes = path(&conversation, "/custom_attributes");
    for (value, text) in [
        (
            json!("x".repeat(1501)),
            "Custom attributes k length should be < 1500",
        ),
        (
            json!(10_000_000_000_i64),
            "Custom attributes k value should be < 9999999999",
        ),
        (
            json!(u64::MAX),
            "Custom attributes k value should be < 9999999999",
        ),
    ] {
        let body = json!({ "custom_attributes": { "k": value } });
        let expected = json!({ "message": text, "attributes": ["custom_attributes"] });
        let answer = administrator.post(&attributes, &body).await;
        assert_eq!((answer.status.as_u16(), &answer.json()), (422, &expected));
        let mut create = body;
        create["source_id"] = json!("crm-42");
        let answer = administrator.post("/conversations", &create).await;
        assert_eq!((answer.status.as_u16(), &answer.json()), (422, &expected));
    }
    let body = json!({ "custom_attributes": { "k": "x".repeat(1500), "n": 9_999_999_999_i64 } });
    administrator.post(&attributes, &body).await.ok();
    let missing = administrator.post(&attributes, &json!({})).await;
    assert_eq!(missing.status, 422, "{}", missing.text);
    assert!(missing.text.contains("custom_attributes"));
    gateway.stop().await;
}

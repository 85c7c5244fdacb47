use gatewright_tests::{Actor, TestGateway};
use serde_json::{Value, json};

use crate::support::{conversation, ids, path};

fn condition(key: &str, operator: &str, values: &Value) -> Value {
    json!({ "attribute_key": key, "filter_operator": operator, "values": values })
}

fn joined(mut condition: Value, joint: &str) -> Value {
    condition["query_operator"] = json!(joint);
    condition
}

async fn found(actor: &Actor, conditions: &[Value]) -> Vec<i64> {
    let body = json!({ "payload": conditions });
    ids(&actor.post("/conversations/filter", &body).await.ok())
}

/// Three conversations that differ in everything that can be asked.
async fn three() -> (TestGateway, Value, Vec<Value>) {
    let gateway = TestGateway::start().await;
    let inbox = gateway.inbox(None).await;
    let administrator = gateway.administrator();
    let mut made = vec![conversation(&gateway, &inbox, "Ana").await];
    let body = json!({ "source_id": "Ana", "inbox_id": inbox["id"],
        "additional_attributes": { "browser_language": "DE", "conversation_language": "en",
            "referer": "https://Shop.example/100%", "mail_subject": "Order" } });
    let contact_id = made[0]["meta"]["sender"]["id"].clone();
    let mut with_facts = body;
    with_facts["contact_id"] = contact_id;
    made.push(administrator.post("/conversations", &with_facts).await.ok());
    made.push(conversation(&gateway, &inbox, "Cy").await);
    let me = administrator
        .send(http::Method::GET, "/api/v1/profile", &[], Vec::new())
        .await
        .ok()["id"]
        .clone();
    let assign = json!({ "assignee_id": me });
    administrator
        .post(&path(&made[0], "/assignments"), &assign)
        .await
        .ok();
    let urgent = json!({ "priority": "urgent" });
    administrator
        .post(&path(&made[0], "/toggle_priority"), &urgent)
        .await;
    let labels = json!({ "labels": ["vip"] });
    administrator
        .post(&path(&made[1], "/labels"), &labels)
        .await
        .ok();
    let snooze = json!({ "status": "snoozed" });
    administrator
        .post(&path(&made[2], "/toggle_status"), &snooze)
        .await
        .ok();
    (gateway, inbox, made)
}

/// What each condition finds, alone.
async fn assert_found(administrator: &Actor, cases: Vec<(Value, Vec<i64>)>) {
    for (condition, expected) in cases {
        let mut ids = found(administrator, std::slice::from_ref(&condition)).await;
        ids.sort_unstable();
        assert_eq!(ids, expected, "{condition}");
    }
}

#[tokio::test]
async fn every_key_of_equal_values_can_be_asked() {
    let (gateway, inbox, made) = three().await;
    assert_eq!(made[0]["id"], 1);
    let of_inbox = json!([inbox["id"]]);
    let cases = vec![
        (
            condition("status", "equal_to", &json!(["open"])),
            vec![1, 2],
        ),
        (
            condition("status", "equal_to", &json!(["all"])),
            vec![1, 2, 3],
        ),
        (
            condition("status", "not_equal_to", &json!(["open"])),
            vec![3],
        ),
        (
            condition("priority", "equal_to", &json!(["urgent", "low"])),
            vec![1],
        ),
        (
            condition("browser_language", "equal_to", &json!(["de"])),
            vec![2],
        ),
        (
            condition("conversation_language", "not_equal_to", &json!(["fr"])),
            vec![2],
        ),
        (condition("assignee_id", "is_present", &json!([])), vec![1]),
        (
            condition("assignee_id", "is_not_present", &json!(null)),
            vec![2, 3],
        ),
        (condition("inbox_id", "equal_to", &of_inbox), vec![1, 2, 3]),
        (condition("inbox_id", "not_equal_to", &of_inbox), vec![]),
        (condition("team_id", "equal_to", &json!([1])), vec![]),
        (
            condition("team_id", "is_not_present", &json!([])),
            vec![1, 2, 3],
        ),
        (condition("campaign_id", "is_present", &json!([])), vec![]),
        (
            condition("labels", "equal_to", &json!(["vip", "x"])),
            vec![2],
        ),
        (
            condition("labels", "not_equal_to", &json!(["vip"])),
            vec![1, 3],
        ),
        (condition("labels", "is_present", &json!([])), vec![2]),
        (
            condition("labels", "is_not_present", &json!([])),
            vec![1, 3],
        ),
    ];
    assert_found(&gateway.administrator(), cases).await;
    gateway.stop().await;
}

#[tokio::test]
async fn every_key_of_texts_and_times_can_be_asked() {
    let (gateway, ..) = three().await;
    let administrator = gateway.administrator();
    let cases = vec![
        (
            condition("display_id", "equal_to", &json!([2, "3"])),
            vec![2, 3],
        ),
        (condition("display_id", "contains", &json!(["1"])), vec![1]),
        (
            condition("display_id", "does_not_contain", &json!(["1"])),
            vec![2, 3],
        ),
        (
            condition("referer", "contains", &json!(["SHOP.example/100%"])),
            vec![2],
        ),
        (
            condition("referer", "contains", &json!(["shop_example"])),
            vec![],
        ),
        (
            condition("mail_subject", "does_not_contain", &json!(["invoice"])),
            vec![2],
        ),
        (
            condition("created_at", "is_greater_than", &json!(["2020-01-01"])),
            vec![1, 2, 3],
        ),
        (
            condition("created_at", "is_less_than", &json!(["2020-01-01"])),
            vec![],
        ),
        (
            condition("last_activity_at", "days_before", &json!([1])),
            vec![],
        ),
        (
            condition("last_activity_at", "days_before", &json!(["-1"])),
            vec![1, 2, 3],
        ),
    ];
    assert_found(&administrator, cases).await;
    let all = found(&administrator, &[]).await;
    assert_eq!(all.len(), 3, "no conditions match all");
    gateway.stop().await;
}

#[tokio::test]
async fn and_binds_more_tightly_than_or() {
    let (gateway, ..) = three().await;
    let administrator = gateway.administrator();
    let conditions = [
        joined(condition("display_id", "equal_to", &json!([3])), "or"),
        joined(condition("status", "equal_to", &json!(["open"])), "AND"),
        condition("labels", "is_present", &json!([])),
    ];
    let mut ids = found(&administrator, &conditions).await;
    ids.sort_unstable();
    assert_eq!(ids, [2, 3]);
    gateway.stop().await;
}

#[tokio::test]
async fn a_page_of_a_filter_has_three_counters() {
    let (gateway, ..) = three().await;
    let body = json!({ "payload": [condition("status", "equal_to", &json!(["open"]))] });
    let page = gateway
        .administrator()
        .post("/conversations/filter", &body)
        .await
        .ok();
    let keys: Vec<&String> = page.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["meta", "payload"]);
    let expected = json!({ "mine_count": 1, "unassigned_count": 1, "all_count": 2 });
    assert_eq!(page["meta"], expected);
    let beyond = gateway
        .administrator()
        .post("/conversations/filter?page=2", &body)
        .await
        .ok();
    assert_eq!(
        (&beyond["meta"], &beyond["payload"]),
        (&expected, &json!([]))
    );
    let agent = gateway.agent("Agent").await;
    let nothing = agent.post("/conversations/filter", &body).await.ok();
    assert_eq!(nothing["meta"]["all_count"], 0);
    gateway.stop().await;
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_in_the_contracts_words() {
    let (gateway, ..) = three().await;
    let administrator = gateway.administrator();
    let unknown = "Invalid attribute key - [colour]. The key should be one of [status,priority,\
        browser_language,conversation_language,assignee_id,inbox_id,team_id,campaign_id,labels,\
        display_id,referer,mail_subject,created_at,last_activity_at] or a custom attribute defined \
        in the account.";
    let operator =
        "Invalid operator. The allowed operators for status are [equal_to,not_equal_to].";
    let value = "Invalid value. The values provided for status are invalid";
    let joint = "Query operator must be either \"AND\" or \"OR\".";
    let open = condition("status", "equal_to", &json!(["open"]));
    let cases = [
        (
            vec![condition("colour", "equal_to", &json!(["red"]))],
            unknown,
        ),
        (
            vec![condition("status", "contains", &json!(["open"]))],
            operator,
        ),
        (vec![condition("status", "equal_to", &json!([]))], value),
        (
            vec![condition("status", "equal_to", &json!(["closed"]))],
            value,
        ),
        (vec![open.clone(), open.clone()], joint),
        (vec![joined(open, "nor")], joint),
    ];
    for (conditions, text) in cases {
        let body = json!({ "payload": conditions });
        let answer = administrator.post("/conversations/filter", &body).await;
        assert_eq!(
            (answer.status.as_u16(), answer.json()),
            (422, json!({ "error": text }))
        );
    }
    let missing = administrator
        .post("/conversations/filter", &json!({}))
        .await;
    let text = "param is missing or the value is empty: payload";
    assert_eq!(
        (missing.status.as_u16(), missing.json()),
        (422, json!({ "error": text }))
    );
    gateway.stop().await;
}

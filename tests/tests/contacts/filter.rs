use gatewright_tests::{Answer, TestGateway};
use serde_json::{Value, json};

use crate::support::{contact, names};

async fn filled() -> TestGateway {
    let gateway = TestGateway::start().await;
    let administrator = gateway.administrator();
    for (body, labels) in [
        (
            json!({ "name": "Ana", "email": "ana@example.com", "phone_number": "+4915112345678",
                "additional_attributes": { "city": "Berlin", "country_code": "DE" } }),
            json!(["vip"]),
        ),
        (
            json!({ "name": "Ben", "identifier": "crm-2", "blocked": true,
                "additional_attributes": { "city": "Paris", "company_name": "Acme" } }),
            json!(["lead", "vip"]),
        ),
        (json!({ "name": "Cy_%" }), json!([])),
    ] {
        let made = contact(&administrator, &body).await;
        let path = format!("/contacts/{}/labels", made["id"]);
        administrator
            .post(&path, &json!({ "labels": labels }))
            .await
            .ok();
        gateway.advance(std::time::Duration::from_hours(24)).await;
    }
    gateway
}

fn condition(key: &str, operator: &str, values: &Value) -> Value {
    json!({ "attribute_key": key, "filter_operator": operator, "values": values })
}

async fn ask(gateway: &TestGateway, payload: &Value) -> Answer {
    let body = json!({ "payload": payload });
    gateway
        .administrator()
        .post("/contacts/filter", &body)
        .await
}

#[tokio::test]
async fn every_key_has_its_operators() {
    let gateway = filled().await;
    // Made on the 20th, 21st and 22nd of January 2026; today is the 23rd.
    let cases = [
        ("name", "equal_to", json!(["aNA"]), "Ana"),
        ("name", "not_equal_to", json!(["Ana"]), "Ben Cy_%"),
        ("name", "contains", json!(["_%"]), "Cy_%"),
        ("name", "does_not_contain", json!(["n"]), "Cy_%"),
        ("email", "contains", json!(["EXAMPLE"]), "Ana"),
        ("email", "not_equal_to", json!(["x@example.com"]), "Ana"),
        ("phone_number", "equal_to", json!(["4915112345678"]), "Ana"),
        ("phone_number", "equal_to", json!(["+4915112345678"]), "Ana"),
        ("phone_number", "starts_with", json!(["+49"]), "Ana"),
        ("identifier", "equal_to", json!(["crm-2"]), "Ben"),
        ("country_code", "equal_to", json!(["de"]), "Ana"),
        ("city", "equal_to", json!(["berlin", "paris"]), "Ana Ben"),
        ("company", "contains", json!(["cm"]), "Ben"),
        ("blocked", "equal_to", json!([true]), "Ben"),
        ("blocked", "equal_to", json!(["false"]), "Ana Cy_%"),
        ("labels", "equal_to", json!(["vip"]), "Ana Ben"),
        ("labels", "not_equal_to", json!(["lead"]), "Ana Cy_%"),
        ("labels", "is_present", json!([]), "Ana Ben"),
        ("labels", "is_not_present", json!(null), "Cy_%"),
        (
            "created_at",
            "is_greater_than",
            json!(["2026-01-20"]),
            "Ben Cy_%",
        ),
        ("created_at", "is_less_than", json!(["2026-01-21"]), "Ana"),
        ("created_at", "days_before", json!([2]), "Ana"),
        (
            "last_activity_at",
            "is_less_than",
            json!(["2030-01-01"]),
            "",
        ),
    ];
    for (key, operator, values, expected) in cases {
        let found = ask(&gateway, &json!([condition(key, operator, &values)]))
            .await
            .ok();
        assert_eq!(
            names(&found).join(" "),
            expected,
            "{key} {operator} {values}"
        );
        assert_eq!(found["meta"]["count"], names(&found).len());
    }
    gateway.stop().await;
}

#[tokio::test]
async fn and_comes_before_or() {
    let gateway = filled().await;
    let joined = |key: &str, value: &str, operator: Option<&str>| {
        let mut one = condition(key, "equal_to", &json!([value]));
        one["query_operator"] = json!(operator);
        one
    };
    let conditions = json!([
        joined("name", "Cy_%", Some("or")),
        joined("labels", "vip", Some("AND")),
        joined("city", "Paris", None),
    ]);
    let found = ask(&gateway, &conditions).await.ok();
    assert_eq!(names(&found), ["Ben", "Cy_%"]);
    let everybody = ask(&gateway, &json!([])).await.ok();
    assert_eq!(names(&everybody), ["Ana", "Ben", "Cy_%"], "visitors, too");
    gateway.stop().await;
}

#[tokio::test]
async fn the_page_may_be_a_number_or_a_text_in_the_body_or_the_query() {
    let gateway = filled().await;
    let administrator = gateway.administrator();
    let ask = async |path: &str, body: Value| administrator.post(path, &body).await.ok();
    let found = ask(
        "/contacts/filter",
        json!({ "payload": [], "page": 1, "sort": "-name" }),
    )
    .await;
    assert_eq!(found["meta"], json!({ "count": 3, "current_page": 1 }));
    assert_eq!(names(&found), ["Cy_%", "Ben", "Ana"]);
    let found = ask(
        "/contacts/filter?page=2&sort=name",
        json!({ "payload": [] }),
    )
    .await;
    assert_eq!(found["meta"], json!({ "count": 3, "current_page": "2" }));
    assert_eq!(found["payload"], json!([]));
    gateway.stop().await;
}

#[tokio::test]
async fn refusals_to_the_letter() {
    let gateway = filled().await;
    let cases = [
        (
            condition("plan", "equal_to", &json!(["pro"])),
            "Invalid attribute key - [plan]. The key should be one of [name,phone_number,email,\
             identifier,country_code,city,company,labels,created_at,last_activity_at,blocked] or \
             a custom attribute defined in the account.",
        ),
        (
            condition("identifier", "contains", &json!(["x"])),
            "Invalid operator. The allowed operators for identifier are [equal_to,not_equal_to].",
        ),
        (
            condition("phone_number", "is_present", &json!(["x"])),
            "Invalid operator. The allowed operators for phone_number are \
             [equal_to,not_equal_to,contains,does_not_contain,starts_with].",
        ),
        (
            condition("name", "equal_to", &json!([])),
            "Invalid value. The values provided for name are invalid",
        ),
        (
            condition("created_at", "is_less_than", &json!(["soon"])),
            "Invalid value. The values provided for created_at are invalid",
        ),
        (
            json!({ "attribute_key": "name", "filter_operator": "equal_to", "values": ["x"],
                "query_operator": "xor" }),
            "Query operator must be either \"AND\" or \"OR\".",
        ),
    ];
    for (condition, text) in cases {
        let refused = ask(&gateway, &json!([condition])).await;
        assert_eq!(refused.status, 422, "{}", refused.text);
        assert_eq!(refused.json(), json!({ "error": text }));
    }
    let refused = gateway
        .administrator()
        .post("/contacts/filter", &json!({}))
        .await;
    let missing = json!({ "error": "param is missing or the value is empty: payload" });
    assert_eq!((refused.status.as_u16(), refused.json()), (422, missing));
    gateway.stop().await;
}

#[tokio::test]
async fn long_and_many_values_are_refused_or_found_never_worse() {
    let gateway = filled().await;
    let long = json!(["x".repeat(60_000)]);
    let many: Vec<String> = (0..1000).map(|number| number.to_string()).collect();
    for (operator, values) in [
        ("contains", &long),
        ("equal_to", &long),
        ("contains", &json!(many)),
        ("equal_to", &json!(many)),
    ] {
        let one = json!({ "attribute_key": "name", "filter_operator": operator,
            "values": values, "query_operator": "or" });
        for count in [1, 100] {
            let answer = ask(&gateway, &json!(vec![one.clone(); count])).await;
            let status = answer.status.as_u16();
            assert!(
                matches!(status, 200 | 422),
                "{operator} {count}: {status} {:.300}",
                answer.text
            );
        }
    }
    gateway.stop().await;
}

use gatewright_tests::{Actor, TestGateway};
use serde_json::{Value, json};

use crate::support::{contact, named, names};

async fn list(actor: &Actor, query: &str) -> Value {
    actor.get(&format!("/contacts{query}")).await.ok()
}

#[tokio::test]
async fn a_list_has_contacts_with_their_inboxes() {
    let gateway = TestGateway::start().await;
    let administrator = gateway.administrator();
    let inbox = gateway.inbox(None).await;
    let body = json!({ "name": "Ana", "email": "ana@example.com", "inbox_id": inbox["id"],
        "source_id": "crm-1", "custom_attributes": { "plan": "pro" } });
    contact(&administrator, &body).await;
    named(&administrator, "Ben").await;
    let listed = list(&administrator, "").await;
    insta::assert_json_snapshot!("list", listed);
    let without = list(&administrator, "?include_contact_inboxes=false").await;
    assert!(without["payload"][0].get("contact_inboxes").is_none());
    let same = list(&administrator, "?include_contact_inboxes=true").await;
    assert_eq!(same, listed);
    gateway.stop().await;
}

#[tokio::test]
async fn only_who_can_be_named_or_reached_is_listed() {
    let gateway = TestGateway::start().await;
    let administrator = gateway.administrator();
    let visitor = contact(&administrator, &json!({ "name": "Visitor" })).await;
    for body in [
        json!({ "name": "Email", "email": "e@example.com" }),
        json!({ "name": "Phone", "phone_number": "+4915112345678" }),
        json!({ "name": "Identifier", "identifier": "crm-1" }),
    ] {
        contact(&administrator, &body).await;
    }
    let listed = list(&administrator, "").await;
    assert_eq!(names(&listed), ["Email", "Phone", "Identifier"], "by id");
    assert_eq!(listed["meta"], json!({ "count": 3, "current_page": 1 }));
    let path = format!("/contacts/{}", visitor["id"]);
    assert_eq!(
        administrator.get(&path).await.ok()["payload"]["name"],
        "Visitor"
    );
    gateway.stop().await;
}

#[tokio::test]
async fn pages_hold_fifteen_and_are_named_as_they_were_asked_for() {
    let gateway = TestGateway::start().await;
    let administrator = gateway.administrator();
    for number in 1..=17 {
        named(&administrator, &format!("c{number:02}")).await;
    }
    let first = list(&administrator, "").await;
    assert_eq!(names(&first).len(), 15);
    assert_eq!(first["meta"], json!({ "count": 17, "current_page": 1 }));
    let second = list(&administrator, "?page=2").await;
    assert_eq!(names(&second), ["c16", "c17"]);
    assert_eq!(second["meta"], json!({ "count": 17, "current_page": "2" }));
    for (page, found) in [
        ("0", 15),
        ("-1", 15),
        ("x", 15),
        ("3", 0),
        ("9223372036854775807", 0),
    ] {
        let asked = list(&administrator, &format!("?page={page}")).await;
        assert_eq!(names(&asked).len(), found, "{page}");
        assert_eq!(asked["meta"]["current_page"], page);
    }
    gateway.stop().await;
}

/// Nine contacts; every third lacks each of the values.
async fn nine(gateway: &TestGateway) {
    let administrator = gateway.administrator();
    for number in 1..=9 {
        let mut body = json!({ "name": format!("{}{number}", if number % 2 == 0 { "a" } else { "B" }),
            "identifier": format!("i{number}") });
        if number % 3 != 0 {
            body["email"] = json!(format!("m{}@example.com", 10 - number));
            body["phone_number"] = json!(format!("+491511234567{number}"));
            body["additional_attributes"] = json!({ "company_name": format!("C{}", number % 2),
                "city": format!("City {number}"), "country": "Country" });
        }
        contact(&administrator, &body).await;
        gateway.advance(std::time::Duration::from_secs(1)).await;
    }
}

#[tokio::test]
async fn every_order_goes_both_ways_and_who_lacks_the_value_comes_last() {
    let gateway = TestGateway::start().await;
    nine(&gateway).await;
    let administrator = gateway.administrator();
    let cases = [
        ("name", "a2 a4 a6 a8 B1 B3 B5 B7 B9"),
        ("-name", "B9 B7 B5 B3 B1 a8 a6 a4 a2"),
        ("email", "a8 B7 B5 a4 a2 B1 B3 a6 B9"),
        ("-email", "B1 a2 a4 B5 B7 a8 B3 a6 B9"),
        ("phone_number", "B1 a2 a4 B5 B7 a8 B3 a6 B9"),
        ("-phone_number", "a8 B7 B5 a4 a2 B1 B3 a6 B9"),
        ("created_at", "B1 a2 B3 a4 B5 a6 B7 a8 B9"),
        ("-created_at", "B9 a8 B7 a6 B5 a4 B3 a2 B1"),
        ("company", "a2 a4 a8 B1 B5 B7 B3 a6 B9"),
        ("-city", "a8 B7 B5 a4 a2 B1 B3 a6 B9"),
        ("country,-name", "B7 B5 B1 a8 a4 a2 B9 B3 a6"),
        ("company,-created_at", "a8 a4 a2 B7 B5 B1 B9 a6 B3"),
        ("last_activity_at,-name", "B9 B7 B5 B3 B1 a8 a6 a4 a2"),
    ];
    for (sort, expected) in cases {
        let listed = list(&administrator, &format!("?sort={sort}")).await;
        assert_eq!(names(&listed).join(" "), expected, "{sort}");
    }
    let refused = administrator.get("/contacts?sort=nonsense").await;
    assert_eq!(refused.status, 422);
    let text = refused.json()["error"].to_string();
    assert!(text.contains("'nonsense' is not a valid sort"), "{text}");
    gateway.stop().await;
}

#[tokio::test]
async fn pages_go_on_among_those_that_lack_the_value() {
    let gateway = TestGateway::start().await;
    let administrator = gateway.administrator();
    for number in 0..40 {
        let mut body = json!({ "name": format!("{number:02}"), "identifier": number.to_string() });
        if number < 18 {
            body["additional_attributes"] = json!({ "city": format!("{:02}", 17 - number) });
        }
        contact(&administrator, &body).await;
    }
    let mut seen = Vec::new();
    for page in 1..=4 {
        let listed = list(&administrator, &format!("?sort=-city&page={page}")).await;
        seen.extend(names(&listed).into_iter().map(str::to_owned));
    }
    let expected: Vec<String> = (0..40).map(|number| format!("{number:02}")).collect();
    assert_eq!(seen, expected);
    gateway.stop().await;
}

#[tokio::test]
async fn activity_orders_who_wrote() {
    let gateway = TestGateway::start().await;
    let administrator = gateway.administrator();
    let inbox = gateway.inbox(None).await;
    for name in ["Early", "Late"] {
        let (contact, _) =
            crate::support::talking(&administrator, &inbox, name, &name.to_lowercase()).await;
        let path = format!("/contacts/{}", contact["id"]);
        administrator
            .patch(&path, &json!({ "identifier": name }))
            .await
            .ok();
        gateway.advance(std::time::Duration::from_secs(5)).await;
    }
    named(&administrator, "Silent").await;
    let listed = list(&administrator, "?sort=-last_activity_at").await;
    assert_eq!(names(&listed), ["Late", "Early", "Silent"]);
    let listed = list(&administrator, "?sort=last_activity_at").await;
    assert_eq!(names(&listed), ["Early", "Late", "Silent"]);
    gateway.stop().await;
}

#[tokio::test]
async fn labels_list_contacts_with_any_of_them() {
    let gateway = TestGateway::start().await;
    let administrator = gateway.administrator();
    for (name, labels) in [
        ("Ana", json!(["vip", "lead"])),
        ("Ben", json!(["lead"])),
        ("Cy", json!([])),
    ] {
        let made = named(&administrator, name).await;
        let path = format!("/contacts/{}/labels", made["id"]);
        administrator
            .post(&path, &json!({ "labels": labels }))
            .await
            .ok();
    }
    let listed = list(&administrator, "?labels[]=vip&labels[]=lead").await;
    assert_eq!(names(&listed), ["Ana", "Ben"], "each once");
    assert_eq!(listed["meta"]["count"], 2);
    let listed = list(&administrator, "?labels[]=vip&sort=-name").await;
    assert_eq!(names(&listed), ["Ana"]);
    let listed = list(&administrator, "?labels[]=nobody").await;
    assert_eq!(listed["meta"]["count"], 0);
    let many = "?labels[]=x".to_owned() + &"&labels[]=x".repeat(100);
    let refused = administrator.get(&format!("/contacts{many}")).await;
    assert_eq!(refused.status, 422);
    assert_eq!(
        refused.json()["error"],
        "labels must not have more than 100 titles"
    );
    gateway.stop().await;
}

#[tokio::test]
async fn nobody_is_online() {
    let gateway = TestGateway::start().await;
    let administrator = gateway.administrator();
    named(&administrator, "Ana").await;
    let active = administrator.get("/contacts/active?page=1").await.ok();
    let nobody = json!({ "meta": { "count": 0, "current_page": "1" }, "payload": [] });
    assert_eq!(active, nobody);
    gateway.stop().await;
}

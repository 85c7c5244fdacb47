use gatewright_tests::TestGateway;
use serde_json::{Value, json};

use crate::support::{contact, names};

async fn filled() -> TestGateway {
    let gateway = TestGateway::start().await;
    let administrator = gateway.administrator();
    for body in [
        json!({ "name": "Ana Müller", "email": "ANA@Example.com" }),
        json!({ "name": "100% sure", "phone_number": "+4915112345678" }),
        json!({ "name": "Анна", "identifier": "CRM_7" }),
        json!({ "name": "Dee", "additional_attributes": { "company_name": "Zoë's [Café]" } }),
        json!({ "name": "back\\slash*star?" }),
    ] {
        contact(&administrator, &body).await;
    }
    gateway
}

async fn found(gateway: &TestGateway, q: &str) -> Value {
    let encoded: String = url::form_urlencoded::byte_serialize(q.as_bytes()).collect();
    let path = format!("/contacts/search?q={encoded}");
    gateway.administrator().get(&path).await.ok()
}

#[tokio::test]
async fn every_text_is_looked_through_in_any_case() {
    let gateway = filled().await;
    for (q, expected) in [
        ("ana m", "Ana Müller"),
        ("  aNA@EXAMPLE ", "Ana Müller"),
        ("MÜLLER", "Ana Müller"),
        ("анн", "Анна"),
        ("АННА", "Анна"),
        ("151123", "100% sure"),
        ("ZOË'S", "Dee"),
        ("[caf", "Dee"),
        ("CRM_7", "Анна"),
    ] {
        assert_eq!(names(&found(&gateway, q).await), [expected], "{q}");
    }
    gateway.stop().await;
}

#[tokio::test]
async fn an_identifier_is_found_in_its_own_case_only() {
    let gateway = filled().await;
    assert_eq!(found(&gateway, "crm_7").await["meta"]["count"], 0);
    gateway.stop().await;
}

#[tokio::test]
async fn wildcards_mean_themselves() {
    let gateway = filled().await;
    for (q, expected) in [
        ("%", "100% sure"),
        ("0% s", "100% sure"),
        ("_", "Анна"),
        ("\\", "back\\slash*star?"),
        ("*", "back\\slash*star?"),
        ("?", "back\\slash*star?"),
        ("[", "Dee"),
        ("]", "Dee"),
    ] {
        assert_eq!(names(&found(&gateway, q).await), [expected], "{q}");
    }
    for q in ["a%r", "A*a", "^", "'; --"] {
        assert_eq!(found(&gateway, q).await["meta"]["count"], 0, "{q}");
    }
    gateway.stop().await;
}

#[tokio::test]
async fn a_blank_question_counts_nothing() {
    let gateway = filled().await;
    let blank = json!({ "meta": { "count": null, "current_page": 1 }, "payload": [] });
    let administrator = gateway.administrator();
    for path in [
        "/contacts/search",
        "/contacts/search?q=",
        "/contacts/search?q=%20",
    ] {
        assert_eq!(administrator.get(path).await.ok(), blank, "{path}");
    }
    let long = found(&gateway, &"x".repeat(1001)).await;
    assert_eq!(long["meta"], json!({ "count": 0, "current_page": 1 }));
    gateway.stop().await;
}

#[tokio::test]
async fn what_is_found_has_the_lists_shape_pages_and_orders() {
    let gateway = filled().await;
    let administrator = gateway.administrator();
    let listed = administrator
        .get("/contacts/search?q=example&page=1")
        .await
        .ok();
    insta::assert_json_snapshot!("search", listed);
    let path = "/contacts/search?q=a&sort=-created_at,name&include_contact_inboxes=no";
    let listed = administrator.get(path).await.ok();
    assert!(listed["payload"][0].get("contact_inboxes").is_none());
    let refused = administrator.get("/contacts/search?q=a&sort=x").await;
    assert_eq!(refused.status, 422);
    gateway.stop().await;
}

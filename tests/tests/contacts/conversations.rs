use gatewright_tests::TestGateway;
use serde_json::json;

use crate::support::{say, talking};

#[tokio::test]
async fn the_newest_activity_comes_first_and_twenty_are_shown() {
    let gateway = TestGateway::start().await;
    let administrator = gateway.administrator();
    let inbox = gateway.inbox(None).await;
    let (ana, first) = talking(&administrator, &inbox, "Ana", "crm-1").await;
    for _ in 0..21 {
        gateway.advance(std::time::Duration::from_secs(1)).await;
        let body =
            json!({ "inbox_id": inbox["id"], "contact_id": ana["id"], "source_id": "crm-1" });
        administrator.post("/conversations", &body).await.ok();
    }
    talking(&administrator, &inbox, "Ben", "crm-2").await;
    gateway.advance(std::time::Duration::from_secs(1)).await;
    say(&administrator, &first, "Again").await;
    let path = format!("/contacts/{}/conversations", ana["id"]);
    let listed = administrator.get(&path).await.ok();
    let ids: Vec<i64> = listed["payload"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|one| one["id"].as_i64())
        .collect();
    let mut expected: Vec<i64> = (4..=22).rev().collect();
    expected.insert(0, 1);
    assert_eq!(ids, expected);
    let shown = administrator.get("/conversations/1").await.ok();
    assert_eq!(listed["payload"][0], shown, "the same shape as one of them");
    assert_eq!(listed.as_object().map(serde_json::Map::len), Some(1));
    let absent = administrator.get("/contacts/999999/conversations").await;
    assert_eq!(absent.status, 404);
    gateway.stop().await;
}

#[tokio::test]
async fn an_agent_sees_those_of_its_inboxes() {
    let gateway = TestGateway::start().await;
    let administrator = gateway.administrator();
    let agent = gateway.agent("Agent").await;
    let (mine, other) = (gateway.inbox(None).await, gateway.inbox(None).await);
    let (ana, _) = talking(&administrator, &mine, "Ana", "crm-1").await;
    let body = json!({ "inbox_id": other["id"], "contact_id": ana["id"] });
    administrator.post("/conversations", &body).await.ok();
    let user = agent
        .send(http::Method::GET, "/api/v1/profile", &[], Vec::new())
        .await
        .ok()["id"]
        .as_i64()
        .expect("an id");
    join(&gateway, mine["id"].as_i64().expect("an id"), user).await;
    let path = format!("/contacts/{}/conversations", ana["id"]);
    let seen = agent.get(&path).await.ok();
    assert_eq!(seen["payload"].as_array().map(Vec::len), Some(1));
    assert_eq!(seen["payload"][0]["inbox_id"], mine["id"]);
    let all = administrator.get(&path).await.ok();
    assert_eq!(all["payload"].as_array().map(Vec::len), Some(2));
    gateway.stop().await;
}

async fn join(gateway: &TestGateway, inbox: i64, user: i64) {
    use gatewright_store::entity::inbox_members;
    use sea_orm::{EntityTrait, Set};
    let row = inbox_members::ActiveModel {
        inbox_id: Set(inbox),
        user_id: Set(user),
        created_at: Set(0),
    };
    inbox_members::Entity::insert(row)
        .exec_without_returning(gateway.gateway().kernel().db.write())
        .await
        .expect("a member");
}

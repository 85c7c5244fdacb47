//! Who works in an inbox, and who in the account (contract, sections 4.4 and 4.5).

use gatewright_tests::{Actor, Answer, TestGateway};
use http::Method;
use serde_json::{Value, json};

const REFUSED: &str = r#"{"error":"You are not authorized to do this action"}"#;

async fn id(actor: &Actor) -> i64 {
    let profile = actor
        .send(Method::GET, "/api/v1/profile", &[], Vec::new())
        .await
        .ok();
    profile["id"].as_i64().expect("an id")
}

async fn remove(actor: &Actor, body: &Value) -> Answer {
    let path = actor.path("/inbox_members");
    actor.json(Method::DELETE, &path, body).await
}

fn names(answer: &Answer) -> Vec<String> {
    let payload = answer.ok()["payload"].clone();
    let users = payload.as_array().expect("a list").clone();
    let name = |user: &Value| user["name"].as_str().expect("a name").to_owned();
    users.iter().map(name).collect()
}

#[tokio::test]
async fn members_come_and_go() {
    let gateway = TestGateway::start().await;
    let administrator = gateway.administrator();
    let inbox = gateway.inbox(None).await;
    let (lee, kim) = (gateway.agent("Lee").await, gateway.agent("Kim").await);
    let (lee, kim) = (id(&lee).await, id(&kim).await);
    let path = format!("/inbox_members/{}", inbox["id"]);
    assert_eq!(
        administrator.get(&path).await.ok(),
        json!({ "payload": [] })
    );
    let members = |users: &[i64]| json!({ "inbox_id": inbox["id"], "user_ids": users });
    let added = administrator
        .post("/inbox_members", &members(&[lee, lee]))
        .await
        .ok();
    insta::assert_json_snapshot!("members", added);
    let more = administrator.post("/inbox_members", &members(&[kim])).await;
    assert_eq!(names(&more), ["Lee", "Kim"], "all of them");
    assert_eq!(names(&administrator.get(&path).await), ["Lee", "Kim"]);
    let wished = administrator
        .patch("/inbox_members", &members(&[1, kim]))
        .await;
    assert_eq!(names(&wished), ["Administrator", "Kim"]);
    let removed = remove(&administrator, &members(&[kim, 999])).await;
    assert_eq!((removed.ok(), removed.text.as_str()), (Value::Null, ""));
    assert_eq!(names(&administrator.get(&path).await), ["Administrator"]);
    let nobody = administrator.patch("/inbox_members", &members(&[])).await;
    assert_eq!(names(&nobody), Vec::<String>::new());
    gateway.stop().await;
}

#[tokio::test]
async fn who_is_not_in_the_account_becomes_no_member() {
    let gateway = TestGateway::start().await;
    let administrator = gateway.administrator();
    let inbox = gateway.inbox(None).await;
    let stranger = id(&gateway.other_account().await).await;
    let unknown: Vec<i64> = (1000..3000).collect();
    for users in [vec![1, stranger], vec![1, 999], unknown] {
        let body = json!({ "inbox_id": inbox["id"], "user_ids": users });
        for answer in [
            administrator.post("/inbox_members", &body).await,
            administrator.patch("/inbox_members", &body).await,
        ] {
            let invalid = json!({ "message": "User must exist", "attributes": ["user"] });
            assert_eq!((answer.status.as_u16(), answer.json()), (422, invalid));
        }
    }
    let path = format!("/inbox_members/{}", inbox["id"]);
    assert_eq!(names(&administrator.get(&path).await), Vec::<String>::new());
    gateway.stop().await;
}

#[tokio::test]
async fn requests_without_inbox_or_users_are_refused() {
    let gateway = TestGateway::start().await;
    let administrator = gateway.administrator();
    let inbox = gateway.inbox(None).await;
    let theirs = gateway.other_account().await;
    let channel = json!({ "name": "Theirs", "channel": { "type": "api" } });
    let theirs = theirs.post("/inboxes", &channel).await.ok();
    for inbox_id in [json!(null), json!(999), theirs["id"].clone()] {
        let body = json!({ "inbox_id": inbox_id, "user_ids": [1] });
        for answer in [
            administrator.post("/inbox_members", &body).await,
            administrator.patch("/inbox_members", &body).await,
            remove(&administrator, &body).await,
        ] {
            let text = r#"{"error":"Resource could not be found"}"#;
            assert_eq!((answer.status.as_u16(), answer.text.as_str()), (404, text));
        }
    }
    let body = json!({ "inbox_id": inbox["id"] });
    let answer = administrator.post("/inbox_members", &body).await;
    let missing = json!({ "error": "param is missing or the value is empty: user_ids" });
    assert_eq!((answer.status.as_u16(), answer.json()), (422, missing));
    let body = json!({ "inbox_id": inbox["id"], "user_ids": ["x"] });
    assert_eq!(
        administrator.post("/inbox_members", &body).await.status,
        422
    );
    gateway.stop().await;
}

#[tokio::test]
async fn membership_opens_the_inbox_to_an_agent() {
    let gateway = TestGateway::start().await;
    let administrator = gateway.administrator();
    let inbox = gateway.inbox(None).await;
    let (_, conversation) = gateway.conversation(&inbox).await;
    let agent = gateway.agent("Lee").await;
    let members = json!({ "inbox_id": inbox["id"], "user_ids": [id(&agent).await] });
    let list = format!("/inbox_members/{}", inbox["id"]);
    let show = format!("/conversations/{}", conversation["id"]);
    for path in [&list, &show] {
        let answer = agent.get(path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.text.as_str()),
            (401, REFUSED)
        );
    }
    administrator.post("/inbox_members", &members).await.ok();
    assert_eq!(names(&agent.get(&list).await), ["Lee"]);
    assert_eq!(agent.get(&show).await.ok()["id"], conversation["id"]);
    for answer in [
        agent.post("/inbox_members", &members).await,
        agent.patch("/inbox_members", &members).await,
        remove(&agent, &members).await,
    ] {
        assert_eq!(
            (answer.status.as_u16(), answer.text.as_str()),
            (401, REFUSED)
        );
    }
    remove(&administrator, &members).await.ok();
    assert_eq!(agent.get(&show).await.status, 401);
    gateway.stop().await;
}

#[tokio::test]
async fn everybody_in_the_account_is_listed_by_name() {
    let gateway = TestGateway::start().await;
    gateway.other_account().await;
    gateway.agent("zoe").await;
    let agent = gateway.agent("Bea").await;
    let listed = gateway.administrator().get("/agents").await.ok();
    insta::assert_json_snapshot!("agents", listed);
    assert_eq!(agent.get("/agents").await.ok(), listed);
    gateway.stop().await;
}

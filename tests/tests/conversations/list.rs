use std::time::Duration;

use gatewright_tests::{Actor, Options, TestGateway};
use serde_json::{Value, json};

use crate::support::{add, conversation, ids, path, say};

async fn listed(actor: &Actor, query: &str) -> Vec<i64> {
    ids(&actor.get(&format!("/conversations?{query}")).await.ok())
}

/// Four conversations of one inbox, a second apart.
async fn four() -> (TestGateway, Value, Vec<Value>) {
    let gateway = TestGateway::with(Options::default()).await;
    let inbox = gateway.inbox(None).await;
    let mut made = Vec::new();
    for name in ["Ana", "Ben", "Cy", "Dee"] {
        made.push(conversation(&gateway, &inbox, name).await);
        gateway.advance(Duration::from_secs(1)).await;
    }
    (gateway, inbox, made)
}

#[tokio::test]
async fn every_filter_finds_its_own() {
    let (gateway, inbox, made) = four().await;
    let administrator = gateway.administrator();
    say(&gateway, &made[0], "Where is my 100% refund?").await;
    add(&administrator, &made[0], json!({ "content": "Coming" })).await;
    let resolve = json!({ "status": "resolved" });
    administrator
        .post(&path(&made[1], "/toggle_status"), &resolve)
        .await
        .ok();
    let labels = json!({ "labels": ["vip", "late"] });
    administrator
        .post(&path(&made[2], "/labels"), &labels)
        .await
        .ok();

    assert_eq!(
        listed(&administrator, "").await,
        [3, 1, 4],
        "open, newest activity first"
    );
    assert_eq!(listed(&administrator, "status=all").await, [3, 2, 1, 4]);
    assert_eq!(listed(&administrator, "status=resolved").await, [2]);
    assert_eq!(
        listed(&administrator, "labels[]=late&labels[]=none").await,
        [3]
    );
    assert_eq!(listed(&administrator, "q=100%25+REFUND").await, [1]);
    assert_eq!(listed(&administrator, "q=100_+refund").await, [0_i64; 0]);
    assert_eq!(
        listed(&administrator, "q=marked+resolved").await,
        [0_i64; 0],
        "a person's words"
    );
    assert_eq!(listed(&administrator, "source_id=Dee").await, [4]);
    assert_eq!(
        listed(&administrator, "conversation_type=unattended").await,
        [3, 4]
    );
    assert_eq!(
        listed(&administrator, "conversation_type=mention").await,
        [0_i64; 0]
    );
    assert_eq!(
        listed(&administrator, "conversation_type=participating").await,
        [0_i64; 0]
    );
    let of_inbox = format!("inbox_id={}", inbox["id"]);
    assert_eq!(listed(&administrator, &of_inbox).await, [3, 1, 4]);
    assert_eq!(listed(&administrator, "inbox_id=999").await, [0_i64; 0]);
    assert_eq!(
        listed(&administrator, "updated_within=1&status=all&page=9").await,
        [3, 2, 1, 4]
    );
    gateway.advance(Duration::from_mins(1)).await;
    assert_eq!(
        listed(&administrator, "updated_within=1&status=all").await,
        [0_i64; 0]
    );
    gateway.stop().await;
}

#[tokio::test]
async fn unknown_teams_are_not_found_and_unknown_words_are_named() {
    let (gateway, ..) = four().await;
    let administrator = gateway.administrator();
    for list in ["/conversations", "/conversations/meta"] {
        let answer = administrator.get(&format!("{list}?team_id=1")).await;
        assert_eq!(answer.status, 404);
        assert_eq!(answer.text, r#"{"error":"Resource could not be found"}"#);
        for (query, text) in [
            ("status=closed", "'closed' is not a valid status"),
            ("assignee_type=you", "'you' is not a valid assignee_type"),
            ("sort_by=name", "'name' is not a valid sort_by"),
            (
                "conversation_type=x",
                "'x' is not a valid conversation_type",
            ),
        ] {
            let answer = administrator.get(&format!("{list}?{query}")).await;
            assert_eq!(
                (answer.status.as_u16(), &answer.json()),
                (422, &json!({ "error": text }))
            );
        }
    }
    gateway.stop().await;
}

#[tokio::test]
async fn every_order_keeps_what_has_no_value_behind() {
    let (gateway, _, made) = four().await;
    let administrator = gateway.administrator();
    for (index, priority) in [(0, "low"), (1, "urgent"), (2, "medium")] {
        let body = json!({ "priority": priority });
        administrator
            .patch(&path(&made[index], ""), &body)
            .await
            .ok();
    }
    gateway.advance(Duration::from_secs(1)).await;
    add(
        &administrator,
        &made[3],
        json!({ "content": "An answer ends the waiting" }),
    )
    .await;
    let cases = [
        ("last_activity_at_desc", [4, 3, 2, 1]),
        ("last_activity_at_asc", [1, 2, 3, 4]),
        ("latest", [4, 3, 2, 1]),
        ("created_at_asc", [1, 2, 3, 4]),
        ("created_at_desc", [4, 3, 2, 1]),
        ("sort_on_created_at", [1, 2, 3, 4]),
        ("priority_desc", [2, 3, 1, 4]),
        ("priority_asc", [1, 3, 2, 4]),
        ("sort_on_priority", [2, 3, 1, 4]),
        ("waiting_since_asc", [1, 2, 3, 4]),
        ("waiting_since_desc", [3, 2, 1, 4]),
        ("sort_on_waiting_since", [1, 2, 3, 4]),
    ];
    for (order, expected) in cases {
        let found = listed(&administrator, &format!("sort_by={order}")).await;
        assert_eq!(found, expected, "{order}");
    }
    gateway.stop().await;
}

#[tokio::test]
async fn counters_apply_every_filter_but_the_assignee() {
    let (gateway, inbox, made) = four().await;
    let administrator = gateway.administrator();
    let me = administrator
        .send(http::Method::GET, "/api/v1/profile", &[], Vec::new())
        .await
        .ok()["id"]
        .clone();
    let body = json!({ "assignee_id": me });
    administrator
        .post(&path(&made[0], "/assignments"), &body)
        .await
        .ok();
    let expected = json!({ "mine_count": 1, "assigned_count": 1, "unassigned_count": 3,
        "all_count": 4 });
    let page = administrator
        .get("/conversations?assignee_type=me")
        .await
        .ok();
    assert_eq!(page["data"]["meta"], expected);
    assert_eq!(ids(&page), [1]);
    assert_eq!(
        listed(&administrator, "assignee_type=unassigned").await,
        [4, 3, 2]
    );
    assert_eq!(listed(&administrator, "assignee_type=assigned").await, [1]);
    let meta = administrator
        .get("/conversations/meta?assignee_type=me")
        .await
        .ok();
    assert_eq!(meta, json!({ "meta": expected }));
    let meta = administrator
        .get("/conversations/meta?status=resolved")
        .await
        .ok();
    assert_eq!(meta["meta"]["all_count"], 0);

    let agent = gateway.agent("Agent").await;
    let meta = agent.get("/conversations/meta").await.ok();
    assert_eq!(
        meta["meta"]["all_count"], 0,
        "an agent in no inbox sees nothing"
    );
    assert_eq!(
        listed(&agent, &format!("inbox_id={}", inbox["id"])).await,
        [0_i64; 0]
    );
    gateway.stop().await;
}

#[tokio::test]
async fn pages_hold_25_and_end_empty() {
    let gateway = TestGateway::start().await;
    let inbox = gateway.inbox(None).await;
    for number in 0..27 {
        conversation(&gateway, &inbox, &format!("c{number}")).await;
    }
    let administrator = gateway.administrator();
    let first = listed(&administrator, "sort_by=created_at_asc").await;
    assert_eq!(first, (1..=25).collect::<Vec<_>>());
    assert_eq!(
        listed(&administrator, "sort_by=created_at_asc&page=2").await,
        [26, 27]
    );
    for page in ["3", "99999999999"] {
        assert_eq!(
            listed(&administrator, &format!("page={page}")).await,
            [0_i64; 0]
        );
    }
    for page in ["0", "-1"] {
        assert_eq!(
            listed(&administrator, &format!("page={page}")).await.len(),
            25
        );
    }
    gateway.stop().await;
}

//! PostgreSQL plans the statements of the message path once for each connection, not each time.

use crate::support::on_each;
use gatewright_store::Dialect;
use gatewright_store::hot::delivery::{self, Held, Lane, Lease};
use gatewright_store::hot::intake::{self, Expected, Flood, Source, Wanted};
use sea_orm::{ConnectionTrait, Statement};

/// After five plans for the parameters of the time, PostgreSQL decides whether it goes on so.
const OFTEN: i64 = 12;
const UNDECIDED: i64 = 5;

#[tokio::test]
async fn statements_of_the_message_path_are_planned_once() {
    on_each(|database| async move {
        if database.dialect() == Dialect::Sqlite {
            return;
        }
        let tx = database.begin_write().await.unwrap();
        for number in 1..=OFTEN {
            ask(&tx, number).await;
        }
        let prepared = "SELECT statement, custom_plans FROM pg_prepared_statements \
            WHERE custom_plans + generic_plans >= 12";
        let statement = Statement::from_string(tx.get_database_backend(), prepared);
        let prepared = tx.query_all_raw(statement).await.unwrap();
        assert_eq!(prepared.len(), 7);
        for row in prepared {
            let (text, plans): (String, i64) = row.try_get_many_by_index().unwrap();
            assert_eq!(plans, UNDECIDED, "planned each time: {text}");
        }
    })
    .await;
}

/// As a batch of one message does, and the delivery of one webhook.
async fn ask(conn: &impl ConnectionTrait, number: i64) {
    let expected = Expected {
        messages: 1,
        events: 2,
        deliveries: 1,
    };
    intake::lock(conn, Dialect::Postgres, &[number], &[number], expected)
        .await
        .unwrap();
    let source = Source {
        conversation_id: number,
        source_id: "source".to_owned(),
    };
    let flood = Flood {
        conversation_id: number,
        count: 1,
    };
    let wanted = Wanted {
        conversations: vec![number],
        sources: vec![source],
        flood: vec![flood],
        ..Wanted::default()
    };
    intake::load(conn, Dialect::Postgres, &wanted)
        .await
        .unwrap();

    let lease = Lease {
        now: number,
        token: number,
        length: 1,
    };
    let lane = Lane {
        receiver_id: number,
        lane: number,
    };
    let held = Held {
        id: number,
        token: number,
    };
    delivery::claim(conn, number, 1, lease).await.unwrap();
    delivery::claim_lanes(conn, &[lane], lease).await.unwrap();
    delivery::held(conn, &[held]).await.unwrap();
    delivery::health(conn, &[number], &[]).await.unwrap();
    delivery::events(conn, &[number]).await.unwrap();
}

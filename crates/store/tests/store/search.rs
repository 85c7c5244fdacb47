//! The index of messages' texts lags behind, and ends up with what is stored.

use crate::support::rows::insert_all;
use crate::support::{on_each, rows};
use gatewright_store::search::{INDEXED, catch_up};
use gatewright_store::{Database, Dialect};
use sea_orm::ConnectionTrait;

#[tokio::test]
async fn texts_are_indexed_some_at_a_time() {
    on_each(|database| async move {
        insert_all(&database, 1).await;
        for (id, kind, text) in [
            (2, 0, "'early'"),
            (3, 2, "'early'"),
            (4, 1, "NULL"),
            (5, 1, "'early'"),
        ] {
            add(&database, id, kind, text).await;
        }
        if database.dialect() == Dialect::Postgres {
            // Found at once; there the list of new ones is only folded in.
            assert_eq!(catch_up(&database, 2).await.unwrap(), 0);
            return;
        }
        assert_eq!(indexed(&database, "ear").await, (vec![], 0));
        assert_eq!(catch_up(&database, 3).await.unwrap(), 3);
        assert_eq!(indexed(&database, "ear").await, (vec![2], 3));
        assert_eq!(catch_up(&database, 3).await.unwrap(), 2);
        assert_eq!(catch_up(&database, 3).await.unwrap(), 0);
        assert_eq!(indexed(&database, "ear").await, (vec![2, 5], 5));
    })
    .await;
}

#[tokio::test]
async fn texts_that_change_or_go_are_indexed_as_they_are() {
    on_each(|database| async move {
        insert_all(&database, 1).await;
        for id in 2..=4 {
            add(&database, id, 1, "'before'").await;
        }
        catch_up(&database, 3).await.unwrap();
        let change = "UPDATE messages SET content = 'after' WHERE id IN (2, 4)";
        database.write().execute_unprepared(change).await.unwrap();
        if database.dialect() == Dialect::Postgres {
            return;
        }
        assert_eq!(indexed(&database, "bef").await, (vec![3], 3));
        assert_eq!(indexed(&database, "aft").await, (vec![2], 3));
        assert_eq!(catch_up(&database, 9).await.unwrap(), 1);
        assert_eq!(indexed(&database, "aft").await, (vec![2, 4], 4));

        // The newest one goes: what is stored next is indexed all the same.
        let remove = "DELETE FROM messages WHERE id IN (3, 4)";
        database.write().execute_unprepared(remove).await.unwrap();
        assert_eq!(indexed(&database, "bef").await, (vec![], 2));
        add(&database, 5, 1, "'after'").await;
        assert_eq!(catch_up(&database, 9).await.unwrap(), 1);
        assert_eq!(indexed(&database, "aft").await, (vec![2, 5], 5));
    })
    .await;
}

async fn add(database: &Database, id: i64, kind: i64, text: &str) {
    let add = format!(
        "INSERT INTO messages (id, account_id, inbox_id, conversation_id, contact_inbox_id, seq, \
         message_type, content, created_at, updated_at) \
         VALUES ({id}, 1, 1, 1, 1, {id}, {kind}, {text}, 1, 1)"
    );
    database.write().execute_unprepared(&add).await.unwrap();
}

/// The messages that are found by this run of three, and how far the index has come.
async fn indexed(database: &Database, run: &str) -> (Vec<i64>, i64) {
    let found = format!(
        "SELECT rowid AS id FROM message_search WHERE message_search MATCH '\"{run}\"' ORDER BY rowid"
    );
    let ids = rows(database, &found).await;
    let ids = ids.iter().map(|row| row.try_get("", "id").unwrap());
    let newest = rows(database, &format!("SELECT {INDEXED} AS id")).await;
    (ids.collect(), newest[0].try_get("", "id").unwrap())
}

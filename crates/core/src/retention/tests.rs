use std::sync::Mutex;
use std::time::Duration;

use gatewright_store::entity::{blobs, idempotency_records, inbound_dedup, inbound_log};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, PaginatorTrait};
use serde_json::json;

use super::*;
use crate::attachment::{Bytes, UploadedFile};
use crate::testing::World;

const DAY: Duration = Duration::from_hours(24);

async fn insert_all<M, A>(kernel: &Kernel, rows: Vec<M>)
where
    M: sea_orm::ModelTrait + IntoActiveModel<A>,
    A: ActiveModelTrait<Entity = M::Entity> + Send,
{
    for row in rows {
        M::Entity::insert(row.into_active_model().reset_all())
            .exec_without_returning(kernel.db.write())
            .await
            .unwrap();
    }
}

async fn count<E: EntityTrait>(kernel: &Kernel) -> u64
where
    E::Model: Send + Sync,
{
    E::find().count(kernel.db.read()).await.unwrap()
}

async fn uploaded(files: &Attachments) -> UploadedFile {
    let mut upload = files.begin("a.txt", None).await.unwrap();
    upload.write(Bytes::from_static(b"text")).await.unwrap();
    upload.finish().await.unwrap()
}

/// A node that keeps the statements which remove rows.
async fn watched(world: &World) -> (Arc<Kernel>, Arc<Mutex<Vec<String>>>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&seen);
    let node = world.observed_node(move |statement| {
        if statement.sql.starts_with("DELETE") {
            keep.lock().unwrap().push(statement.sql.clone());
        }
    });
    (node.await, seen)
}

#[tokio::test]
async fn what_is_too_old_goes_in_batches_and_the_rest_stays() {
    let world = World::new().await;
    let owner = world.administrator().await;
    let account_id = owner.account_id().get();
    let inbox_id = world.inbox(&owner, "relay", json!({})).await.inbox.id.get();
    let (kernel, deletions) = watched(&world).await;
    let born = kernel.now().0;
    let answer = |number: i64, created_at| idempotency_records::Model {
        token_id: 1,
        key: number.to_string(),
        request_hash: String::new(),
        resource: "message".to_owned(),
        answer: None,
        created_at,
    };
    let key = |number: i64, created_at| inbound_dedup::Model {
        inbox_id,
        dedup_key: number.to_string(),
        message_id: None,
        created_at,
    };
    let request = |id: i64, state, received_at| inbound_log::Model {
        id,
        account_id,
        inbox_id,
        channel: "relay".to_owned(),
        method: "POST".to_owned(),
        path: "/".to_owned(),
        headers: "{}".to_owned(),
        body: Vec::new(),
        state,
        error: None,
        received_at,
    };
    insert_all(&kernel, (0..450).map(|n| answer(n, born + n)).collect()).await;
    insert_all(&kernel, (0..450).map(|n| key(n, born + n)).collect()).await;
    insert_all(&kernel, (1..=450).map(|n| request(n, 0, born)).collect()).await;
    insert_all(&kernel, vec![request(451, 1, born + 1)]).await;
    world.clock.advance(DAY * 30);
    let now = kernel.now().0;
    insert_all(&kernel, vec![answer(1000, now)]).await;
    insert_all(&kernel, vec![key(1000, now)]).await;
    insert_all(&kernel, vec![request(1000, 0, now)]).await;
    // Of the keys the first is too old, and nothing else that is kept for thirty days.
    world.clock.advance(Duration::from_micros(1));
    Pruner::new(Arc::clone(&kernel)).run().await;
    assert_eq!(count::<idempotency_records::Entity>(&kernel).await, 1);
    assert_eq!(count::<inbound_dedup::Entity>(&kernel).await, 450);
    assert_eq!(count::<inbound_log::Entity>(&kernel).await, 2);
    world.clock.advance(DAY / 2);
    Pruner::new(Arc::clone(&kernel)).run().await;
    assert_eq!(count::<inbound_dedup::Entity>(&kernel).await, 1);
    assert_eq!(count::<inbound_log::Entity>(&kernel).await, 1);
    let deletions = deletions.lock().unwrap();
    let of = |table: &str| {
        let hits = deletions.iter().filter(|sql| sql.contains(table));
        hits.count()
    };
    // 450 rows by 200; a last one finds out that no answer is left.
    assert_eq!(of("idempotency_records"), 3 + 1);
    assert_eq!(of("inbound_dedup"), 1 + 3);
    assert_eq!(of("inbound_log"), 3 + 1);
}

#[tokio::test]
async fn uploads_that_no_message_took_go_with_their_bytes() {
    let world = World::new().await;
    let owner = world.administrator().await;
    let kernel = Arc::clone(&world.kernel);
    let files = Attachments::new(Arc::clone(&kernel));
    let old = uploaded(&files).await;
    files.upload(&owner, old.clone()).await.unwrap();
    world.clock.advance(DAY * 45);
    let young = uploaded(&files).await;
    files.upload(&owner, young.clone()).await.unwrap();
    let mut pruner = Pruner::new(Arc::clone(&kernel));
    pruner.run().await;
    assert_eq!(
        count::<blobs::Entity>(&kernel).await,
        2,
        "not a day too early"
    );
    world.clock.advance(DAY);
    pruner.run().await;
    let left = blobs::Entity::find().all(kernel.db.read()).await.unwrap();
    let keys: Vec<&str> = left.iter().map(|row| row.key.as_str()).collect();
    assert_eq!(keys, [young.key.as_str()]);
    let root = &kernel.config.attachments.path;
    assert!(!root.join(&old.key).exists());
    assert!(root.join(&young.key).exists());
}

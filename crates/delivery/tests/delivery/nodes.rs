//! Several nodes over one database.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use gatewright_core::channel::DeliveryOutcome;
use gatewright_core::delivery::Claimed;
use gatewright_core::ids::{InboxId, ReceiverId};

use crate::outages::settled;
use crate::support::{World, accept, config, on_each, on_postgres, retry, seconds};

const LANES: i64 = 6;
const PER_LANE: usize = 25;

/// Who is sending in which lane, and what was delivered in it.
#[derive(Default)]
struct Watch {
    busy: Mutex<HashMap<i64, i64>>,
    delivered: Mutex<HashMap<i64, Vec<i64>>>,
}

impl Watch {
    fn enter(&self, claimed: &Claimed) {
        let lane = claimed.lane.unwrap();
        let other = self.busy.lock().unwrap().insert(lane, claimed.id.get());
        assert_eq!(other, None, "two senders in lane {lane}");
    }

    fn leave(&self, claimed: &Claimed, delivered: bool) {
        let lane = claimed.lane.unwrap();
        if delivered {
            let mut all = self.delivered.lock().unwrap();
            all.entry(lane).or_default().push(claimed.id.get());
        }
        self.busy.lock().unwrap().remove(&lane);
    }
}

/// Claims and settles until everything is delivered; every third attempt fails.
async fn hammer(world: Arc<World>, receiver: ReceiverId, watch: Arc<Watch>, seed: usize) {
    let mut attempts = seed;
    let mut idle = 0;
    while idle < 40 {
        let mut work = world.ledger.claim(receiver, 3).await.unwrap();
        idle = if work.is_empty() { idle + 1 } else { 0 };
        while !work.is_empty() {
            for claimed in &work {
                watch.enter(claimed);
            }
            tokio::task::yield_now().await;
            let outcomes: Vec<_> = work
                .iter()
                .map(|claimed| {
                    attempts += 1;
                    let outcome = if attempts.is_multiple_of(3) {
                        retry()
                    } else {
                        accept()
                    };
                    settled(claimed, outcome)
                })
                .collect();
            for outcome in &outcomes {
                let delivered = matches!(outcome.outcome, DeliveryOutcome::Accepted { .. });
                watch.leave(&outcome.claimed, delivered);
            }
            let settlement = world.ledger.settle(&outcomes).await;
            let settlement = match settlement {
                Ok(settlement) => settlement,
                Err(error) => panic!("{error:?}"),
            };
            assert!(settlement.lost.is_empty());
            work = settlement.released;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_two_nodes_ever_send_one_lane_at_once() {
    on_each(|db| async move {
        let mut config = config();
        // A failure is due again at once, keeps its lane, and closes nobody.
        config.delivery.schedule = vec![seconds(0); 1000];
        config.delivery.hold_attempts = 1000;
        config.delivery.probe_after = 1_000_000;
        let one = Arc::new(World::with(db.clone(), config.clone()).await);
        let two = Arc::new(World::node(db, config, one.account, 2));
        let (inbox, receiver) = one.inbox("messages").await;
        let mut expected: HashMap<i64, Vec<i64>> = HashMap::new();
        for _ in 0..PER_LANE {
            for lane in 1..=LANES {
                let id = one.queue(inbox, receiver, Some(lane)).await;
                expected.entry(lane).or_default().push(id.get());
            }
        }
        let watch = Arc::new(Watch::default());
        let mut tasks = tokio::task::JoinSet::new();
        for seed in 0..8 {
            let world = Arc::clone(if seed % 2 == 0 { &one } else { &two });
            tasks.spawn(hammer(world, receiver, Arc::clone(&watch), seed));
        }
        while let Some(result) = tasks.join_next().await {
            result.unwrap();
        }
        assert_eq!(
            *watch.delivered.lock().unwrap(),
            expected,
            "each once, in order"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_engines_share_the_work_and_keep_the_order() {
    on_postgres(|db| async move {
        let one = World::with(db.clone(), config()).await;
        let two = World::node(db, config(), one.account, 2);
        let (inbox, receiver) = one.inbox("messages").await;
        let mut expected: HashMap<i64, Vec<i64>> = HashMap::new();
        for _ in 0..PER_LANE {
            for lane in 1..=LANES {
                let id = one.queue(inbox, receiver, Some(lane)).await;
                expected.entry(lane).or_default().push(id.get());
            }
        }
        let engines = [one.engine().await, two.engine().await];
        tokio::join!(engines[0].settle_all(), engines[1].settle_all());
        for engine in &engines {
            engine.settle_all().await;
        }
        let mut calls = one.channel.order();
        calls.extend(two.channel.order());
        calls.sort_unstable();
        let mut all: Vec<i64> = expected.into_values().flatten().collect();
        all.sort_unstable();
        assert_eq!(calls, all, "every delivery once");
        for engine in &engines {
            engine.drain(seconds(5)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_node_without_places_wakes_the_others() {
    on_postgres(|db| async move {
        let mut narrow = config();
        narrow.delivery.concurrency = 1;
        let one = World::with(db.clone(), narrow).await;
        let two = World::node(db, config(), one.account, 2);
        let (inbox, receiver) = one.inbox("messages").await;
        let engines = [one.engine().await, two.engine().await];
        one.channel.shut(inbox);
        one.queue(inbox, receiver, Some(1)).await;
        engines[0].poke().await;
        one.channel.called(1).await;
        engines[1].listening().await;
        let second = one.queue(inbox, receiver, Some(2)).await;
        one.kernel.dispatch().wake(&[receiver]);
        two.channel.called(1).await;
        assert_eq!(two.channel.order(), [second.get()]);
        one.channel.open(inbox, 1);
        for engine in &engines {
            engine.drain(seconds(5)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn one_node_at_a_time_probes() {
    on_each(|db| async move {
        let one = World::with(db.clone(), config()).await;
        let two = World::node(db, config(), one.account, 2);
        let (inbox, receiver): (InboxId, ReceiverId) = one.inbox("messages").await;
        for lane in 1..=3 {
            one.queue(inbox, receiver, Some(lane)).await;
        }
        one.change_receiver(receiver, |row| row.state = sea_orm::Set(1))
            .await;
        assert!(
            one.ledger.claim(receiver, 9).await.unwrap().is_empty(),
            "claims stop"
        );
        let probe = one.ledger.probe(receiver).await.unwrap().unwrap();
        assert!(two.ledger.probe(receiver).await.unwrap().is_none());
        assert!(one.ledger.probe(receiver).await.unwrap().is_none());
        one.ledger
            .settle(&[settled(&probe, retry())])
            .await
            .unwrap();
        assert!(
            two.ledger.probe(receiver).await.unwrap().is_none(),
            "not before its time"
        );
        one.advance(seconds(5));
        two.advance(seconds(5));
        assert!(two.ledger.probe(receiver).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn an_attempt_that_ends_while_another_node_probes_ends_no_probe() {
    on_each(|db| async move {
        let one = World::with(db.clone(), config()).await;
        let two = World::node(db, config(), one.account, 2);
        let (inbox, receiver) = one.inbox("messages").await;
        for lane in 1..=3 {
            one.queue(inbox, receiver, Some(lane)).await;
        }
        let slow = one.ledger.claim(receiver, 1).await.unwrap();
        one.change_receiver(receiver, |row| row.state = sea_orm::Set(1))
            .await;
        let probe = one.ledger.probe(receiver).await.unwrap().unwrap();
        two.ledger
            .settle(&[settled(&slow[0], retry())])
            .await
            .unwrap();
        assert!(
            two.ledger.probe(receiver).await.unwrap().is_none(),
            "the probe still runs"
        );
        one.ledger
            .settle(&[settled(&probe, accept())])
            .await
            .unwrap();
        assert_eq!(one.receiver_row(receiver).await.probe_lease_until, None);
    })
    .await;
}

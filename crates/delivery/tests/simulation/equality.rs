//! The model holds against real databases: the same statements give the same answers and leave the
//! same rows. SQLite always; PostgreSQL when `GATEWRIGHT_TEST_DATABASE_URL` names a server, its clock
//! moved by hand and the nodes' clocks beside it.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use gatewright_core::{Clock, Timestamp};
use gatewright_store::entity::{accounts, attempts, deliveries, receivers};
use gatewright_store::hot::delivery::{
    self as hot, Finish, HealthRow, Held, Lane, Lease, NewAttempt,
};
use gatewright_store::{Database, Dialect};
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel,
    IntoMockRow, QueryOrder,
};
use serde_json::json;

use crate::chance::Chance;
use crate::databases::on_each;
use crate::model::{Connection, Model, Note, Observer};
use crate::{node, rows};

/// Sequences of statements, and statements in each.
const RUNS: u64 = 12;
const STATEMENTS: u64 = 120;

const DELIVERIES: i64 = 24;
const RECEIVERS: i64 = 2;
const BEGIN: i64 = 1_768_900_502_113_000;
const SECOND: i64 = 1_000_000;

struct ManualClock(AtomicI64);

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }
}

struct Nobody;

impl Observer for Nobody {
    fn changed(&self, _: &Model, _: Note) {}
}

/// A real database and the model, side by side.
struct Pair {
    real: DatabaseTransaction,
    model: Arc<Mutex<Model>>,
    model_db: Database,
    clock: Arc<ManualClock>,
    postgres: bool,
}

#[tokio::test]
async fn the_model_answers_as_the_databases_do() {
    on_each(|db| async move {
        for run in 0..RUNS {
            let mut chance = Chance::new(run);
            let pair = Pair::new(&db, &mut chance).await;
            for number in 0..STATEMENTS {
                pair.step(&mut chance, &format!("run {run}, statement {number}"))
                    .await;
            }
            pair.real.rollback().await.unwrap();
        }
    })
    .await;
}

impl Pair {
    async fn new(db: &Database, chance: &mut Chance) -> Self {
        let clock = Arc::new(ManualClock(AtomicI64::new(BEGIN)));
        let model = Arc::new(Mutex::new(Model::new(Arc::clone(&clock) as Arc<dyn Clock>)));
        let fails_in = Arc::new(AtomicI64::new(-1));
        let pair = Self {
            real: db.begin_write().await.unwrap(),
            model_db: Connection::open(Arc::clone(&model), Arc::new(Nobody), fails_in),
            model,
            clock,
            postgres: db.dialect() == Dialect::Postgres,
        };
        if pair.postgres {
            pair.take_the_clock().await;
        }
        pair.fill(chance).await;
        pair
    }

    /// The statements ask `clock_timestamp()`, and are answered by another one.
    async fn take_the_clock(&self) {
        for text in [
            "CREATE SCHEMA sim".to_owned(),
            format!("CREATE TABLE sim.clock AS SELECT {BEGIN}::bigint AS now"),
            "CREATE FUNCTION sim.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
             'SELECT timestamptz ''epoch'' + now * interval ''1 microsecond'' FROM sim.clock'"
                .to_owned(),
            "SET LOCAL search_path = sim, pg_catalog, public".to_owned(),
        ] {
            self.real.execute_unprepared(&text).await.unwrap();
        }
    }

    async fn fill(&self, chance: &mut Chance) {
        account()
            .into_active_model()
            .insert(&self.real)
            .await
            .unwrap();
        for id in 1..=RECEIVERS {
            let mut row = rows::receiver(id);
            row.inbox_id = None;
            row.state = chance.pick(&[0, 0, 1, 2]);
            row.failures = chance.pick(&[0, 3]);
            row.clone()
                .into_active_model()
                .insert(&self.real)
                .await
                .unwrap();
            self.model.lock().unwrap().receivers.insert(id, row);
        }
        for id in 1..=DELIVERIES {
            let event = node::event(usize::try_from(id - 1).unwrap(), Timestamp(BEGIN));
            let row = rows::event(&event);
            row.clone()
                .into_active_model()
                .insert(&self.real)
                .await
                .unwrap();
            let row = row.into_mock_row();
            self.model.lock().unwrap().events.insert(id, row);
            let lane = chance.pick(&[None, Some(1), Some(2), Some(3)]);
            let mut row = rows::delivery(id, &event, some_receiver(chance), lane);
            row.state = chance.pick(&[0, 0, 0, 0, 2, 3]);
            row.late = chance.percent(10);
            row.due_at = BEGIN + some_time(chance);
            row.last_attempt_at = chance.pick(&[None, Some(1), Some(2)]);
            row.clone()
                .into_active_model()
                .insert(&self.real)
                .await
                .unwrap();
            self.model.lock().unwrap().deliveries.insert(id, row);
        }
    }

    async fn step(&self, chance: &mut Chance, which: &str) {
        let clock = self
            .clock
            .0
            .fetch_add(some_time(chance).max(0) / 4, Ordering::Relaxed);
        let mut now = self.clock.0.load(Ordering::Relaxed);
        if self.postgres {
            let text = format!("UPDATE sim.clock SET now = {now}");
            self.real.execute_unprepared(&text).await.unwrap();
            now = clock + some_time(chance);
        }
        let mut again = chance.clone();
        let real = statement(&self.real, chance, now).await;
        let model = statement(self.model_db.write(), &mut again, now).await;
        assert_eq!(real, model, "{which}");
        self.compare(&format!("{which}, {real}")).await;
    }

    async fn compare(&self, which: &str) {
        let deliveries = deliveries::Entity::find().order_by_asc(deliveries::Column::Id);
        let receivers = receivers::Entity::find().order_by_asc(receivers::Column::Id);
        let attempts = attempts::Entity::find().order_by_asc(attempts::Column::Id);
        let (deliveries, receivers, attempts) = (
            deliveries.all(&self.real).await.unwrap(),
            receivers.all(&self.real).await.unwrap(),
            attempts.all(&self.real).await.unwrap(),
        );
        let model = self.model.lock().unwrap();
        let of_model: Vec<_> = model.deliveries.values().cloned().collect();
        assert_eq!(deliveries, of_model, "{which}");
        let of_model: Vec<_> = model.receivers.values().cloned().collect();
        assert_eq!(receivers, of_model, "{which}");
        let attempts: Vec<_> = attempts
            .iter()
            .map(|row| (row.delivery_id, row.number))
            .collect();
        assert_eq!(attempts, model.attempts, "{which}");
    }
}

/// Sends a statement, and tells which and what it answered.
async fn statement(conn: &impl ConnectionTrait, chance: &mut Chance, now: i64) -> String {
    let receiver = some_receiver(chance);
    match chance.between(0, 9) {
        0 | 1 => {
            let limit = chance.pick(&[1, 3, 9]);
            let rows = hot::claim(conn, receiver, limit, lease(chance, now)).await;
            format!("claim {limit} of {receiver}: {:?}", rows.unwrap())
        }
        2 => {
            let mut lanes: Vec<Lane> = (1..=3)
                .map(|lane| Lane {
                    receiver_id: receiver,
                    lane,
                })
                .collect();
            lanes.truncate(chance.index(3) + 1);
            let rows = hot::claim_lanes(conn, &lanes, lease(chance, now)).await;
            let mut rows = rows.unwrap();
            rows.sort_by_key(|row| row.id);
            format!("claim {lanes:?}: {rows:?}")
        }
        3 => {
            let taken = hot::take_probe(conn, receiver, now, SECOND).await.unwrap();
            let row = hot::claim_probe(conn, receiver, lease(chance, now)).await;
            format!("probe {receiver}: {taken}, {:?}", row.unwrap())
        }
        4 | 5 => {
            let rows: Vec<Finish> = distinct(chance)
                .iter()
                .map(|held| finish(*held, chance, now))
                .collect();
            let mut ids = hot::finish(conn, &rows).await.unwrap();
            ids.sort_unstable();
            format!("finish {rows:?}: {ids:?}")
        }
        6 => leases(conn, chance, now).await,
        7 => health(conn, chance, now).await,
        8 => {
            let mut rows = hot::expire(conn, now, "gone", 100).await.unwrap();
            rows.sort_by_key(|row| row.id);
            let mut backlog = hot::backlog(conn).await.unwrap();
            backlog.sort_by_key(|row| row.receiver_id);
            format!("expire: {rows:?}, {backlog:?}")
        }
        _ => {
            let mut rows = Vec::new();
            if chance.percent(20) {
                rows = hot::bury(conn, receiver, now, "enough", 2).await.unwrap();
                rows.sort_by_key(|row| row.id);
            }
            hot::hasten(conn, receiver, now).await.unwrap();
            let mut events = hot::events(conn, &[1, 3, 900]).await.unwrap();
            events.sort_by_key(|row| row.id);
            format!("bury of {receiver}: {rows:?}, {events:?}")
        }
    }
}

async fn leases(conn: &impl ConnectionTrait, chance: &mut Chance, now: i64) -> String {
    let leases = distinct(chance);
    let held = hot::held(conn, &leases).await.unwrap();
    let started = hot::start(conn, leases[0], SECOND / 2, now).await.unwrap();
    let mut back = Vec::new();
    if chance.percent(30) {
        back = hot::give_back(conn, &leases).await.unwrap();
        back.sort_unstable();
    }
    format!("{leases:?}: held {held:?}, started {started}, given back {back:?}")
}

async fn health(conn: &impl ConnectionTrait, chance: &mut Chance, now: i64) -> String {
    let failing = [some_receiver(chance)];
    let rows = hot::health(conn, &[1, 2], &failing).await.unwrap();
    let row = HealthRow {
        id: some_receiver(chance),
        account_id: 1,
        kind: 0,
        inbox_id: None,
        url: None,
        state: chance.pick(&[0, 0, 1, 1, 2]),
        state_reason: chance.pick(&[None, Some("why")]).map(str::to_owned),
        failures: chance.pick(&[0, 7]),
        first_failure_at: chance.pick(&[None, Some(9)]),
        probe_due_at: chance.pick(&[None, Some(now)]),
        probe_interval_ms: chance.pick(&[None, Some(500)]),
    };
    let probed = chance.percent(50);
    hot::set_health(conn, &row, now, probed).await.unwrap();
    let attempt = NewAttempt {
        delivery_id: some_delivery(chance),
        number: 3,
        started_at: now,
        duration_ms: 4,
        outcome: "retry",
        status: None,
        error: None,
        excerpt: None,
    };
    hot::add_attempts(conn, &[attempt]).await.unwrap();
    format!("health but {failing:?}: {rows:?}, then {row:?}, {probed}")
}

fn finish(held: Held, chance: &mut Chance, now: i64) -> Finish {
    Finish {
        id: held.id,
        token: held.token,
        state: chance.pick(&[0, 0, 2, 3]),
        due_at: now + some_time(chance),
        attempts: chance.pick(&[1, 4]),
        late: chance.percent(20),
        status: chance.pick(&[None, Some(500)]),
        error: chance.pick(&[None, Some("oh")]).map(str::to_owned),
        attempt_at: now,
        duration_ms: 7,
        finished_at: chance.pick(&[None, Some(now)]),
    }
}

fn lease(chance: &mut Chance, now: i64) -> Lease {
    Lease {
        now,
        token: some_token(chance),
        length: SECOND,
    }
}

/// Leases that may hold, each of another delivery.
fn distinct(chance: &mut Chance) -> Vec<Held> {
    let first = some_delivery(chance);
    let ids = (0..8).map(|n| (first + n * 5) % DELIVERIES + 1);
    let mut held = Vec::new();
    for id in ids {
        if !held.iter().any(|known: &Held| known.id == id) {
            held.push(Held {
                id,
                token: some_token(chance),
            });
        }
    }
    held
}

fn some_receiver(chance: &mut Chance) -> i64 {
    chance.pick(&[1, 1, 2])
}

fn some_delivery(chance: &mut Chance) -> i64 {
    i64::try_from(chance.index(usize::try_from(DELIVERIES).unwrap())).unwrap() + 1
}

/// Few, so that leases are met.
fn some_token(chance: &mut Chance) -> i64 {
    chance.pick(&[1, 2])
}

/// A second to and fro.
fn some_time(chance: &mut Chance) -> i64 {
    i64::try_from(chance.between(0, 2_000_000)).unwrap() - SECOND
}

fn account() -> accounts::Model {
    accounts::Model {
        id: 1,
        name: "Acme".to_owned(),
        locale: "en".to_owned(),
        domain: None,
        support_email: None,
        status: 0,
        settings: json!({}),
        custom_attributes: json!({}),
        labels_changed_at: None,
        inboxes_changed_at: None,
        created_at: 1,
        updated_at: 1,
    }
}

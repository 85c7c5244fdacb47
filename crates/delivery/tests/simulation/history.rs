//! One history: a script is played, then all trouble ends, and everything must come to rest.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gatewright_core::Clock as _;
use gatewright_core::ids::ReceiverId;
use sea_orm::IntoMockRow;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::model::{DEAD, DELIVERED, DISABLED, Model, Note};
use crate::node::{self, Node};
use crate::rows;
use crate::script::{Action, Script};
use crate::watch::Watch;
use crate::world::{SimClock, Weather, World};

/// How long it may take from the end of all trouble until every delivery has ended.
const REST: Duration = Duration::from_mins(2);

/// And for each that always fails: its lane may hold it from its first attempt to its last, if its
/// receiver never takes anything between.
const REST_OF_POISON: Duration = Duration::from_secs(90);

/// How long a call may be on its way that began before the end of all trouble.
const LAST_TROUBLE: Duration = Duration::from_secs(10);

/// How a history ended.
pub(crate) struct Told {
    /// The promise that was broken.
    pub(crate) violation: Option<String>,
    /// What happened, if it was asked for.
    pub(crate) steps: Vec<String>,
    /// Equal histories have equal marks.
    pub(crate) mark: u64,
    pub(crate) deliveries: usize,
    pub(crate) attempts: u64,
    /// From the end of all trouble until every delivery had ended.
    pub(crate) rest: Duration,
}

struct Stage {
    world: Arc<World>,
    nodes: BTreeMap<usize, Arc<Node>>,
    started: u32,
    seed: u64,
}

/// Plays a script.
pub(crate) fn play(script: &Script, told: bool) -> Told {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(play_on(script, told))
}

async fn play_on(script: &Script, told: bool) -> Told {
    let mut stage = Stage {
        world: world(script, told),
        nodes: BTreeMap::new(),
        started: 0,
        seed: script.seed,
    };
    for node in 0..script.nodes {
        stage.start(node).await;
    }
    let begin = Instant::now();
    for (at, action) in &script.actions {
        sleep_until(begin + Duration::from_millis(*at)).await;
        if stage.is_broken() {
            break;
        }
        stage.act(*action).await;
    }
    let rest = stage.come_to_rest(script.nodes).await;
    let mut watch = stage.world.watch.lock().unwrap();
    Told {
        violation: watch.violation().map(str::to_owned),
        steps: std::mem::take(&mut watch.story.steps),
        mark: watch.story.mark,
        deliveries: stage.world.model.lock().unwrap().deliveries.len(),
        attempts: watch.attempts,
        rest,
    }
}

fn world(script: &Script, told: bool) -> Arc<World> {
    let clock = SimClock::start();
    let mut model = Model::new(Arc::new(clock));
    let ids = 1..;
    let mut careless = std::collections::BTreeSet::new();
    for (id, careful) in ids.zip(&script.receivers) {
        let channel = if *careful { "careful" } else { "careless" };
        model.receivers.insert(id, rows::receiver(id));
        let inbox = rows::inbox(id, channel).into_mock_row();
        model.inboxes.insert(id, inbox);
        if !careful {
            careless.insert(id);
        }
    }
    Arc::new(World {
        clock,
        config: script.config.clone(),
        model: Arc::new(Mutex::new(model)),
        watch: Mutex::new(Watch::new(
            script.config.clone(),
            careless,
            script.rough,
            told,
        )),
        weather: Mutex::new(Weather {
            rough: script.rough,
            outage_until: Instant::now(),
            moods: BTreeMap::new(),
            poison: std::collections::BTreeSet::new(),
        }),
    })
}

impl Stage {
    async fn start(&mut self, index: usize) {
        self.started += 1;
        let node = Node::start(&self.world, self.started, self.seed).await;
        self.tell(|| format!("node {} starts", node.link.node));
        if Instant::now() < self.world.weather.lock().unwrap().outage_until {
            self.world.watch.lock().unwrap().excuse(node.link.node);
        }
        self.nodes.insert(index, node);
    }

    fn tell(&self, text: impl FnOnce() -> String) {
        let now = self.world.model.lock().unwrap().now();
        self.world
            .watch
            .lock()
            .unwrap()
            .story
            .step(now, [0; 3], text);
    }

    fn is_broken(&self) -> bool {
        self.world.watch.lock().unwrap().violation().is_some()
    }

    async fn act(&mut self, action: Action) {
        self.tell(|| format!("{action:?}"));
        self.excuse(action);
        match action {
            Action::Start { node } if !self.nodes.contains_key(&node) => self.start(node).await,
            Action::Start { .. } => {}
            Action::Outage { ms } => {
                let until = Instant::now() + Duration::from_millis(ms);
                self.world.weather.lock().unwrap().outage_until = until;
            }
            Action::Mood { receiver, mood, ms } => {
                let until = Instant::now() + Duration::from_millis(ms);
                let mut weather = self.world.weather.lock().unwrap();
                weather.moods.insert(receiver, (mood, until));
            }
            Action::Purge { receiver } => {
                let mut model = self.world.model.lock().unwrap();
                let now = model.now();
                model.bury(receiver, now, "purged", 100);
                self.committed(&mut model);
            }
            Action::Disable { receiver } => self.set_state(receiver, DISABLED),
            Action::Event { node, .. }
            | Action::Typing { node, .. }
            | Action::Poke { node }
            | Action::Crash { node }
            | Action::Drain { node, .. }
            | Action::Stall { node, .. }
            | Action::Slow { node, .. }
            | Action::Replay { node, .. }
            | Action::Enable { node, .. } => {
                if let Some(on) = self.nodes.get(&node).map(Arc::clone) {
                    self.act_on(action, node, on);
                }
            }
        }
    }

    /// Who is kept from the database may lose leases.
    fn excuse(&self, action: Action) {
        let mut watch = self.world.watch.lock().unwrap();
        match action {
            Action::Outage { .. } => (1..=self.started).for_each(|node| watch.excuse(node)),
            Action::Stall { node, .. } | Action::Slow { node, .. } | Action::Drain { node, .. } => {
                if let Some(node) = self.nodes.get(&node) {
                    watch.excuse(node.link.node);
                }
            }
            _ => {}
        }
    }

    fn act_on(&mut self, action: Action, index: usize, node: Arc<Node>) {
        match action {
            Action::Event {
                receivers,
                lane,
                poison,
                ..
            } => {
                let known = i64::try_from(self.world.model.lock().unwrap().receivers.len());
                let told = (1..=known.unwrap()).filter(|id| receivers >> (id - 1) & 1 == 1);
                tokio::spawn(node.write(told.collect(), lane, poison));
            }
            Action::Typing { receiver, .. } => {
                let event = node::event(0, node.kernel.now());
                node.kernel
                    .dispatch()
                    .ephemeral(ReceiverId(receiver), event);
            }
            Action::Poke { .. } => drop(tokio::spawn(async move { node.engine.poke().await })),
            Action::Crash { .. } => {
                node.link.die();
                self.nodes.remove(&index);
                let now = self.world.model.lock().unwrap().now();
                self.world
                    .watch
                    .lock()
                    .unwrap()
                    .crashed(node.link.node, now);
            }
            Action::Drain { ms, .. } => {
                self.nodes.remove(&index);
                tokio::spawn(async move { node.engine.drain(Duration::from_millis(ms)).await });
            }
            Action::Stall { ms, .. } => node.link.stall(Duration::from_millis(ms)),
            Action::Slow { call, ms, .. } => node.link.slow(call, Duration::from_millis(ms)),
            Action::Replay { which, .. } => self.replay(&node, which),
            Action::Enable { receiver, .. } => {
                self.set_state(receiver, 0);
                node.kernel.dispatch().wake(&[ReceiverId(receiver)]);
            }
            _ => {}
        }
    }

    /// What people change is committed and watched like all else.
    fn committed(&self, model: &mut Model) {
        for note in model.commit() {
            self.world.watch.lock().unwrap().changed(model, 0, note);
        }
    }

    /// As when a person points it elsewhere, or switches it off.
    fn set_state(&self, id: i64, state: i16) {
        let mut model = self.world.model.lock().unwrap();
        let row = model.receiver(id);
        row.state = state;
        row.failures = 0;
        row.first_failure_at = None;
        row.probe_due_at = None;
        row.probe_interval_ms = None;
        row.probe_lease_until = None;
        self.world
            .watch
            .lock()
            .unwrap()
            .changed(&model, 0, Note::Receiver(id));
    }

    /// As `gatewright_core::delivery` queues again what has ended.
    fn replay(&self, node: &Node, which: u64) {
        let mut model = self.world.model.lock().unwrap();
        let ended = |row: &&_| {
            let row: &gatewright_store::entity::deliveries::Model = row;
            matches!(row.state, DELIVERED | DEAD)
                && model.receivers[&row.receiver_id].state < DISABLED
        };
        let ids: Vec<i64> = model
            .deliveries
            .values()
            .filter(ended)
            .map(|row| row.id)
            .collect();
        if ids.is_empty() {
            return;
        }
        let id = ids[usize::try_from(which % ids.len() as u64).unwrap()];
        let row = model.delivery(id);
        (row.state, row.late, row.attempts) = (0, true, 0);
        row.due_at = node.kernel.now().0;
        row.finished_at = None;
        row.replays += 1;
        let receiver = row.receiver_id;
        drop(model);
        self.tell(|| format!("{id} is replayed"));
        node.kernel.dispatch().wake(&[ReceiverId(receiver)]);
    }

    /// Ends all trouble and waits until every delivery has ended and every place is free.
    async fn come_to_rest(&mut self, nodes: usize) -> Duration {
        {
            let mut weather = self.world.weather.lock().unwrap();
            weather.rough = false;
            weather.outage_until = Instant::now();
            weather.moods.clear();
        }
        self.tell(|| "all trouble ends".to_owned());
        let last = self.world.clock.now().plus(LAST_TROUBLE).0;
        self.world.watch.lock().unwrap().smooth(last);
        for index in 0..nodes {
            match self.nodes.get(&index) {
                Some(node) => node.link.heal(),
                None => self.start(index).await,
            }
        }
        let begin = Instant::now();
        let poison = self.world.weather.lock().unwrap().poison.len();
        let most = REST + REST_OF_POISON * u32::try_from(poison).unwrap();
        while !self.is_broken() && !self.is_over() {
            if begin.elapsed() > most {
                self.violated(|world| {
                    let model = world.model.lock().unwrap();
                    let open = model
                        .deliveries
                        .values()
                        .filter(|row| row.state < DELIVERED);
                    let open: Vec<_> = open.map(|row| (row.id, row.state, row.attempts)).collect();
                    format!("after {most:?} of quiet these are open: {open:?}")
                });
            }
            sleep(Duration::from_millis(500)).await;
        }
        let rest = begin.elapsed();
        for node in self.nodes.values() {
            if !self.is_broken() && timeout(REST, node.engine.idle()).await.is_err() {
                self.violated(|_| format!("node {} keeps a place", node.link.node));
            }
        }
        if !self.is_broken() {
            self.check_taken();
        }
        rest
    }

    fn is_over(&self) -> bool {
        let model = self.world.model.lock().unwrap();
        model
            .deliveries
            .values()
            .all(|row| matches!(row.state, DELIVERED | DEAD))
    }

    fn check_taken(&self) {
        let model = self.world.model.lock().unwrap();
        let mut watch = self.world.watch.lock().unwrap();
        let rows = model.deliveries.values();
        for row in rows.filter(|row| row.state == DELIVERED) {
            if !watch.was_taken(row.id) {
                watch.violated(|| format!("{} never reached its receiver", row.id));
            }
        }
    }

    fn violated(&self, what: impl FnOnce(&World) -> String) {
        let what = what(&self.world);
        self.world.watch.lock().unwrap().violated(|| what);
    }
}

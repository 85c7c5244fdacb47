//! Events and their deliveries, written in the transaction of the change they report.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use gatewright_store::hot::intake::{self as hot, Batch, Lane};
use gatewright_store::hot::row::{DeliveryRow, EventRow, LeaseEnd};
use gatewright_store::sequence::{self, Sequence};
use sea_orm::DatabaseTransaction;
use tokio::time::Instant;

use crate::dispatch::{Born, Slot};
use crate::error::{Error, Result};
use crate::event::{Change, Event, EventName, Origin, Snapshot, Subject};
use crate::ids::{
    AccountId, ContactId, ConversationId, DeliveryId, EventId, InboxId, MessageId, ReceiverId,
};
use crate::kernel::Kernel;
use crate::model::{AccountRef, Contact};
use crate::receiver::{Interest, ReceiverState, Receivers};
use crate::sabotage::{self, Bug};
use crate::time::Timestamp;

/// An event that is about to be written.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// Its account.
    pub account_id: AccountId,
    /// What happened.
    pub name: EventName,
    /// What it is about.
    pub subject: Subject,
    /// Who is told.
    pub interest: Interest,
    /// When.
    pub occurred_at: Timestamp,
    /// Who made it happen.
    pub origin: Origin,
    /// The rows after the change.
    pub snapshot: Snapshot,
}

/// The event of a contact that was made or changed.
pub fn contact_event(
    name: EventName,
    account: &AccountRef,
    contact: &Contact,
    changes: Vec<Change>,
    origin: Origin,
    occurred_at: Timestamp,
) -> NewEvent {
    let mut snapshot = Snapshot::new(account.clone());
    snapshot.contact = Some(contact.clone());
    snapshot.changes = changes;
    NewEvent {
        account_id: account.id,
        name,
        subject: Subject {
            contact_id: Some(contact.id),
            ..Subject::default()
        },
        interest: Interest {
            name,
            inbox_id: None,
            message: None,
            except: None,
        },
        occurred_at,
        origin,
        snapshot,
    }
}

/// What was written, to be told to the delivery engine after the commit.
#[derive(Debug, Default)]
#[must_use = "publish it after the commit"]
pub struct Recorded {
    born: Vec<Born>,
    queued: BTreeSet<ReceiverId>,
}

impl Recorded {
    /// Tells the delivery engine of this node. Call it after the commit, never before.
    pub fn publish(self, kernel: &Kernel) {
        if !self.born.is_empty() {
            kernel.dispatch().born(self.born);
        }
        if !self.queued.is_empty() {
            let receivers: Vec<ReceiverId> = self.queued.into_iter().collect();
            kernel.dispatch().wake(&receivers);
        }
    }

    /// Both, as one.
    pub fn merge(&mut self, other: Self) {
        self.born.extend(other.born);
        self.queued.extend(other.queued);
    }
}

/// Writes events and their deliveries in `tx`. The caller holds the locks of what the events are
/// about, so that a lane's deliveries rise in id.
///
/// # Errors
/// Database errors.
pub async fn record(
    kernel: &Kernel,
    tx: &DatabaseTransaction,
    events: Vec<NewEvent>,
) -> Result<Recorded> {
    let dialect = kernel.db.dialect();
    let mut receivers = HashMap::new();
    let accounts: BTreeSet<AccountId> = events.iter().map(|event| event.account_id).collect();
    for account in accounts {
        receivers.insert(
            account,
            crate::receiver::repo::receivers_in(kernel, tx, account).await?,
        );
    }
    let mut plan = Plan::new(&events, &receivers);
    let wanted = hot::Wanted {
        lanes: plan.lanes(),
        ..hot::Wanted::default()
    };
    let open = if wanted.lanes.is_empty() {
        Vec::new()
    } else {
        hot::load(tx, dialect, &wanted).await?.open_lanes
    };
    plan.reserve(kernel, open);
    let counts = [
        (Sequence::Events, events.len()),
        (Sequence::Deliveries, plan.len()),
    ];
    let mut ids = sequence::draw(tx, dialect, &counts).await?.into_iter();
    let (event_ids, delivery_ids) = (
        ids.next().unwrap_or_default(),
        ids.next().unwrap_or_default(),
    );
    let mut batch = Batch::default();
    let recorded = plan.into_rows(kernel, events, &event_ids, &delivery_ids, &mut batch)?;
    hot::write(tx, dialect, batch).await?;
    Ok(recorded)
}

/// Who is told of which event, and which deliveries start at once.
#[derive(Debug)]
pub(crate) struct Plan {
    deliveries: Vec<Planned>,
}

#[derive(Debug)]
struct Planned {
    event: usize,
    receiver_id: ReceiverId,
    active: bool,
    lane: Option<i64>,
    slot: Option<Slot>,
}

/// Beyond this many pairs of receiver and lane nothing is handed over at once: looking at each
/// pair would cost more than the claims that follow.
const LANES_MAX: usize = 4096;

impl Plan {
    /// Finds the receivers of each event.
    pub(crate) fn new(events: &[NewEvent], receivers: &HashMap<AccountId, Receivers>) -> Self {
        let mut deliveries = Vec::new();
        for (index, event) in events.iter().enumerate() {
            let Some(of_account) = receivers.get(&event.account_id) else {
                continue;
            };
            let interested = of_account
                .iter()
                .filter(|receiver| receiver.wants(&event.interest));
            deliveries.extend(interested.map(|receiver| Planned {
                event: index,
                receiver_id: receiver.id,
                active: receiver.state == ReceiverState::Active,
                lane: event.subject.lane(),
                slot: None,
            }));
        }
        Self { deliveries }
    }

    /// How many deliveries there are.
    pub(crate) fn len(&self) -> usize {
        self.deliveries.len()
    }

    /// The lanes whose openness decides what may start at once.
    pub(crate) fn lanes(&self) -> Vec<Lane> {
        let lanes: HashSet<Lane> = self
            .deliveries
            .iter()
            .filter(|planned| planned.active)
            .filter_map(|planned| Some(lane_of(planned.receiver_id, planned.lane?)))
            .collect();
        if lanes.len() > LANES_MAX {
            Vec::new()
        } else {
            lanes.into_iter().collect()
        }
    }

    /// Reserves a slot for every delivery that is the first of its lane. `open` are the lanes that
    /// have an open delivery already.
    pub(crate) fn reserve(&mut self, kernel: &Kernel, open: Vec<Lane>) {
        let too_many = self.deliveries.len() > LANES_MAX;
        let mut open: HashSet<Lane> = open.into_iter().collect();
        if sabotage::has(Bug::IgnoreOpenLane) {
            open.clear();
        }
        for planned in &mut self.deliveries {
            let head = planned
                .lane
                .is_none_or(|lane| open.insert(lane_of(planned.receiver_id, lane)));
            if head && planned.active && !too_many {
                planned.slot = kernel.dispatch().reserve(planned.receiver_id);
            }
        }
    }

    /// Adds the rows to `batch`, under drawn ids.
    pub(crate) fn into_rows(
        self,
        kernel: &Kernel,
        events: Vec<NewEvent>,
        event_ids: &[i64],
        delivery_ids: &[i64],
        batch: &mut Batch,
    ) -> Result<Recorded> {
        let mut stored = Vec::with_capacity(events.len());
        for (event, id) in events.into_iter().zip(event_ids) {
            batch.events.push(event_row(&event, *id)?);
            stored.push(Arc::new(Event {
                id: EventId(*id),
                account_id: event.account_id,
                name: event.name,
                occurred_at: event.occurred_at,
                origin: event.origin,
                snapshot: event.snapshot,
            }));
        }
        let lease = Lease::new(kernel);
        let mut recorded = Recorded::default();
        for (planned, id) in self.deliveries.into_iter().zip(delivery_ids) {
            let event = &stored[planned.event];
            batch
                .deliveries
                .push(delivery_row(&planned, event, *id, &lease));
            match planned.slot {
                Some(slot) => recorded.born.push(Born {
                    id: DeliveryId(*id),
                    receiver_id: planned.receiver_id,
                    event: Arc::clone(event),
                    lane: planned.lane,
                    lease_token: lease.token,
                    lease_until: lease.until,
                    slot,
                }),
                None => drop(recorded.queued.insert(planned.receiver_id)),
            }
        }
        Ok(recorded)
    }
}

fn lane_of(receiver_id: ReceiverId, lane: i64) -> Lane {
    Lane {
        receiver_id: receiver_id.get(),
        lane,
    }
}

/// The lease under which deliveries of one transaction are born.
struct Lease {
    token: i64,
    micros: i64,
    until: Instant,
    /// When it was taken, and when it ends, by the steady clock.
    taken_at: i64,
    ends_at: i64,
}

impl Lease {
    fn new(kernel: &Kernel) -> Self {
        let config = &kernel.config.delivery;
        let length = config.timeout + config.lease_slack;
        Self {
            token: kernel.random.number(),
            micros: i64::try_from(length.as_micros()).unwrap_or(i64::MAX),
            until: Instant::now() + length,
            taken_at: kernel.steady().0,
            ends_at: kernel.steady().plus(length).0,
        }
    }
}

fn event_row(event: &NewEvent, id: i64) -> Result<EventRow> {
    Ok(EventRow {
        id,
        account_id: event.account_id.get(),
        inbox_id: event.subject.inbox_id.map(InboxId::get),
        conversation_id: event.subject.conversation_id.map(ConversationId::get),
        contact_id: event.subject.contact_id.map(ContactId::get),
        message_id: event.subject.message_id.map(MessageId::get),
        name: event.name.as_str(),
        occurred_at: event.occurred_at.0,
        origin: serde_json::to_string(&event.origin)?,
        snapshot: snapshot(&event.snapshot)?.into(),
    })
}

/// JSON of a snapshot, written into room for a usual one.
fn snapshot(snapshot: &Snapshot) -> Result<String> {
    let mut json = Vec::with_capacity(2048);
    serde_json::to_writer(&mut json, snapshot)?;
    String::from_utf8(json).map_err(|_| Error::internal("a snapshot is no text"))
}

fn delivery_row(planned: &Planned, event: &Event, id: i64, lease: &Lease) -> DeliveryRow {
    let leased = planned.slot.is_some();
    DeliveryRow {
        id,
        account_id: event.account_id.get(),
        event_id: event.id.get(),
        receiver_id: planned.receiver_id.get(),
        lane: planned.lane,
        state: i16::from(leased),
        due_at: lease.taken_at,
        lease_token: leased.then_some(lease.token),
        lease_until: leased.then_some(LeaseEnd {
            time: lease.ends_at,
            length: lease.micros,
        }),
        created_at: event.occurred_at.0,
    }
}

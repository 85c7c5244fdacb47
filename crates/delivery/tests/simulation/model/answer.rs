//! What each statement answers.

use std::collections::BTreeMap;

use gatewright_store::entity::deliveries;
use sea_orm::{IntoMockRow, MockRow, Value};
use serde::de::DeserializeOwned;

use super::Model;
use super::leasing::NewLease;
use super::outcomes::NewHealth;
use super::statement::Kind;

/// Parameters of a statement, from 1 as in its text.
pub(super) struct Arguments(pub(super) Vec<Value>);

impl Arguments {
    fn maybe(&self, number: usize) -> Option<i64> {
        match &self.0[number - 1] {
            Value::BigInt(value) => *value,
            Value::Int(value) => value.map(i64::from),
            Value::SmallInt(value) => value.map(i64::from),
            value => panic!("parameter {number} is {value:?}"),
        }
    }

    fn number(&self, number: usize) -> i64 {
        self.maybe(number).unwrap()
    }

    fn is(&self, number: usize) -> bool {
        self.0[number - 1] == Value::Bool(Some(true))
    }

    fn text(&self, number: usize) -> Option<&str> {
        match &self.0[number - 1] {
            Value::String(text) => text.as_deref(),
            value => panic!("parameter {number} is {value:?}"),
        }
    }

    fn rows<T: DeserializeOwned>(&self, number: usize) -> Vec<T> {
        serde_json::from_str(self.text(number).unwrap()).unwrap()
    }

    /// Pairs of two named numbers.
    fn pairs(&self, number: usize, names: [&str; 2]) -> Vec<(i64, i64)> {
        let rows: Vec<BTreeMap<String, i64>> = self.rows(number);
        rows.iter()
            .map(|row| (row[names[0]], row[names[1]]))
            .collect()
    }

    fn leases(&self) -> Vec<(i64, i64)> {
        self.pairs(1, ["id", "token"])
    }

    fn list(&self, number: usize) -> Vec<i64> {
        let texts = self.text(number).unwrap().split(',');
        texts.filter_map(|text| text.parse().ok()).collect()
    }

    fn lease(&self, token: usize, length: usize) -> NewLease {
        NewLease {
            token: self.number(token),
            length: self.number(length),
        }
    }
}

/// What a statement answers.
pub(super) fn answer(model: &mut Model, kind: Kind, given: &Arguments) -> Vec<MockRow> {
    match kind {
        Kind::Backlog => backlog(model),
        Kind::Claim => {
            let lease = given.lease(4, 5);
            let ids = model.claim(given.number(1), given.number(2), given.number(3), lease);
            deliveries(model, &ids, leased)
        }
        Kind::ClaimLanes => {
            let lanes = given.pairs(1, ["receiver_id", "lane"]);
            let ids = model.claim_lanes(&lanes, given.number(2), given.lease(3, 4));
            deliveries(model, &ids, leased)
        }
        Kind::ClaimProbe => {
            let ids = model.claim_probe(given.number(1), given.lease(2, 3));
            deliveries(model, &ids, leased)
        }
        Kind::TakeProbe => {
            let id = given.number(1);
            let taken = model.take_probe(id, given.number(2), given.number(3));
            ids(if taken { vec![id] } else { Vec::new() })
        }
        Kind::Held => ids(model.held(&given.leases())),
        Kind::Finish => ids(model.finish(given.rows(1))),
        Kind::GiveBack => ids(model.give_back(&given.leases())),
        Kind::Start => ids(model.start(given.number(1), given.number(2), given.number(3))),
        Kind::Bury => {
            let reason = given.text(3).unwrap();
            let ids = model.bury(given.number(1), given.number(2), reason, given.number(4));
            deliveries(model, &ids, swept)
        }
        Kind::Expire => {
            let ids = model.expire(given.number(1), given.text(2).unwrap(), given.number(3));
            deliveries(model, &ids, swept)
        }
        Kind::Health | Kind::SetHealth | Kind::Hasten | Kind::AddAttempts => {
            outcome(model, kind, given)
        }
        Kind::Events | Kind::Receiver | Kind::Inbox => read(model, kind, given),
        Kind::Installation | Kind::Account | Kind::RemovedInboxes | Kind::Erasures => Vec::new(),
    }
}

fn outcome(model: &mut Model, kind: Kind, given: &Arguments) -> Vec<MockRow> {
    match kind {
        Kind::Health => {
            let rows = model.health(&given.list(1), &given.list(2));
            return rows
                .into_iter()
                .cloned()
                .map(IntoMockRow::into_mock_row)
                .collect();
        }
        Kind::SetHealth => model.set_health(NewHealth {
            id: given.number(1),
            state: i16::try_from(given.number(2)).unwrap(),
            state_reason: given.text(3).map(str::to_owned),
            failures: i32::try_from(given.number(4)).unwrap(),
            first_failure_at: given.maybe(5),
            probe_due_at: given.maybe(6),
            probe_interval_ms: given.maybe(7),
            now: given.number(8),
            probed: given.is(9),
        }),
        Kind::Hasten => model.hasten(given.number(1), given.number(2)),
        _ => {
            for row in given.rows::<serde_json::Value>(1) {
                let number = |name: &str| row[name].as_i64().unwrap();
                let attempt = i32::try_from(number("number")).unwrap();
                model.attempts.push((number("delivery_id"), attempt));
            }
        }
    }
    Vec::new()
}

fn read(model: &Model, kind: Kind, given: &Arguments) -> Vec<MockRow> {
    match kind {
        Kind::Events => {
            let ids = given.list(1);
            let rows = ids.iter().filter_map(|id| model.events.get(id));
            rows.cloned().collect()
        }
        Kind::Receiver => {
            let row = model.receivers.get(&given.number(1));
            let row = row.cloned().map(IntoMockRow::into_mock_row);
            row.into_iter().collect()
        }
        _ => {
            let row = model.inboxes.get(&given.number(1));
            row.cloned().into_iter().collect()
        }
    }
}

fn backlog(model: &Model) -> Vec<MockRow> {
    let mut oldest: BTreeMap<i64, i64> = BTreeMap::new();
    for row in model
        .deliveries
        .values()
        .filter(|row| row.state == super::QUEUED)
    {
        let due_at = oldest.entry(row.receiver_id).or_insert(row.due_at);
        *due_at = row.due_at.min(*due_at);
    }
    let row = |(id, due_at): (i64, i64)| {
        let receiver = &model.receivers[&id];
        BTreeMap::from([
            ("receiver_id", Value::from(id)),
            ("state", receiver.state.into()),
            ("probe_due_at", receiver.probe_due_at.into()),
            ("oldest_due_at", due_at.into()),
        ])
        .into_mock_row()
    };
    oldest.into_iter().map(row).collect()
}

fn ids(ids: Vec<i64>) -> Vec<MockRow> {
    let row = |id: i64| BTreeMap::from([("id", Value::from(id))]).into_mock_row();
    ids.into_iter().map(row).collect()
}

type Columns = BTreeMap<&'static str, Value>;

fn deliveries(
    model: &Model,
    ids: &[i64],
    columns: impl Fn(&deliveries::Model) -> Columns,
) -> Vec<MockRow> {
    let rows = ids.iter().map(|id| &model.deliveries[id]);
    rows.map(|row| columns(row).into_mock_row()).collect()
}

fn leased(row: &deliveries::Model) -> Columns {
    BTreeMap::from([
        ("id", row.id.into()),
        ("receiver_id", row.receiver_id.into()),
        ("event_id", row.event_id.into()),
        ("lane", row.lane.into()),
        ("attempts", row.attempts.into()),
        ("late", row.late.into()),
        ("replays", row.replays.into()),
        ("due_at", row.due_at.into()),
    ])
}

fn swept(row: &deliveries::Model) -> Columns {
    BTreeMap::from([
        ("id", row.id.into()),
        ("receiver_id", row.receiver_id.into()),
        ("event_id", row.event_id.into()),
        ("state", row.state.into()),
    ])
}

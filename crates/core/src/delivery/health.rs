//! How a receiver does: active, probed, disabled. Pure.

use std::time::Duration;

use gatewright_store::hot::delivery::HealthRow;

use super::schedule;
use crate::channel::FailCode;
use crate::config::DeliveryConfig;
use crate::ids::{AccountId, InboxId, ReceiverId};
use crate::receiver::{ReceiverKind, ReceiverState};
use crate::time::Timestamp;

/// A receiver as the outcome of an attempt finds it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Health {
    pub(super) row: HealthRow,
    pub(super) state: ReceiverState,
    pub(super) kind: ReceiverKind,
    /// Whether the right to probe it ends: the probe is over, or there is nothing more to probe.
    pub(super) probed: bool,
    before: HealthRow,
}

/// A failed attempt, as it counts for its receiver.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Failure {
    /// Whether it was the probe.
    pub(super) probe: bool,
    /// The receiver's wish to be left alone for a while.
    pub(super) wish: Option<Duration>,
    /// Whether that wish is about all of the receiver.
    pub(super) all: bool,
}

impl Health {
    pub(super) fn new(row: HealthRow) -> Self {
        Self {
            state: ReceiverState::from_code(row.state).unwrap_or(ReceiverState::Removed),
            kind: ReceiverKind::from_code(row.kind).unwrap_or(ReceiverKind::Webhook),
            probed: false,
            before: row.clone(),
            row,
        }
    }

    pub(super) fn id(&self) -> ReceiverId {
        ReceiverId(self.row.id)
    }

    pub(super) fn account_id(&self) -> AccountId {
        AccountId(self.row.account_id)
    }

    pub(super) fn inbox_id(&self) -> Option<InboxId> {
        self.row.inbox_id.map(InboxId)
    }

    /// Whether nothing is to be sent any more.
    pub(super) fn is_closed(&self) -> bool {
        matches!(self.state, ReceiverState::Disabled | ReceiverState::Removed)
    }

    pub(super) fn was(&self) -> ReceiverState {
        ReceiverState::from_code(self.before.state).unwrap_or(ReceiverState::Removed)
    }

    pub(super) fn changed(&self) -> bool {
        self.row != self.before
    }

    /// The receiver answered.
    pub(super) fn succeeded(&mut self) {
        if self.is_closed() {
            return;
        }
        self.enter(ReceiverState::Active, None);
        self.row.failures = 0;
        self.row.first_failure_at = None;
    }

    /// The receiver did not answer, or not well.
    pub(super) fn failed(&mut self, config: &DeliveryConfig, now: Timestamp, failure: Failure) {
        if self.is_closed() {
            return;
        }
        self.probed |= failure.probe;
        self.row.failures = self.row.failures.saturating_add(1);
        let first = Timestamp(*self.row.first_failure_at.get_or_insert(now.0));
        if now.since(first) >= config.disable_after {
            self.disable("nothing but failures for too long");
        } else if self.state == ReceiverState::Probing {
            if failure.probe {
                self.wait_longer(config, now, failure.wish);
            }
        } else if failure.all && failure.wish.is_some() {
            self.enter(ReceiverState::Probing, Some("asked to wait"));
            self.wait(
                config,
                now,
                failure.wish.unwrap_or_default().max(config.probe_interval),
            );
        } else if u32::try_from(self.row.failures).unwrap_or(0) >= config.probe_after {
            self.enter(ReceiverState::Probing, Some("several failures in a row"));
            self.wait(config, now, config.probe_interval);
        }
    }

    /// The receiver looked at a delivery and will never take it.
    pub(super) fn refused(
        &mut self,
        config: &DeliveryConfig,
        now: Timestamp,
        failure: Failure,
        code: FailCode,
    ) {
        match code {
            FailCode::Gone => self.disable("the receiver is gone (410)"),
            FailCode::Auth => self.failed(config, now, failure),
            // It tells nothing about the receiver, but a probe that ends so has not reopened it.
            FailCode::Other if failure.probe => self.failed(config, now, failure),
            FailCode::Other => {}
            // It refused that one, so it works.
            _ => self.succeeded(),
        }
    }

    /// Switches the receiver off until a person switches it on.
    pub(super) fn disable(&mut self, reason: &str) {
        if !self.is_closed() {
            self.enter(ReceiverState::Disabled, Some(reason));
        }
    }

    fn enter(&mut self, state: ReceiverState, reason: Option<&str>) {
        if state != self.state {
            self.probed = true;
            self.state = state;
            self.row.state = state.code();
            self.row.state_reason = reason.map(str::to_owned);
            self.row.probe_due_at = None;
            self.row.probe_interval_ms = None;
        }
    }

    fn wait_longer(&mut self, config: &DeliveryConfig, now: Timestamp, wish: Option<Duration>) {
        let last = self
            .row
            .probe_interval_ms
            .and_then(|ms| u64::try_from(ms).ok());
        let doubled = last.map_or(config.probe_interval, |ms| Duration::from_millis(ms) * 2);
        let pause = doubled
            .max(config.probe_interval)
            .min(config.probe_interval_max);
        self.wait(config, now, pause.max(wish.unwrap_or_default()));
        // A wish moves this probe only; the doubling goes on from its own pause.
        self.row.probe_interval_ms = Some(millis(pause));
    }

    fn wait(&mut self, config: &DeliveryConfig, now: Timestamp, pause: Duration) {
        let pause = pause.min(schedule::longest(config).max(config.probe_interval_max));
        self.row.probe_due_at = Some(now.plus(pause).0);
        self.row.probe_interval_ms = Some(millis(pause.min(config.probe_interval_max)));
    }
}

/// Whole milliseconds, one at least.
fn millis(pause: Duration) -> i64 {
    i64::try_from(pause.as_millis()).unwrap_or(i64::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn health() -> Health {
        Health::new(HealthRow {
            id: 1,
            account_id: 1,
            kind: 1,
            inbox_id: None,
            url: None,
            state: 0,
            state_reason: None,
            failures: 0,
            first_failure_at: None,
            probe_due_at: None,
            probe_interval_ms: None,
        })
    }

    const PROBE: Failure = Failure {
        probe: true,
        wish: None,
        all: false,
    };

    #[test]
    fn the_fifth_failure_in_a_row_begins_probing_and_a_success_ends_it() {
        let config = DeliveryConfig::default();
        let mut health = health();
        for _ in 0..4 {
            health.failed(&config, Timestamp(7), Failure::default());
        }
        assert_eq!(health.state, ReceiverState::Active);
        health.failed(&config, Timestamp(8), Failure::default());
        assert_eq!(health.state, ReceiverState::Probing);
        assert_eq!(health.row.probe_due_at, Some(5_000_008));
        assert_eq!(health.row.first_failure_at, Some(7));
        health.succeeded();
        assert!(!health.changed(), "{health:?}");
    }

    #[test]
    fn pauses_between_probes_double_up_to_the_longest() {
        let config = DeliveryConfig::default();
        let mut health = health();
        for _ in 0..5 {
            health.failed(&config, Timestamp(0), Failure::default());
        }
        let mut pauses = Vec::new();
        for _ in 0..8 {
            health.failed(&config, Timestamp(0), PROBE);
            pauses.push(health.row.probe_due_at.unwrap() / 1_000_000);
        }
        assert_eq!(pauses, [10, 20, 40, 80, 160, 300, 300, 300]);
    }

    #[test]
    fn an_attempt_that_is_not_the_probe_moves_no_probe() {
        let config = DeliveryConfig::default();
        let mut health = health();
        for _ in 0..5 {
            health.failed(&config, Timestamp(0), Failure::default());
        }
        health.failed(&config, Timestamp(9), Failure::default());
        assert_eq!(health.row.probe_due_at, Some(5_000_000));
        assert_eq!(health.row.failures, 6);
    }

    #[test]
    fn five_days_of_nothing_but_failures_disable() {
        let config = DeliveryConfig::default();
        let mut health = health();
        let day = |n: i64| Timestamp(n * 86_400_000_000);
        health.failed(&config, day(0), Failure::default());
        health.failed(&config, day(4), Failure::default());
        assert_eq!(health.state, ReceiverState::Active);
        health.failed(&config, day(5), Failure::default());
        assert_eq!(health.state, ReceiverState::Disabled);
        health.succeeded();
        assert_eq!(
            health.state,
            ReceiverState::Disabled,
            "a person switches it on"
        );
    }

    #[test]
    fn what_a_receiver_refuses_says_how_it_does() {
        let config = DeliveryConfig::default();
        let judge = |code, failure: Failure| {
            let mut health = health();
            for _ in 0..5 {
                health.failed(&config, Timestamp(0), Failure::default());
            }
            health.refused(&config, Timestamp(0), failure, code);
            (health.state, health.row.failures)
        };
        let plain = Failure::default();
        assert_eq!(judge(FailCode::Blocked, plain), (ReceiverState::Active, 0));
        assert_eq!(judge(FailCode::Auth, plain), (ReceiverState::Probing, 6));
        assert_eq!(judge(FailCode::Other, plain), (ReceiverState::Probing, 5));
        assert_eq!(judge(FailCode::Other, PROBE), (ReceiverState::Probing, 6));
        assert_eq!(judge(FailCode::Gone, plain), (ReceiverState::Disabled, 5));
    }

    #[test]
    fn a_rate_limit_of_the_whole_receiver_makes_all_wait() {
        let config = DeliveryConfig::default();
        let mut health = health();
        let wish = Some(Duration::from_secs(40));
        health.failed(
            &config,
            Timestamp(0),
            Failure {
                probe: false,
                wish,
                all: true,
            },
        );
        assert_eq!(health.state, ReceiverState::Probing);
        assert_eq!(health.row.probe_due_at, Some(40_000_000));
    }
}

//! One call of a channel: its deadlines, its supervision and its metrics.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use gatewright_channel::{CallInfo, CallKind, ChannelError};
use tokio::time::Instant;

use crate::contain::{Broken, contain};
use crate::instance::Instance;
use crate::services::Services;
use crate::{ChannelHost, Limits, OpenInbox};

/// When the parts of a call must have ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadlines {
    /// The HTTP exchanges.
    pub(crate) exchange: Instant,
    /// The whole call.
    pub(crate) call: Instant,
}

impl Deadlines {
    pub(crate) fn of(kind: CallKind, limits: &Limits) -> Self {
        let now = Instant::now();
        match kind {
            CallKind::Receive => Self {
                exchange: now,
                call: now + limits.receive_timeout,
            },
            CallKind::Deliver => Self {
                exchange: now + limits.exchange_timeout,
                call: now + limits.exchange_timeout + limits.margin,
            },
            _ => Self {
                exchange: now + limits.call_timeout.saturating_sub(limits.margin),
                call: now + limits.call_timeout,
            },
        }
    }
}

impl ChannelHost {
    /// What the channel gets to see of its host during one call.
    pub(crate) fn services<'a>(
        &'a self,
        open: &'a OpenInbox,
        instance: &'a Instance,
        info: CallInfo,
    ) -> Services<'a> {
        let until = Deadlines::of(info.kind, &self.config.limits);
        Services::new(self, open, instance, info, until)
    }

    /// Runs one call under its deadline, contained and counted.
    pub(crate) async fn supervise<T>(
        &self,
        instance: &Arc<Instance>,
        services: &Services<'_>,
        call: BoxFuture<'_, T>,
    ) -> Result<T, ChannelError> {
        let started = Instant::now();
        let ended = contain(services.until.call, call).await;
        let open = services.open;
        let name = kind_name(services.info.kind);
        let outcome = match &ended {
            Ok(_) => "returned",
            Err(Broken::Panicked(_)) => "panicked",
            Err(Broken::Late) => "timeout",
        };
        let channel = open.inbox.channel.clone();
        metrics::counter!("gatewright_channel_calls_total",
            "channel" => channel.clone(), "call" => name, "outcome" => outcome)
        .increment(1);
        metrics::histogram!("gatewright_channel_call_duration_seconds",
            "channel" => channel, "call" => name)
        .record(started.elapsed().as_secs_f64());
        ended.map_err(|broken| {
            if matches!(broken, Broken::Panicked(_)) {
                self.instances.panicked(instance, &self.config.limits);
            }
            broken.report(open, name)
        })
    }
}

/// The method's name, for logs and metrics.
pub(crate) fn kind_name(kind: CallKind) -> &'static str {
    match kind {
        CallKind::Receive => "receive",
        CallKind::Deliver => "deliver",
        CallKind::Connect => "connect",
        CallKind::Disconnect => "disconnect",
        CallKind::Health => "health",
        CallKind::Media => "media",
        CallKind::Run => "run",
    }
}

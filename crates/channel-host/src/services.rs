//! What a channel may do during one call.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use gatewright_channel::{CallInfo, CallKind, Effect, EffectResult, Emit, HostServices, LogLevel};
use gatewright_core::error::Error;
use tokio::time::{Instant, sleep_until};

use crate::call::{Deadlines, kind_name};
use crate::instance::Instance;
use crate::{ChannelHost, InboundContext, OpenInbox, events, redact};

/// The host as one call sees it.
pub(crate) struct Services<'a> {
    pub(crate) host: &'a ChannelHost,
    pub(crate) open: &'a OpenInbox,
    pub(crate) instance: &'a Instance,
    pub(crate) info: CallInfo,
    pub(crate) until: Deadlines,
    /// Whether a person asked for the delivery again.
    pub(crate) replay: bool,
    /// Wire name of the event that is delivered.
    pub(crate) event: Option<&'a str>,
    exposed: AtomicUsize,
}

impl<'a> Services<'a> {
    pub(crate) fn new(
        host: &'a ChannelHost,
        open: &'a OpenInbox,
        instance: &'a Instance,
        info: CallInfo,
        until: Deadlines,
    ) -> Self {
        Self {
            host,
            open,
            instance,
            info,
            until,
            replay: false,
            event: None,
            exposed: AtomicUsize::new(0),
        }
    }

    /// Whether a request of this call may have reached its receiver.
    pub(crate) fn may_have_arrived(&self) -> bool {
        self.exposed.load(Ordering::Acquire) > 0
    }

    /// Notes that a request is about to leave.
    pub(crate) fn leaving(&self) {
        self.exposed.fetch_add(1, Ordering::AcqRel);
    }

    /// Takes back one [`Self::leaving`]: the request certainly did not leave.
    pub(crate) fn stayed(&self) {
        self.exposed.fetch_sub(1, Ordering::AcqRel);
    }

    /// Waits, but not into the margin in which the call has to come to its end.
    async fn sleep(&self, ms: u64) -> EffectResult {
        let end = self.until.exchange;
        let wish = Instant::now().checked_add(Duration::from_millis(ms));
        sleep_until(wish.map_or(end, |wish| wish.min(end))).await;
        EffectResult::Unit
    }

    async fn emit(&self, emit: Emit) -> EffectResult {
        let mut events = emit.events;
        if let Err(reason) = events::check(&events, self.host.config.limits.max_events) {
            return EffectResult::Denied { reason };
        }
        let sorted = match events::sort(self.host, &self.open.inbox, &mut events).await {
            Ok(sorted) => sorted,
            Err(error) => return unsaved(&error),
        };
        if let Some(key) = sorted.unknown.first() {
            let reason = format!("no inbox of this channel and account has the key {key}");
            return EffectResult::Denied {
                reason: redact::text(self.open, &reason),
            };
        }
        let context = InboundContext {
            inbox: self.open.inbox.clone(),
            routed: sorted.routed,
            caller: None,
            raw: None,
        };
        match self.host.sink.store(context, events).await {
            Ok(_) => EffectResult::Unit,
            Err(error) => unsaved(&error),
        }
    }
}

#[async_trait]
impl HostServices for Services<'_> {
    async fn effect(&self, effect: Effect) -> EffectResult {
        if self.info.kind == CallKind::Receive {
            return EffectResult::Denied {
                reason: "receive may use no effects".to_owned(),
            };
        }
        match effect {
            Effect::Http(request) => self.http(request).await,
            Effect::Emit(emit) => self.emit(emit).await,
            Effect::Sleep { ms } => self.sleep(ms).await,
            Effect::KvGet { .. }
            | Effect::KvSet { .. }
            | Effect::KvCas { .. }
            | Effect::BlobPut { .. }
            | Effect::BlobUrl { .. }
            | Effect::Unknown => EffectResult::Unsupported,
        }
    }

    fn log(&self, level: LogLevel, message: &str) {
        let message = redact::text(self.open, message);
        let channel = self.open.inbox.channel.as_str();
        let inbox = self.info.inbox_id;
        let call = kind_name(self.info.kind);
        match level {
            LogLevel::Debug => tracing::debug!(channel, inbox, call, "{message}"),
            LogLevel::Info => tracing::info!(channel, inbox, call, "{message}"),
            LogLevel::Warn => tracing::warn!(channel, inbox, call, "{message}"),
            LogLevel::Error => tracing::error!(channel, inbox, call, "{message}"),
        }
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.host.clock.now().millis()).unwrap_or(0)
    }

    fn call(&self) -> &CallInfo {
        &self.info
    }
}

/// What a channel is told when its events were not stored.
fn unsaved(error: &Error) -> EffectResult {
    let reason = error.to_string();
    match error {
        Error::Internal(_) => {
            tracing::error!(
                error = error as &dyn std::error::Error,
                "events were not stored"
            );
            EffectResult::Ambiguous { reason }
        }
        Error::Unavailable { .. } | Error::RateLimited { .. } | Error::Conflict(_) => {
            EffectResult::NotSent { reason }
        }
        _ => EffectResult::Denied { reason },
    }
}

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use gatewright_channel::loopback::loopback;
use gatewright_channel::{
    CallInfo, CallKind, Channel, ChannelError, ChannelType, Delivery, DeliveryOutcome,
    EffectResult, InboundRequest, Plugin, Received, plugin,
};
use serde_json::Value;

use crate::{FakeHost, Fixture, try_block_on};

/// How the channel under test is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// Linked in.
    Static,
    /// Behind its JSON form.
    Loopback,
}

/// One broken rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Name of the check.
    pub check: &'static str,
    /// How the channel was reached.
    pub transport: Transport,
    /// What was expected and what came.
    pub problem: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({:?}): {}", self.check, self.transport, self.problem)
    }
}

/// The channel under test over one transport.
pub struct Subject<'a> {
    make: Make,
    pub(crate) plugin: Arc<dyn Plugin>,
    pub(crate) fixture: &'a dyn Fixture,
}

type Make = fn() -> Arc<dyn Plugin>;

/// A check: the problems it found.
pub type Check = fn(&Subject<'_>) -> Vec<String>;

/// Runs every check over every transport.
pub fn report<T: ChannelType>(fixture: &dyn Fixture) -> Vec<Failure> {
    macro_rules! run_all {
        ($($check:ident)*) => {
            [$(run::<T>(fixture, stringify!($check), crate::checks::$check)),*].concat()
        };
    }
    crate::for_each_check!([run_all])
}

/// Runs one check over every transport.
///
/// # Panics
/// With every failure.
pub fn require<T: ChannelType>(fixture: &dyn Fixture, name: &'static str, check: Check) {
    let failures: Vec<String> = run::<T>(fixture, name, check)
        .iter()
        .map(Failure::to_string)
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn run<T: ChannelType>(fixture: &dyn Fixture, name: &'static str, check: Check) -> Vec<Failure> {
    let transports: [(Transport, Make); 2] = [
        (Transport::Static, plugin::<T>),
        (Transport::Loopback, || loopback(plugin::<T>())),
    ];
    let mut failures = Vec::new();
    for (transport, make) in transports {
        let run = || {
            check(&Subject {
                make,
                plugin: make(),
                fixture,
            })
        };
        let problems = contained(run).unwrap_or_else(|panic| vec![panic]);
        failures.extend(problems.into_iter().map(|problem| Failure {
            check: name,
            transport,
            problem,
        }));
    }
    failures
}

/// Runs what may panic; the panic's message becomes the error.
pub(crate) fn contained<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|payload| format!("panicked: {}", text(&*payload)))
}

fn text(payload: &(dyn Any + Send)) -> &str {
    let owned = payload.downcast_ref::<String>().map(String::as_str);
    owned
        .or_else(|| payload.downcast_ref::<&str>().copied())
        .unwrap_or("(no message)")
}

impl Subject<'_> {
    /// The plugin, made anew.
    pub(crate) fn another(&self) -> Arc<dyn Plugin> {
        (self.make)()
    }

    /// An inbox with the full settings.
    pub(crate) fn channel(&self) -> Box<dyn Channel> {
        match self.plugin.open(&self.fixture.full_settings()) {
            Ok(channel) => channel,
            Err(error) => panic!("the full settings do not open: {error}"),
        }
    }

    /// Opens an inbox; the error is what came of it, if it was neither open nor refused properly.
    pub(crate) fn open(
        &self,
        settings: &Value,
    ) -> Result<Result<Box<dyn Channel>, ChannelError>, String> {
        contained(|| self.plugin.open(settings))
    }
}

/// One call of `receive`: its result, or how it went wrong otherwise (panic, stall, effects).
pub(crate) fn receive(
    channel: &dyn Channel,
    request: &InboundRequest,
) -> Result<Result<Received, ChannelError>, String> {
    let host = FakeHost::new(CallKind::Receive);
    let result = contained(|| try_block_on(channel.receive(&host, request.clone())));
    let problems = host.take_problems();
    match result {
        Err(panic) => Err(panic),
        Ok(Err(_)) => Err("stalled".to_owned()),
        Ok(Ok(_)) if !problems.is_empty() => Err(problems.join(", ")),
        Ok(Ok(result)) => Ok(result),
    }
}

/// One call of `deliver` in which every request is answered the same.
pub(crate) struct Delivered {
    pub(crate) outcome: DeliveryOutcome,
    pub(crate) host: FakeHost,
}

/// Delivers once; the error is how it went wrong (panic, stall, misused host).
pub(crate) fn deliver(
    channel: &dyn Channel,
    delivery: &Delivery,
    answer: &EffectResult,
) -> Result<Delivered, String> {
    let host = delivery_host(delivery).answer_all(answer.clone());
    let outcome = contained(|| try_block_on(channel.deliver(&host, delivery.clone())));
    let problems = host.take_problems();
    match outcome {
        Err(panic) => Err(panic),
        Ok(Err(_)) => Err("stalled".to_owned()),
        Ok(Ok(_)) if !problems.is_empty() => Err(problems.join(", ")),
        Ok(Ok(outcome)) => Ok(Delivered { outcome, host }),
    }
}

/// A host for this delivery.
pub(crate) fn delivery_host(delivery: &Delivery) -> FakeHost {
    let (id, attempt) = match delivery {
        Delivery::Message(message) => (&message.id, message.attempt),
        Delivery::Event(event) => (&event.id, event.attempt),
    };
    let info = CallInfo {
        delivery_id: id.clone(),
        attempt,
        ..CallInfo::new(1, CallKind::Deliver)
    };
    FakeHost::new(CallKind::Deliver).with_call(info)
}

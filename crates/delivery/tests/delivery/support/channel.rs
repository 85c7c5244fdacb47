//! Channels that do as told.

use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;

use async_trait::async_trait;
use gatewright_core::channel::{
    Channel, ChannelDescriptor, ChannelError, ChannelType, DeliveryOutcome, FailCode, Outbound,
    RetryScope,
};
use gatewright_core::ids::InboxId;
use gatewright_core::registry::{ChannelCall, ChannelDeliver};
use tokio::sync::{Semaphore, watch};

macro_rules! channels {
    ($($(#[$doc:meta])* $name:ident $id:literal $outbound:expr, $idempotent:literal;)*) => {$(
        $(#[$doc])*
        pub(crate) struct $name;

        impl ChannelType for $name {
            type Settings = HashMap<String, String>;

            fn descriptor() -> ChannelDescriptor {
                let mut descriptor = ChannelDescriptor::new($id, $id, "1", $id, $outbound);
                descriptor.idempotent_send = $idempotent;
                descriptor
            }

            fn open(_: Self::Settings) -> Result<Box<dyn Channel>, ChannelError> {
                Err(ChannelError::Unavailable)
            }
        }
    )*};
}

channels! {
    /// Takes events, and the same one twice.
    Events "events" Outbound::Events { target: "/url".into() }, true;
    /// Takes messages, and the same one twice.
    Messages "messages" Outbound::Messages, true;
    /// Takes messages, and sends the same one twice if it is asked twice.
    Careless "careless" Outbound::Messages, false;
}

pub(crate) fn accept() -> DeliveryOutcome {
    DeliveryOutcome::Accepted {
        provider_ids: Vec::new(),
        status: None,
    }
}

pub(crate) fn retry() -> DeliveryOutcome {
    DeliveryOutcome::Retry {
        reason: "500 Internal Server Error".to_owned(),
        after_ms: None,
        scope: RetryScope::Message,
        status: Some(500),
    }
}

pub(crate) fn uncertain() -> DeliveryOutcome {
    DeliveryOutcome::Uncertain {
        reason: "Connection reset by peer".to_owned(),
    }
}

pub(crate) fn refuse(code: FailCode) -> DeliveryOutcome {
    DeliveryOutcome::Failed {
        code,
        reason: "no such recipient".to_owned(),
        status: Some(400),
    }
}

/// A host whose channels answer what was put down for them, and accept what was not.
pub(crate) struct Scripted {
    answers: Mutex<HashMap<InboxId, VecDeque<DeliveryOutcome>>>,
    always: Mutex<HashMap<InboxId, DeliveryOutcome>>,
    poison: Mutex<Vec<String>>,
    gates: Mutex<HashMap<InboxId, &'static Semaphore>>,
    calls: Mutex<Vec<ChannelCall>>,
    count: watch::Sender<usize>,
}

impl Default for Scripted {
    fn default() -> Self {
        Self {
            answers: Mutex::default(),
            always: Mutex::default(),
            poison: Mutex::default(),
            gates: Mutex::default(),
            calls: Mutex::default(),
            count: watch::Sender::new(0),
        }
    }
}

impl Scripted {
    /// The next calls of an inbox are answered so, in order.
    pub(crate) fn answer(
        &self,
        inbox: InboxId,
        outcomes: impl IntoIterator<Item = DeliveryOutcome>,
    ) {
        self.answers
            .lock()
            .unwrap()
            .entry(inbox)
            .or_default()
            .extend(outcomes);
    }

    /// All other calls of an inbox are answered so.
    pub(crate) fn always(&self, inbox: InboxId, outcome: DeliveryOutcome) {
        self.always.lock().unwrap().insert(inbox, outcome);
    }

    /// This delivery always fails, whatever the others do.
    pub(crate) fn poison(&self, id: impl std::fmt::Display) {
        self.poison.lock().unwrap().push(format!("dlv_local_{id}"));
    }

    /// Calls of an inbox wait until [`Scripted::open`] lets as many through.
    pub(crate) fn shut(&self, inbox: InboxId) {
        let gate: &'static Semaphore = Box::leak(Box::new(Semaphore::new(0)));
        self.gates.lock().unwrap().insert(inbox, gate);
    }

    pub(crate) fn open(&self, inbox: InboxId, calls: usize) {
        self.gates.lock().unwrap()[&inbox].add_permits(calls);
    }

    /// Waits until there have been so many calls.
    pub(crate) async fn called(&self, times: usize) {
        let mut count = self.count.subscribe();
        count.wait_for(|count| *count >= times).await.unwrap();
    }

    pub(crate) fn calls(&self) -> Vec<ChannelCall> {
        self.calls.lock().unwrap().clone()
    }

    /// Numbers of the deliveries, in the order of their calls.
    pub(crate) fn order(&self) -> Vec<i64> {
        let number = |call: &ChannelCall| {
            call.delivery_id
                .rsplit_once('_')
                .unwrap()
                .1
                .parse::<i64>()
                .unwrap()
        };
        self.calls().iter().map(number).collect()
    }
}

#[async_trait]
impl ChannelDeliver for Scripted {
    async fn deliver(&self, call: ChannelCall) -> DeliveryOutcome {
        let inbox = call.inbox_id;
        let id = call.delivery_id.clone();
        self.calls.lock().unwrap().push(call);
        self.count.send_modify(|count| *count += 1);
        let gate = self.gates.lock().unwrap().get(&inbox).copied();
        if let Some(gate) = gate {
            gate.acquire().await.unwrap().forget();
        }
        if self.poison.lock().unwrap().contains(&id) {
            return retry();
        }
        let next = self
            .answers
            .lock()
            .unwrap()
            .get_mut(&inbox)
            .and_then(VecDeque::pop_front);
        let always = self.always.lock().unwrap().get(&inbox).cloned();
        next.or(always).unwrap_or_else(accept)
    }
}

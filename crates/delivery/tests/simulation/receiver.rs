//! Receivers, in all their moods.

use std::sync::Arc;

use async_trait::async_trait;
use gatewright_core::channel::{
    Channel, ChannelDescriptor, ChannelError, ChannelType, DeliveryOutcome, FailCode, Outbound,
    RetryScope,
};
use gatewright_core::registry::{ChannelCall, ChannelDeliver};
use tokio::time::{sleep, timeout};

use crate::link::Link;
use crate::script::Mood;
use crate::watch::Attempt;

macro_rules! channels {
    ($($(#[$doc:meta])* $name:ident $id:literal, $idempotent:literal;)*) => {$(
        $(#[$doc])*
        pub(crate) struct $name;

        impl ChannelType for $name {
            type Settings = std::collections::HashMap<String, String>;

            fn descriptor() -> ChannelDescriptor {
                let outbound = Outbound::Events { target: "/url".into() };
                let mut descriptor = ChannelDescriptor::new($id, $id, "1", $id, outbound);
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
    /// The same event may be sent twice.
    Careful "careful", true;
    /// An event that is sent twice is taken twice.
    Careless "careless", false;
}

/// A node's way to the receivers. Inboxes have the ids of their receivers.
pub(crate) struct Wire {
    pub(crate) link: Arc<Link>,
}

/// An attempt that the watch knows of; dropping it ends it.
struct Exchange<'a> {
    link: &'a Link,
    number: u64,
}

impl Drop for Exchange<'_> {
    fn drop(&mut self) {
        let now = self.link.world.model.lock().unwrap().now();
        self.link.world.watch.lock().unwrap().ends(self.number, now);
    }
}

#[async_trait]
impl ChannelDeliver for Wire {
    async fn deliver(&self, call: ChannelCall) -> DeliveryOutcome {
        self.link.live().await;
        let receiver = call.inbox_id.get();
        let number = call.delivery_id.strip_prefix("dlv_local_");
        let attempt = Attempt {
            node: self.link.node,
            receiver,
            delivery: number.and_then(|number| number.parse().ok()),
            late: call.late,
            replay: call.replay,
        };
        let exchange = self.begin(attempt);
        let mut mood = self.link.world.mood(receiver);
        if attempt
            .delivery
            .is_some_and(|id| self.link.world.is_poison(id))
        {
            mood = Mood::Failing;
        }
        if mood == Mood::Moody {
            let moods = [
                Mood::Failing,
                Mood::Failing,
                Mood::Hanging,
                Mood::Deaf,
                Mood::Well,
            ];
            mood = self.link.draw(|chance| chance.pick(&moods));
        }
        let outcome = match mood {
            Mood::Deaf => self.answer(&exchange, mood).await,
            // The host's deadline.
            _ => timeout(self.link.world.config.timeout, self.answer(&exchange, mood))
                .await
                .unwrap_or_else(|_| uncertain("timed out")),
        };
        self.link.live().await;
        let mut watch = self.link.world.watch.lock().unwrap();
        watch.answered(exchange.number, &outcome);
        outcome
    }
}

impl Wire {
    fn begin(&self, attempt: Attempt) -> Exchange<'_> {
        let model = self.link.world.model.lock().unwrap();
        let mut watch = self.link.world.watch.lock().unwrap();
        Exchange {
            link: &self.link,
            number: watch.begins(&model, attempt),
        }
    }

    fn take(&self, exchange: &Exchange<'_>) {
        let model = self.link.world.model.lock().unwrap();
        self.link
            .world
            .watch
            .lock()
            .unwrap()
            .taken(&model, exchange.number);
    }

    async fn way(&self, from: u64, to: u64) {
        sleep(self.link.draw(|chance| chance.millis(from, to))).await;
        self.link.live().await;
    }

    async fn answer(&self, exchange: &Exchange<'_>, mood: Mood) -> DeliveryOutcome {
        let timeout = u64::try_from(self.link.world.config.timeout.as_millis()).unwrap();
        self.way(0, 60).await;
        match mood {
            Mood::Slow => self.way(0, timeout * 2).await,
            Mood::Failing => return retry(None),
            Mood::Flapping if self.link.draw(|chance| chance.percent(60)) => return retry(None),
            Mood::Well | Mood::Moody | Mood::Flapping => {}
            Mood::Limited => {
                return retry(Some(self.link.draw(|chance| chance.between(500, 8000))));
            }
            Mood::Gone => return refuse(FailCode::Gone),
            Mood::Refusing => return refuse(FailCode::Blocked),
            Mood::Odd => return refuse(FailCode::Other),
            Mood::Hanging | Mood::Deaf => {
                if self.link.draw(|chance| chance.percent(50)) {
                    self.take(exchange);
                }
                std::future::pending::<()>().await;
            }
            Mood::Resetting => {
                if self.link.draw(|chance| chance.percent(50)) {
                    self.take(exchange);
                }
                return uncertain("connection reset");
            }
        }
        self.take(exchange);
        self.way(0, 40).await;
        DeliveryOutcome::Accepted {
            provider_ids: Vec::new(),
            status: Some(200),
        }
    }
}

fn retry(after_ms: Option<u64>) -> DeliveryOutcome {
    DeliveryOutcome::Retry {
        reason: "500".to_owned(),
        after_ms,
        scope: after_ms.map_or(RetryScope::Message, |_| RetryScope::Inbox),
        status: Some(500),
    }
}

fn refuse(code: FailCode) -> DeliveryOutcome {
    DeliveryOutcome::Failed {
        code,
        reason: "refused".to_owned(),
        status: Some(400),
    }
}

fn uncertain(reason: &str) -> DeliveryOutcome {
    DeliveryOutcome::Uncertain {
        reason: reason.to_owned(),
    }
}

//! Channels behind their JSON form.
//!
//! [`loopback`] puts the border of a separate process around a linked-in plugin: every call,
//! effect and answer is encoded to bytes and decoded again. A channel that behaves equally on both
//! sides of it can move into another process without a change.

mod far;
mod frame;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use serde_json::Value;

use far::{FarHost, invoke};
pub use frame::{Answer, Call, Frame, MAX_FRAME_BYTES, decode, encode};

use crate::{
    BlobRef, Channel, ChannelDescriptor, ChannelError, ConnectInfo, Delivery, DeliveryOutcome,
    Health, HostServices, InboundRequest, MediaRef, Plugin, Received, RetryScope,
};

/// Wraps a plugin so that everything between it and the host crosses the border as JSON bytes,
/// at most [`MAX_FRAME_BYTES`] each.
///
/// What cannot cross is [`ChannelError::Protocol`]; for a delivery it is
/// [`DeliveryOutcome::Retry`] before the channel was called and [`DeliveryOutcome::Uncertain`]
/// after. The effect of an unknown kind is answered [`crate::EffectResult::Unsupported`].
pub fn loopback(plugin: Arc<dyn Plugin>) -> Arc<dyn Plugin> {
    let (descriptor, fault) = match describe(&*plugin) {
        Ok(descriptor) => (descriptor, None),
        Err(error) => (plugin.descriptor().clone(), Some(error)),
    };
    Arc::new(LoopbackPlugin {
        plugin,
        descriptor,
        fault,
    })
}

struct LoopbackPlugin {
    plugin: Arc<dyn Plugin>,
    descriptor: ChannelDescriptor,
    /// Why the descriptor could not cross; then no inbox opens.
    fault: Option<ChannelError>,
}

impl Plugin for LoopbackPlugin {
    fn descriptor(&self) -> &ChannelDescriptor {
        &self.descriptor
    }

    fn open(&self, settings: &Value) -> Result<Box<dyn Channel>, ChannelError> {
        self.fault.clone().map_or(Ok(()), Err)?;
        let Frame::Open { settings } = cross(&Frame::Open {
            settings: settings.clone(),
        })?
        else {
            return Err(stray());
        };
        let channel = self.plugin.open(&settings).map_err(refused)?;
        match cross(&Frame::Opened)? {
            Frame::Opened => Ok(Box::new(LoopbackChannel {
                channel,
                calls: AtomicU64::new(0),
            })),
            _ => Err(stray()),
        }
    }

    fn migrate(&self, from: u32, settings: Value) -> Result<Value, ChannelError> {
        let Frame::Migrate { from, settings } = cross(&Frame::Migrate { from, settings })? else {
            return Err(stray());
        };
        settings_back(self.plugin.migrate(from, settings))
    }

    fn normalize(&self, settings: &Value) -> Result<Value, ChannelError> {
        let frame = Frame::Normalize {
            settings: settings.clone(),
        };
        let Frame::Normalize { settings } = cross(&frame)? else {
            return Err(stray());
        };
        settings_back(self.plugin.normalize(&settings))
    }
}

struct LoopbackChannel {
    channel: Box<dyn Channel>,
    calls: AtomicU64,
}

#[async_trait]
impl Channel for LoopbackChannel {
    async fn receive(
        &self,
        host: &dyn HostServices,
        request: InboundRequest,
    ) -> Result<Received, ChannelError> {
        match self.exchange(host, Call::Receive { request }).await? {
            Answer::Received { received } => Ok(received),
            _ => Err(stray()),
        }
    }

    async fn deliver(&self, host: &dyn HostServices, delivery: Delivery) -> DeliveryOutcome {
        match self.exchange(host, Call::Deliver { delivery }).await {
            Ok(Answer::Outcome { outcome }) => outcome,
            Ok(_) => DeliveryOutcome::Uncertain {
                reason: stray().to_string(),
            },
            Err(fault) if fault.started => DeliveryOutcome::Uncertain {
                reason: fault.error.to_string(),
            },
            Err(fault) => DeliveryOutcome::Retry {
                reason: fault.error.to_string(),
                after_ms: None,
                scope: RetryScope::Message,
                status: None,
            },
        }
    }

    async fn connect(
        &self,
        host: &dyn HostServices,
        connection: ConnectInfo,
    ) -> Result<(), ChannelError> {
        self.unit(host, Call::Connect { connection }).await
    }

    async fn disconnect(&self, host: &dyn HostServices) -> Result<(), ChannelError> {
        self.unit(host, Call::Disconnect).await
    }

    async fn health(&self, host: &dyn HostServices) -> Result<Health, ChannelError> {
        match self.exchange(host, Call::Health).await? {
            Answer::Health { health } => Ok(health),
            _ => Err(stray()),
        }
    }

    async fn media(
        &self,
        host: &dyn HostServices,
        media: MediaRef,
    ) -> Result<BlobRef, ChannelError> {
        match self.exchange(host, Call::Media { media }).await? {
            Answer::Blob { blob } => Ok(blob),
            _ => Err(stray()),
        }
    }

    async fn run(&self, host: &dyn HostServices) -> Result<(), ChannelError> {
        self.unit(host, Call::Run).await
    }
}

impl LoopbackChannel {
    async fn unit(&self, host: &dyn HostServices, method: Call) -> Result<(), ChannelError> {
        match self.exchange(host, method).await? {
            Answer::Unit => Ok(()),
            _ => Err(stray()),
        }
    }

    /// One call there and back.
    async fn exchange(&self, host: &dyn HostServices, method: Call) -> Result<Answer, Fault> {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        let frame = Frame::Call {
            call,
            info: host.call().clone(),
            method: Box::new(method),
        };
        let Frame::Call { call, info, method } = cross(&frame).map_err(Fault::before)? else {
            return Err(Fault::before(stray()));
        };
        let far = FarHost::new(host, call, info);
        let frame = match invoke(&*self.channel, &far, *method).await {
            Ok(answer) => Frame::Done {
                call,
                answer: Box::new(answer),
            },
            Err(error) => Frame::Failed { call, error },
        };
        match cross(&frame).map_err(Fault::after)? {
            Frame::Done { call: same, answer } if same == call => Ok(*answer),
            Frame::Failed { call: same, error } if same == call => Err(Fault::after(error)),
            _ => Err(Fault::after(stray())),
        }
    }
}

/// Why an exchange gave no answer.
struct Fault {
    /// Whether the channel had been called.
    started: bool,
    error: ChannelError,
}

impl Fault {
    fn before(error: ChannelError) -> Self {
        Self {
            started: false,
            error,
        }
    }

    fn after(error: ChannelError) -> Self {
        Self {
            started: true,
            error,
        }
    }
}

impl From<Fault> for ChannelError {
    fn from(fault: Fault) -> Self {
        fault.error
    }
}

/// The border itself.
fn cross(frame: &Frame) -> Result<Frame, ChannelError> {
    decode(&encode(frame)?)
}

fn describe(plugin: &dyn Plugin) -> Result<ChannelDescriptor, ChannelError> {
    let descriptor = Box::new(plugin.descriptor().clone());
    match cross(&Frame::Descriptor { descriptor })? {
        Frame::Descriptor { descriptor } => Ok(*descriptor),
        _ => Err(stray()),
    }
}

fn settings_back(result: Result<Value, ChannelError>) -> Result<Value, ChannelError> {
    let settings = result.map_err(refused)?;
    match cross(&Frame::Settings { settings })? {
        Frame::Settings { settings } => Ok(settings),
        _ => Err(stray()),
    }
}

fn refused(error: ChannelError) -> ChannelError {
    match cross(&Frame::Refused { error }) {
        Ok(Frame::Refused { error }) | Err(error) => error,
        Ok(_) => stray(),
    }
}

fn stray() -> ChannelError {
    ChannelError::Protocol {
        reason: "the answer is not one to this call".to_owned(),
    }
}

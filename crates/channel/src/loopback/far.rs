//! The far side of the border: the channel's own process, if it had one.

use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;

use super::{Answer, Call, Frame, cross, stray};
use crate::{CallInfo, Channel, ChannelError, Effect, EffectResult, HostServices, LogLevel};

/// The far side: calls the channel as the frame says.
pub(super) async fn invoke(
    channel: &dyn Channel,
    host: &dyn HostServices,
    method: Call,
) -> Result<Answer, ChannelError> {
    Ok(match method {
        Call::Receive { request } => Answer::Received {
            received: channel.receive(host, request).await?,
        },
        Call::Deliver { delivery } => Answer::Outcome {
            outcome: channel.deliver(host, delivery).await,
        },
        Call::Connect { connection } => {
            channel.connect(host, connection).await?;
            Answer::Unit
        }
        Call::Disconnect => {
            channel.disconnect(host).await?;
            Answer::Unit
        }
        Call::Health => Answer::Health {
            health: channel.health(host).await?,
        },
        Call::Media { media } => Answer::Blob {
            blob: channel.media(host, media).await?,
        },
        Call::Run => {
            channel.run(host).await?;
            Answer::Unit
        }
        Call::Unknown => {
            return Err(ChannelError::Unsupported {
                what: "this call".to_owned(),
            });
        }
    })
}

/// The host as the far side sees it.
pub(super) struct FarHost<'a> {
    near: &'a dyn HostServices,
    call: u64,
    info: CallInfo,
    effects: AtomicU64,
}

impl<'a> FarHost<'a> {
    pub(super) fn new(near: &'a dyn HostServices, call: u64, info: CallInfo) -> Self {
        Self {
            near,
            call,
            info,
            effects: AtomicU64::new(0),
        }
    }
}

#[async_trait]
impl HostServices for FarHost<'_> {
    async fn effect(&self, effect: Effect) -> EffectResult {
        let id = self.effects.fetch_add(1, Ordering::Relaxed);
        let frame = Frame::Effect {
            call: self.call,
            id,
            effect: Box::new(effect),
        };
        let effect = match cross(&frame) {
            Ok(Frame::Effect { effect, .. }) => *effect,
            Ok(_) => return EffectResult::Unsupported,
            Err(error) => {
                return EffectResult::Denied {
                    reason: error.to_string(),
                };
            }
        };
        if effect == Effect::Unknown {
            return EffectResult::Unsupported;
        }
        let result = Box::new(self.near.effect(effect).await);
        // From here on the effect has been performed, whatever becomes of its answer.
        match cross(&Frame::Resume {
            call: self.call,
            id,
            result,
        }) {
            Ok(Frame::Resume {
                id: same, result, ..
            }) if same == id => *result,
            Ok(_) => EffectResult::Ambiguous {
                reason: stray().to_string(),
            },
            Err(error) => EffectResult::Ambiguous {
                reason: error.to_string(),
            },
        }
    }

    fn log(&self, level: LogLevel, message: &str) {
        let frame = Frame::Log {
            call: self.call,
            level,
            message: message.to_owned(),
        };
        match cross(&frame) {
            Ok(Frame::Log { level, message, .. }) => self.near.log(level, &message),
            _ => self.near.log(
                LogLevel::Warn,
                "a log line was too large to cross the border",
            ),
        }
    }

    fn now_ms(&self) -> u64 {
        self.near.now_ms()
    }

    fn call(&self) -> &CallInfo {
        &self.info
    }
}

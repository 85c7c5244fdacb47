//! Runs channels: opens the inboxes, performs the effects that their channels ask for, and keeps
//! what goes wrong in a channel inside of it.
//!
//! | to read about | look at |
//! |---|---|
//! | the door for everybody else | [`ChannelHost`] |
//! | what the host needs of the use cases | [`InboxSource`], [`InboundSink`] |
//! | a request of a provider or caller on its way in | `receive`, `inbound`, `events` |
//! | a delivery on its way out | `deliver` |
//! | what a channel may do during one call | `services`, `http_effect`, `permission` |
//! | panics, hangs and deadlines | `contain`, `call`, `instance` |
//!
//! Every call of a channel runs under a deadline and behind a catch of its panics. What a channel
//! says about a failure is cleaned of its secrets before anybody reads it.
//!
//! Deliberately absent: SQL, HTTP routing and the decision when to try again. Effects for values
//! and files answer `Unsupported`.
//!
//! To add an effect, give it an arm in `services.rs` and say in `gatewright_channel::Effect` what
//! it answers.

mod call;
mod config;
mod contain;
mod deliver;
mod events;
mod host;
mod http_effect;
mod inbound;
mod instance;
mod permission;
mod receive;
mod redact;
mod reply;
mod request;
mod runtime;
mod services;
mod sink;
mod source;
#[cfg(test)]
mod tests;

pub use config::{HostConfig, Limits};
pub use host::ChannelHost;
pub use inbound::{Inbound, ReceiveAnswer, Route};
pub use sink::{DeadInbound, InboundContext, InboundSink, RawRequest, StoredEvent, StoredMessage};
pub use source::{InboxSource, OpenInbox};

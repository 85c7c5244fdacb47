//! What a channel is, for those who write one.
//!
//! A channel connects an outside system to the gateway. This crate holds the contract between the
//! two and nothing else: no runtime, no database, no HTTP server. Every value that crosses the
//! border is plain data with a JSON form, so the same channel runs linked in, behind
//! [`loopback`], and later in another process.
//!
//! | to read about | look at |
//! |---|---|
//! | the two traits a channel implements | [`ChannelType`], [`Channel`] |
//! | what a channel declares about itself | [`ChannelDescriptor`] |
//! | what comes in | [`InboundRoute`], [`InboundRequest`], [`InboundEvent`], [`Received`] |
//! | what goes out | [`Delivery`], [`DeliveryOutcome`] |
//! | what a channel may ask of its host | [`HostServices`], [`Effect`], [`EffectResult`] |
//! | how HTTP answers are read | [`http`] |
//!
//! Deliberately absent: sockets, clocks, threads and files. A channel asks its host for the
//! effects it wants, and the host performs them under its own limits.
//!
//! To add a channel: implement [`ChannelType`] and [`Channel`] in a crate of its own, run the
//! conformance suite of `gatewright-channel-testkit`, and name it to the builder.

mod bytes;
mod channel;
mod descriptor;
mod effect;
mod error;
pub mod http;
mod inbound;
pub mod loopback;
mod outbound;
mod plugin;

pub use bytes::Payload;
pub use channel::{Channel, ChannelType, ConnectInfo, Health, MediaRef};
pub use descriptor::{
    Capabilities, ChannelDescriptor, FeatureLevel, InboundAuth, InboundRoute, InboxKey, MediaLimit,
    Outbound, Permissions, PublicClient, ReplyWindow, SettingPtr, SourceIdRule, TextLimit,
    TextUnit,
};
pub use effect::{
    BlobRef, CallInfo, CallKind, Effect, EffectResult, HostServices, HttpEffect, LogLevel,
};
pub use error::{ChannelError, FieldError};
pub use inbound::{
    ContactRef, Direction, Emit, HttpReply, InboundAttachment, InboundBody, InboundEvent,
    InboundMessage, InboundRequest, InboundStatus, MessageStatus, Principal, Received, Reply,
};
pub use outbound::{
    Delivery, DeliveryOutcome, FailCode, OutboundAttachment, OutboundEvent, OutboundMessage,
    RetryScope,
};
pub use plugin::{Plugin, plugin};

/// Number of the message format spoken across the border. It rises when a change is not additive.
pub const PROTOCOL: u32 = 1;

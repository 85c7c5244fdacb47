//! A request whose inbox and caller are known.

use std::collections::BTreeMap;
use std::sync::Arc;

use gatewright_channel::{InboundAuth, InboundBody, InboundRequest, InboundRoute};
use gatewright_core::error::{Error, Result};
use gatewright_core::model::Inbox;
use gatewright_core::{Caller, Timestamp};

use crate::{DeadInbound, Inbound, InboundContext, OpenInbox, RawRequest};

/// What is kept of a request while its channel reads it.
pub(crate) struct Request {
    pub(crate) open: Arc<OpenInbox>,
    /// As it came, on routes with `InboundAuth::Channel`.
    pub(crate) raw: Option<RawRequest>,
    caller: Option<Caller>,
}

impl Request {
    /// Splits a request into what is kept and what the channel is told.
    ///
    /// # Errors
    /// `Internal` when the body does not have the form that the route's `auth` asks for.
    pub(crate) fn new(
        inbound: Inbound,
        route: &InboundRoute,
        caller: Option<Caller>,
        open: Arc<OpenInbox>,
        now: Timestamp,
    ) -> Result<(Self, InboundRequest)> {
        let raw = match (route.auth, &inbound.body) {
            (InboundAuth::Channel, InboundBody::Raw(bytes)) => Some(RawRequest {
                method: inbound.method.clone(),
                route: inbound.route.clone(),
                query: inbound.query.clone(),
                headers: inbound.headers.clone(),
                body: bytes.0.clone(),
                received_at: now,
            }),
            (InboundAuth::Caller, InboundBody::Bag { .. }) => None,
            _ => return Err(Error::internal("the body has the wrong form for the route")),
        };
        let told = InboundRequest {
            method: inbound.method,
            route: inbound.route,
            query: inbound.query,
            headers: inbound.headers,
            body: inbound.body,
            received_at_ms: u64::try_from(now.millis()).unwrap_or(0),
            principal: caller.as_ref().map(Caller::to_channel),
        };
        Ok((Self { open, raw, caller }, told))
    }

    /// Where its events come from.
    pub(crate) fn context(&self, routed: BTreeMap<String, Arc<Inbox>>) -> InboundContext {
        InboundContext {
            inbox: Arc::clone(&self.open.inbox),
            routed,
            caller: self.caller.clone(),
            raw: self.raw.clone(),
        }
    }

    /// The request as a dead letter.
    ///
    /// # Errors
    /// `Internal` on a caller's route, where there is no raw request to keep.
    pub(crate) fn letter(&self, reason: String) -> Result<DeadInbound> {
        let raw = self
            .raw
            .clone()
            .ok_or_else(|| Error::internal("there is nothing to keep"))?;
        Ok(DeadInbound {
            inbox: Arc::clone(&self.open.inbox),
            raw,
            reason,
        })
    }
}

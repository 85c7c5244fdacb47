//! A request on its way in.

use std::sync::Arc;

use gatewright_channel::{
    CallInfo, CallKind, ChannelError, HttpReply, InboundAuth, InboundRequest, InboundRoute,
    Payload, Received, Reply,
};
use gatewright_core::Caller;
use gatewright_core::error::{Denied, Error, Result, Unauthenticated};

use crate::events::Sorted;
use crate::instance::Instance;
use crate::request::Request;
use crate::{ChannelHost, Inbound, OpenInbox, ReceiveAnswer, StoredEvent, events, redact, reply};

impl ChannelHost {
    /// Takes a request on one of [`Self::routes`]: finds its inbox, has the channel verify and
    /// parse it, stores what it means, and says how to answer.
    ///
    /// # Errors
    /// `NotFound` for an unknown route, an unknown inbox and one that the caller does not see;
    /// `Unauthenticated` and `Denied` for wrong credentials; `Missing` and `Unprocessable` for a
    /// request that cannot be carried out; `Unavailable` while the channel or the database is
    /// down, so that the provider sends again. Nothing is stored then.
    pub async fn receive(&self, inbound: Inbound) -> Result<ReceiveAnswer> {
        let route = self.declared(&inbound)?;
        let id = inbound.inbox(&route.inbox, &*self.source).await?;
        let open = self.load(id).await?;
        let open = open
            .filter(|open| open.inbox.channel == inbound.channel)
            .ok_or(Error::NotFound)?;
        let caller = self.admit(&route, &inbound, &open).await?;
        let caller = caller.map(|caller| caller.with_claim(inbound.claim.clone()));
        let (request, told) = Request::new(inbound, &route, caller, open, self.clock.now())?;
        let result = self.understand(&request, told).await;
        let label = match &result {
            Ok(_) => "understood",
            Err(ChannelError::Unauthorized) => "unauthorized",
            Err(ChannelError::Invalid { .. }) => "invalid",
            Err(ChannelError::Unparsable { .. }) => "unparsable",
            Err(_) => "failed",
        };
        metrics::counter!("gatewright_inbound_requests_total",
            "channel" => request.open.inbox.channel.clone(), "outcome" => label)
        .increment(1);
        match result {
            Ok(received) => self.keep(request, received).await,
            Err(ChannelError::Unparsable { reason }) => self.bury(request, reason).await,
            Err(error) => Err(error.into()),
        }
    }

    fn declared(&self, inbound: &Inbound) -> Result<InboundRoute> {
        let descriptor = self
            .registry
            .descriptor(&inbound.channel)
            .ok_or(Error::NotFound)?;
        let mut routes = descriptor.inbound.iter();
        let route = routes.find(|route| {
            route.path == inbound.route && route.method.eq_ignore_ascii_case(&inbound.method)
        });
        let route = route.cloned().ok_or(Error::NotFound)?;
        if route.auth == InboundAuth::Caller && inbound.principal.is_none() {
            return Err(Error::Unauthenticated(Unauthenticated::Missing));
        }
        Ok(route)
    }

    /// The caller, who has to see the inbox. Whether an inbox exists that they do not see is not
    /// told.
    async fn admit(
        &self,
        route: &InboundRoute,
        inbound: &Inbound,
        open: &OpenInbox,
    ) -> Result<Option<Caller>> {
        if route.auth == InboundAuth::Channel {
            return Ok(None);
        }
        let missing = || Error::Unauthenticated(Unauthenticated::Missing);
        let principal = inbound.principal.as_ref().ok_or_else(missing)?;
        let inbox = &open.inbox;
        if inbound
            .account_id
            .is_some_and(|named| named != inbox.account_id)
        {
            return Err(Error::NotFound);
        }
        let caller = match self.source.enter(principal, inbox.account_id).await {
            Err(Error::Denied(Denied::NotMember)) => return Err(Error::NotFound),
            entered => entered?,
        };
        let seen = self.source.visible(&caller, inbox.id).await?;
        if seen.account_id == caller.account_id() && seen.id == inbox.id {
            Ok(Some(caller))
        } else {
            Err(Error::NotFound)
        }
    }

    /// Has the channel verify and parse the request.
    async fn understand(
        &self,
        request: &Request,
        told: InboundRequest,
    ) -> Result<Received, ChannelError> {
        let open = &request.open;
        let instance = self.instance(open).map_err(|error| {
            let inbox = open.inbox.id.get();
            tracing::error!(inbox, %error, "an inbox could not be opened");
            ChannelError::Unavailable
        })?;
        let instance = instance.ok_or(ChannelError::Unavailable)?;
        let received = self.call_receive(&instance, &request.open, told).await?;
        if let Err(reason) = reply::check(&received) {
            return Err(broke_protocol(open, reason));
        }
        if request.raw.is_some()
            && let Err(reason) = events::check(&received.events, self.config.limits.max_events)
        {
            // Sending it again would not help; a new version of the channel does.
            broke_protocol(open, reason.clone());
            return Err(ChannelError::Unparsable { reason });
        }
        Ok(received)
    }

    async fn call_receive(
        &self,
        instance: &Arc<Instance>,
        open: &OpenInbox,
        told: InboundRequest,
    ) -> Result<Received, ChannelError> {
        let info = CallInfo {
            inbox_id: open.inbox.id.get(),
            kind: CallKind::Receive,
            delivery_id: String::new(),
            attempt: 0,
            late: false,
        };
        let services = self.services(open, instance, info);
        let running = Box::pin(async { instance.channel.receive(&services, told).await });
        let ended = self.supervise(instance, &services, running).await?;
        ended.map_err(|error| redact::error(open, error))
    }

    /// Stores what was understood, then answers.
    async fn keep(&self, request: Request, received: Received) -> Result<ReceiveAnswer> {
        let Received { mut events, reply } = received;
        let mut sorted = Sorted::default();
        if request.raw.is_some() {
            sorted = events::sort(self, &request.open.inbox, &mut events).await?;
        } else {
            events::strip(&mut events);
        }
        let mut stored = Vec::new();
        if !events.is_empty() {
            stored = self
                .sink
                .store(request.context(sorted.routed), events)
                .await?;
        }
        if !sorted.unknown.is_empty() {
            let reason = "no inbox of this channel and account has the key of an event";
            self.sink.dead(request.letter(reason.to_owned())?).await?;
        }
        let mut messages = stored.into_iter().filter_map(|event| match event {
            StoredEvent::Message(message) => Some(message),
            StoredEvent::Other => None,
        });
        match (reply, messages.next()) {
            (Reply::Fixed(reply), _) => Ok(ReceiveAnswer::Http(reply::sendable(reply))),
            (Reply::Stored, Some(message)) => Ok(ReceiveAnswer::Stored(message)),
            // A provider's repeat makes no message, but is taken all the same.
            (Reply::Stored, None) if request.raw.is_some() => Ok(taken()),
            (Reply::Stored, None) => Err(Error::internal("the caller's message was not answered")),
        }
    }

    /// Keeps a genuine request that was not understood. A caller is told instead.
    async fn bury(&self, request: Request, reason: String) -> Result<ReceiveAnswer> {
        if request.raw.is_none() {
            return Err(ChannelError::Unparsable { reason }.into());
        }
        self.sink.dead(request.letter(reason)?).await?;
        Ok(taken())
    }
}

fn taken() -> ReceiveAnswer {
    ReceiveAnswer::Http(HttpReply {
        status: 200,
        headers: Vec::new(),
        body: Payload::default(),
    })
}

fn broke_protocol(open: &OpenInbox, reason: String) -> ChannelError {
    let inbox = open.inbox.id.get();
    tracing::error!(
        inbox,
        channel = open.inbox.channel,
        reason,
        "a channel broke the protocol"
    );
    ChannelError::Protocol { reason }
}

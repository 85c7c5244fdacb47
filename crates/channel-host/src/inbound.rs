use std::collections::BTreeMap;
use std::sync::Arc;

use gatewright_channel::{HttpReply, InboundBody, InboundRoute, InboxKey};
use gatewright_core::Principal;
use gatewright_core::cipher::sha256_hex;
use gatewright_core::error::{Error, Result};
use gatewright_core::idempotency::Claim;
use gatewright_core::ids::{AccountId, InboxId};
use serde_json::Value;

use crate::{InboxSource, StoredMessage};

/// A route that a channel declares, to be mounted by the HTTP server.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// The channel, by its id.
    pub channel: String,
    /// What it declares.
    pub route: InboundRoute,
}

/// A request on one of [`crate::ChannelHost::routes`].
#[derive(Debug, Clone)]
pub struct Inbound {
    /// The route's channel.
    pub channel: String,
    /// The route's template, as declared.
    pub route: String,
    /// Method in upper case.
    pub method: String,
    /// Values of the template's segments, decoded.
    pub path_params: BTreeMap<String, String>,
    /// Query string without `?`.
    pub query: String,
    /// Headers in order, names in lower case, without the caller's token.
    pub headers: Vec<(String, String)>,
    /// A bag on routes with `InboundAuth::Caller`, raw bytes on the others.
    pub body: InboundBody,
    /// Owner of the token that came along, on routes with `InboundAuth::Caller`.
    pub principal: Option<Arc<Principal>>,
    /// The account that the caller names; the inbox must be in it.
    pub account_id: Option<AccountId>,
    /// The right to carry out the request, when it came with an `Idempotency-Key`.
    pub claim: Option<Claim>,
}

/// How a request is answered.
#[derive(Debug, Clone, PartialEq)]
pub enum ReceiveAnswer {
    /// With the view of this message.
    Stored(Box<StoredMessage>),
    /// With this.
    Http(HttpReply),
}

impl Inbound {
    /// Finds the inbox that the request names.
    ///
    /// # Errors
    /// [`Error::Missing`] and [`Error::Unprocessable`] for a body without a usable id,
    /// [`Error::NotFound`] for an unknown key.
    pub(crate) async fn inbox(&self, key: &InboxKey, source: &dyn InboxSource) -> Result<InboxId> {
        let segment = match key {
            InboxKey::Body(pointer) => return self.inbox_of_body(pointer),
            InboxKey::Setting(pointer) => last_segment(&pointer.0),
            InboxKey::Path(segment) => segment,
        };
        let key = self.path_params.get(segment).filter(|key| !key.is_empty());
        let hash = sha256_hex(key.ok_or(Error::NotFound)?.as_bytes());
        source
            .route(&self.channel, &hash)
            .await?
            .ok_or(Error::NotFound)
    }

    fn inbox_of_body(&self, pointer: &str) -> Result<InboxId> {
        let parsed: Value;
        let found = match &self.body {
            InboundBody::Bag { params, .. } => descend(params, pointer),
            InboundBody::Raw(bytes) => {
                parsed = serde_json::from_slice(&bytes.0).unwrap_or(Value::Null);
                parsed.pointer(pointer)
            }
        };
        let name = pointer.trim_start_matches('/').replace('/', ".");
        let wrong = || {
            Error::Unprocessable(format!(
                "{name} must be the id of an inbox, a positive number"
            ))
        };
        let id = match found {
            None | Some(Value::Null) => return Err(Error::Missing(name)),
            Some(Value::String(text)) if text.trim().is_empty() => {
                return Err(Error::Missing(name));
            }
            Some(Value::String(text)) => text.trim().parse().ok(),
            Some(Value::Number(number)) => number.as_i64(),
            Some(_) => None,
        };
        id.map(InboxId).ok_or_else(wrong)
    }
}

/// `Value::pointer` for a map that is not wrapped in a `Value`.
fn descend<'a>(params: &'a serde_json::Map<String, Value>, pointer: &str) -> Option<&'a Value> {
    let path = pointer.strip_prefix('/')?;
    let (first, rest) = path
        .find('/')
        .map_or((path, ""), |slash| path.split_at(slash));
    params
        .get(&first.replace("~1", "/").replace("~0", "~"))?
        .pointer(rest)
}

fn last_segment(pointer: &str) -> &str {
    pointer.rsplit('/').next().unwrap_or(pointer)
}

//! The routes that channels declare as data.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{FromRequestParts, Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, on};
use gatewright_channel_host::{ChannelHost, Inbound, ReceiveAnswer, StoredMessage};
use gatewright_core::access::Access;
use gatewright_core::channel::{HttpReply, InboundAuth, InboundBody, InboundRoute};
use gatewright_core::ids::AccountId;
use gatewright_core::message::Stored;
use gatewright_core::registry::Registry;
use gatewright_core::wire::{InboundStored, MessageView};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};

use crate::caller::Authenticated;
use crate::error::{ApiError, Family};
use crate::once::{Head, answer_once};
use crate::params::{parse_id, read_body};
use crate::routes::messages::marked;
use crate::state::AppState;
use crate::{Bag, Json200};

/// Headers that carry the caller's token; channels never see them.
const TOKENS: &[&str] = &[
    "api_access_token",
    "api-access-token",
    "authorization",
    "cookie",
];

/// Fields in which a door takes files.
const FILES: &[&str] = &["attachments", "message.attachments"];

/// Mounts the inbound routes of every channel.
pub(crate) fn router(registry: &Registry) -> Router<AppState> {
    let mut router = Router::new();
    for plugin in registry.iter() {
        let descriptor = plugin.descriptor();
        for route in &descriptor.inbound {
            let Ok(method) = Method::from_bytes(route.method.as_bytes()) else {
                continue;
            };
            let Ok(filter) = MethodFilter::try_from(method) else {
                continue;
            };
            let door = Arc::new(Door {
                channel: descriptor.id.clone(),
                route: route.clone(),
            });
            let handler = move |state: State<AppState>, request: Request<Body>| {
                let door = Arc::clone(&door);
                async move { receive(&door, state.0, request).await }
            };
            router = router.route(&route.path, on(filter, handler));
        }
    }
    router
}

struct Door {
    channel: String,
    route: InboundRoute,
}

async fn receive(
    door: &Door,
    state: AppState,
    request: Request<Body>,
) -> Result<Response, ApiError> {
    let (mut parts, body) = request.into_parts();
    let mut inbound = head(door, &mut parts, &state).await?;
    let authenticated = if door.route.auth == InboundAuth::Caller {
        let authenticated = Authenticated::from_request_parts(&mut parts, &state).await?;
        inbound.account_id = account(&parts.headers, &authenticated, &state.access).await?;
        Some(authenticated)
    } else {
        None
    };
    let request = Request::from_parts(parts, body);
    let Some(Authenticated(principal)) = authenticated else {
        inbound.body = InboundBody::Raw(read_body(request).await?.to_vec().into());
        return pass(&state.host, inbound).await;
    };
    let head = Head::of(&request)?;
    let (bag, files) = Bag::with_files(request, &state.attachments, FILES).await?;
    let (key, token_id) = (head.key(&bag, files.uploaded()), principal.token_id);
    inbound.principal = Some(principal);
    inbound.body = InboundBody::Bag {
        params: bag.merged(),
        files: files.refs()?,
    };
    let resource = ("inbound", key);
    let answered = answer_once(&state.idempotency, token_id, resource, |claim| async {
        inbound.claim = claim;
        pass(&state.host, inbound).await
    });
    files.settled(answered).await
}

/// Hands a request to the channel.
async fn pass(host: &ChannelHost, inbound: Inbound) -> Result<Response, ApiError> {
    Ok(match host.receive(inbound).await? {
        ReceiveAnswer::Stored(stored) => stored_answer(*stored),
        ReceiveAnswer::Http(reply) => fixed_answer(reply),
    })
}

/// Everything of the request but its body.
async fn head(door: &Door, parts: &mut Parts, state: &AppState) -> Result<Inbound, ApiError> {
    let Path(path_params) = Path::<BTreeMap<String, String>>::from_request_parts(parts, state)
        .await
        .map_err(|_| ApiError::NotFound(Family::App))?;
    let headers = parts
        .headers
        .iter()
        .filter(|(name, _)| !TOKENS.contains(&name.as_str()))
        .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
        .collect();
    Ok(Inbound {
        channel: door.channel.clone(),
        route: door.route.path.clone(),
        method: door.route.method.clone(),
        path_params,
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers,
        body: InboundBody::Raw(Vec::new().into()),
        principal: None,
        account_id: None,
        claim: None,
    })
}

/// The account that `api_account_id` names; the caller must be in it.
async fn account(
    headers: &HeaderMap,
    Authenticated(principal): &Authenticated,
    access: &Access,
) -> Result<Option<AccountId>, ApiError> {
    let named = ["api_account_id", "api-account-id"]
        .iter()
        .find_map(|name| headers.get(*name));
    let Some(named) = named.filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    let id = named
        .to_str()
        .ok()
        .and_then(parse_id)
        .map(AccountId)
        .ok_or_else(|| {
            ApiError::unprocessable("api_account_id must be the number of an account")
        })?;
    access.enter(principal, id).await?;
    Ok(Some(id))
}

fn stored_answer(stored: StoredMessage) -> Response {
    let stored = Stored {
        message: stored.message,
        contact: stored.contact,
        echo_id: stored.echo_id,
        replayed: stored.replayed,
    };
    let message = MessageView::new(&stored.message, &stored.contact, stored.echo_id.clone());
    let view = InboundStored::new(message, &stored.contact);
    marked(&stored, Json200(view))
}

fn fixed_answer(reply: HttpReply) -> Response {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::OK);
    let mut response = (status, reply.body.0).into_response();
    for (name, value) in reply.headers {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(&value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

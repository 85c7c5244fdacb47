//! Deliveries and traces. An addition to the contract; administrators only.

mod delivery_purge;
mod delivery_replay_range;

use axum::extract::State;
use gatewright_core::Timestamp;
use gatewright_core::delivery::{Deliveries, DeliveryFilter, DeliveryState};
use gatewright_core::event::EventName;
use gatewright_core::ids::{DeliveryId, DisplayId, InboxId, MessageId, ReceiverId, WebhookId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::caller::InAccount;
use crate::error::ApiError;
use crate::state::AppState;
use crate::view::{AppErrors, DeliveryDetailView, DeliveryView, Page, Payload, TraceView};
use crate::{Ids, Json200, Params, Root};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(delivery_list))
        .routes(routes!(delivery_show))
        .routes(routes!(delivery_replay))
        .routes(routes!(delivery_replay_range::delivery_replay_range))
        .routes(routes!(delivery_purge::delivery_purge))
        .routes(routes!(message_trace))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct ListParams {
    /// `queued`, `leased`, `delivered` or `dead`.
    state: Option<String>,
    /// To this receiver.
    receiver_id: Option<i64>,
    /// To this account webhook.
    webhook_id: Option<i64>,
    /// About what happened in this inbox.
    inbox_id: Option<i64>,
    /// About what happened in this conversation.
    conversation_id: Option<i64>,
    /// About events of this name.
    event: Option<String>,
    /// About this message.
    message_id: Option<i64>,
    /// Made at or after: Unix seconds.
    since: Option<i64>,
    /// Made before: Unix seconds.
    until: Option<i64>,
    /// Ids below this one: the `next` of the page before.
    before: Option<i64>,
    /// How many, 1 to 100; 25 when absent.
    limit: Option<i64>,
}

impl Root for ListParams {}

/// Where the next page begins.
#[derive(Debug, Serialize, ToSchema)]
struct DeliveriesMeta {
    /// `before` of the next page; null on the last one.
    next: Option<i64>,
}

#[derive(Debug, Deserialize)]
struct DeliveryPath {
    delivery_id: i64,
}

#[derive(Debug, Deserialize)]
struct TracePath {
    message_id: i64,
}

/// The account's deliveries, the newest first.
#[utoipa::path(get, path = "/api/v1/accounts/{account_id}/deliveries", tag = "deliveries",
    params(("account_id" = i64, Path), ListParams),
    responses((status = 200, body = Page<DeliveriesMeta, DeliveryView>), AppErrors))]
async fn delivery_list(
    InAccount(caller): InAccount,
    State(deliveries): State<Deliveries>,
    Params(params): Params<ListParams>,
) -> Result<Json200<Page<DeliveriesMeta, DeliveryView>>, ApiError> {
    let filter = filter(params)?;
    let found = deliveries.list(&caller, &filter).await?;
    let full = u64::try_from(found.len()).is_ok_and(|found| found >= filter.limit);
    let next = found.last().filter(|_| full).map(|last| last.id.get());
    let payload = found.into_iter().map(DeliveryView::from).collect();
    Ok(Json200(Page {
        meta: DeliveriesMeta { next },
        payload,
    }))
}

/// One delivery with its failed attempts.
#[utoipa::path(get, path = "/api/v1/accounts/{account_id}/deliveries/{delivery_id}",
    tag = "deliveries", params(("account_id" = i64, Path), ("delivery_id" = i64, Path)),
    responses((status = 200, body = Payload<DeliveryDetailView>), AppErrors))]
async fn delivery_show(
    InAccount(caller): InAccount,
    Ids(path): Ids<DeliveryPath>,
    State(deliveries): State<Deliveries>,
) -> Result<Json200<Payload<DeliveryDetailView>>, ApiError> {
    let found = deliveries
        .show(&caller, DeliveryId(path.delivery_id))
        .await?;
    Ok(Json200(Payload {
        payload: found.into(),
    }))
}

/// Sends a delivery again that was delivered or is dead: same `webhook-id`, same body, marked
/// with `X-Gatewright-Replay`.
#[utoipa::path(post, path = "/api/v1/accounts/{account_id}/deliveries/{delivery_id}/replay",
    tag = "deliveries", params(("account_id" = i64, Path), ("delivery_id" = i64, Path)),
    responses((status = 200, body = Payload<DeliveryDetailView>), AppErrors))]
async fn delivery_replay(
    InAccount(caller): InAccount,
    Ids(path): Ids<DeliveryPath>,
    State(deliveries): State<Deliveries>,
) -> Result<Json200<Payload<DeliveryDetailView>>, ApiError> {
    let found = deliveries
        .replay(&caller, DeliveryId(path.delivery_id))
        .await?;
    Ok(Json200(Payload {
        payload: found.into(),
    }))
}

/// Every hop of a message: stored, events, deliveries, attempts.
#[utoipa::path(get, path = "/api/v1/accounts/{account_id}/messages/{message_id}/trace",
    tag = "deliveries", params(("account_id" = i64, Path), ("message_id" = i64, Path)),
    responses((status = 200, body = Payload<TraceView>), AppErrors))]
async fn message_trace(
    InAccount(caller): InAccount,
    Ids(path): Ids<TracePath>,
    State(deliveries): State<Deliveries>,
) -> Result<Json200<Payload<TraceView>>, ApiError> {
    let trace = deliveries
        .trace(&caller, MessageId(path.message_id))
        .await?;
    Ok(Json200(Payload {
        payload: trace.into(),
    }))
}

fn filter(params: ListParams) -> Result<DeliveryFilter, ApiError> {
    let limit = params.limit.unwrap_or(25);
    let limit = u64::try_from(limit)
        .ok()
        .filter(|limit| (1..=100).contains(limit));
    Ok(DeliveryFilter {
        state: super::named(params.state, "state", DeliveryState::from_name)?,
        receiver_id: params.receiver_id.map(ReceiverId),
        webhook_id: params.webhook_id.map(WebhookId),
        inbox_id: params.inbox_id.map(InboxId),
        conversation_id: params.conversation_id.map(DisplayId),
        event: super::named(params.event, "event", EventName::from_name)?,
        message_id: params.message_id.map(MessageId),
        since: params.since.map(Timestamp::from_unix),
        until: params.until.map(Timestamp::from_unix),
        before: params.before.map(DeliveryId),
        limit: limit.ok_or_else(|| ApiError::unprocessable("limit must be from 1 to 100"))?,
    })
}

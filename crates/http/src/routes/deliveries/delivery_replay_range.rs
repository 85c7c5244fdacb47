use axum::extract::State;
use gatewright_core::Timestamp;
use gatewright_core::delivery::{Deliveries, DeliveryState, ReplayRange};
use gatewright_core::ids::{DeliveryId, ReceiverId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::caller::InAccount;
use crate::error::ApiError;
use crate::view::{AppErrors, Payload};
use crate::{Json200, Params, Root};

/// Which ended deliveries to send again; one of `receiver_id`, `from_id` and `since` is required.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = DeliveryReplayParams)]
pub(super) struct RangeParams {
    /// To this receiver.
    receiver_id: Option<i64>,
    /// `dead` when absent, or `delivered`.
    #[schema(example = "dead")]
    state: Option<String>,
    /// Ids from this one.
    from_id: Option<i64>,
    /// Ids up to this one, itself included.
    until_id: Option<i64>,
    /// Made at or after: Unix seconds.
    since: Option<i64>,
    /// Made before: Unix seconds.
    until: Option<i64>,
}

impl Root for RangeParams {}

/// What one call has queued again.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeliveriesReplayed)]
pub(super) struct ReplayedView {
    /// How many.
    queued: u64,
    /// `from_id` of the next call; null when the range is done.
    #[schema(required)]
    next: Option<i64>,
}

/// Sends ended deliveries again, the oldest first and up to 5000 a call: same `webhook-id`, same
/// body, marked with `X-Gatewright-Replay`. What is for disabled receivers is passed over.
#[utoipa::path(post, path = "/api/v1/accounts/{account_id}/deliveries/replay", tag = "deliveries",
    params(("account_id" = i64, Path)), request_body = RangeParams,
    responses((status = 200, body = Payload<ReplayedView>), AppErrors))]
pub(super) async fn delivery_replay_range(
    InAccount(caller): InAccount,
    State(deliveries): State<Deliveries>,
    Params(params): Params<RangeParams>,
) -> Result<Json200<Payload<ReplayedView>>, ApiError> {
    let replayed = deliveries.replay_range(&caller, &range(params)?).await?;
    Ok(Json200(Payload {
        payload: ReplayedView {
            queued: replayed.queued,
            next: replayed.next.map(DeliveryId::get),
        },
    }))
}

fn range(params: RangeParams) -> Result<ReplayRange, ApiError> {
    Ok(ReplayRange {
        receiver_id: params.receiver_id.map(ReceiverId),
        state: crate::routes::named(params.state, "state", DeliveryState::from_name)?,
        from_id: params.from_id.map(DeliveryId),
        until_id: params.until_id.map(DeliveryId),
        since: params.since.map(Timestamp::from_unix),
        until: params.until.map(Timestamp::from_unix),
    })
}

use axum::extract::State;
use gatewright_core::delivery::Deliveries;
use gatewright_core::ids::ReceiverId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::caller::InAccount;
use crate::error::ApiError;
use crate::view::{AppErrors, Payload};
use crate::{Json200, Params, Root};

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = DeliveryPurgeParams)]
pub(super) struct PurgeParams {
    /// Whose queue.
    receiver_id: i64,
}

impl Root for PurgeParams {}

/// What one call has given up.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeliveriesPurged)]
pub(super) struct PurgedView {
    /// How many deliveries became dead letters.
    dead: u64,
    /// Whether there may be more, for another call.
    more: bool,
}

/// Gives up what is queued for a receiver, up to 5000 deliveries a call. They become dead letters,
/// which can be replayed; what is being sent meanwhile ends as it ends.
#[utoipa::path(post, path = "/api/v1/accounts/{account_id}/deliveries/purge", tag = "deliveries",
    params(("account_id" = i64, Path)), request_body = PurgeParams,
    responses((status = 200, body = Payload<PurgedView>), AppErrors))]
pub(super) async fn delivery_purge(
    InAccount(caller): InAccount,
    State(deliveries): State<Deliveries>,
    Params(params): Params<PurgeParams>,
) -> Result<Json200<Payload<PurgedView>>, ApiError> {
    let receiver = ReceiverId(params.receiver_id);
    let purged = deliveries.purge(&caller, receiver).await?;
    Ok(Json200(Payload {
        payload: PurgedView {
            dead: purged.dead,
            more: purged.more,
        },
    }))
}

//! The channels that are built in. An addition to the contract.

use axum::extract::State;
use gatewright_core::channel_catalogue::ChannelCatalogue;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Json200;
use crate::caller::InAccount;
use crate::state::AppState;
use crate::view::{AppErrors, ChannelView, Payload};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(channel_list))
}

/// The channels that inboxes can be made of, with the schemas of their settings.
#[utoipa::path(get, path = "/api/v1/accounts/{account_id}/channels", tag = "channels",
    params(("account_id" = i64, Path)),
    responses((status = 200, body = Payload<Vec<ChannelView>>), AppErrors))]
async fn channel_list(
    InAccount(caller): InAccount,
    State(catalogue): State<ChannelCatalogue>,
) -> Json200<Payload<Vec<ChannelView>>> {
    let payload = catalogue
        .list(&caller)
        .into_iter()
        .map(ChannelView::from)
        .collect();
    Json200(Payload { payload })
}

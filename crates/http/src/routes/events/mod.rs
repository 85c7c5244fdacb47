//! The event log by cursor. An addition to the contract; administrators only.

use axum::extract::State;
use gatewright_core::delivery::EventLog;
use gatewright_core::event::EventName;
use gatewright_core::ids::EventId;
use gatewright_core::wire::{EventView, envelope};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::caller::InAccount;
use crate::error::ApiError;
use crate::state::AppState;
use crate::view::{AppErrors, Page};
use crate::{Json200, Params, Root};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(event_list))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct ListParams {
    /// Ids above this one: the `next` of the page before; from the oldest when absent.
    after: Option<i64>,
    /// How many, 1 to 100; 100 when absent.
    limit: Option<i64>,
    /// Only events of these names.
    #[param(rename = "names[]")]
    names: Option<Vec<String>>,
}

impl Root for ListParams {}

/// Where the next page begins.
#[derive(Debug, Serialize, ToSchema)]
struct EventsMeta {
    /// `after` of the next page. Remember it: reading on from here misses nothing.
    next: i64,
    /// Whether there may be more right now.
    more: bool,
}

/// The account's events in order, kept for days: the same bodies as webhooks, in an envelope.
#[utoipa::path(get, path = "/api/v1/accounts/{account_id}/events", tag = "events",
    params(("account_id" = i64, Path), ListParams),
    responses((status = 200, body = Page<EventsMeta, EventView>), AppErrors))]
async fn event_list(
    InAccount(caller): InAccount,
    State(log): State<EventLog>,
    Params(params): Params<ListParams>,
) -> Result<Json200<Page<EventsMeta, EventView>>, ApiError> {
    let mut names = Vec::new();
    for name in params.names.unwrap_or_default() {
        names.extend(super::named(Some(name), "names", EventName::from_name)?);
    }
    let limit = params.limit.unwrap_or(100);
    let limit = u64::try_from(limit)
        .ok()
        .filter(|limit| (1..=100).contains(limit))
        .ok_or_else(|| ApiError::unprocessable("limit must be from 1 to 100"))?;
    let after = EventId(params.after.unwrap_or(0).max(0));
    let page = log.events(&caller, after, limit, &names).await?;
    let meta = EventsMeta {
        next: page.next.get(),
        more: page.more,
    };
    Ok(Json200(Page {
        meta,
        payload: page.events.iter().map(envelope).collect(),
    }))
}

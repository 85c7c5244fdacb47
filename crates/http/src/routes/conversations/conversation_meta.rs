use axum::extract::State;
use gatewright_core::conversation::Conversations;
use serde::Serialize;
use utoipa::ToSchema;

use super::conversation_list::{CountsView, ListParams, filter};
use crate::caller::InAccount;
use crate::error::ApiError;
use crate::view::AppErrors;
use crate::{Json200, Params};

/// `{meta: ..}`.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Meta {
    /// The counters.
    meta: CountsView,
}

/// The counters of a list alone. It takes the parameters of the list.
#[utoipa::path(get, path = "/api/v1/accounts/{account_id}/conversations/meta",
    tag = "conversations", params(("account_id" = i64, Path), ListParams),
    responses((status = 200, body = Meta), AppErrors))]
pub(super) async fn conversation_meta(
    InAccount(caller): InAccount,
    State(conversations): State<Conversations>,
    Params(params): Params<ListParams>,
) -> Result<Json200<Meta>, ApiError> {
    let counts = conversations.meta(&caller, &filter(params)?).await?;
    Ok(Json200(Meta {
        meta: counts.into(),
    }))
}

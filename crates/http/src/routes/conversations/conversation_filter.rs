use axum::extract::State;
use gatewright_core::conversation::{ConversationFull, Conversations, Counts};
use gatewright_core::wire::ConversationView;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::conversation_list::page;
use crate::caller::InAccount;
use crate::error::ApiError;
use crate::routes::condition::ConditionParams;
use crate::view::{AppErrors, Page};
use crate::{Json200, Params, Root};

/// Conditions, joined by their `query_operator`: AND before OR. None match everything.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ConversationFilterParams)]
pub(super) struct FilterParams {
    /// The conditions.
    payload: Vec<ConditionParams>,
    /// Page of 25, from 1; also in the query.
    #[serde(default)]
    page: Option<i64>,
}

impl Root for FilterParams {}

/// The page in the query.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query, which is read with the body")]
pub(super) struct FilterQuery {
    /// Page of 25, from 1.
    page: Option<i64>,
}

/// The counters of a filter.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the contract's names")]
pub(super) struct FilterCounts {
    /// The caller's.
    mine_count: i64,
    /// Nobody's.
    unassigned_count: i64,
    /// All.
    all_count: i64,
}

impl From<Counts> for FilterCounts {
    fn from(counts: Counts) -> Self {
        Self {
            mine_count: counts.mine,
            unassigned_count: counts.unassigned,
            all_count: counts.all,
        }
    }
}

/// Conversations for which conditions hold, newest activity first, 25 a page.
#[utoipa::path(post, path = "/api/v1/accounts/{account_id}/conversations/filter",
    tag = "conversations", params(("account_id" = i64, Path), FilterQuery),
    request_body = FilterParams,
    responses((status = 200, body = Page<FilterCounts, ConversationView>), AppErrors))]
pub(super) async fn conversation_filter(
    InAccount(caller): InAccount,
    State(conversations): State<Conversations>,
    Params(params): Params<FilterParams>,
) -> Result<Json200<Page<FilterCounts, ConversationView>>, ApiError> {
    let conditions: Vec<_> = params.payload.into_iter().map(Into::into).collect();
    let found = conversations
        .filter(&caller, &conditions, page(params.page))
        .await?;
    let payload = found.conversations.iter();
    Ok(Json200(Page {
        meta: found.counts.into(),
        payload: payload.map(ConversationFull::view).collect(),
    }))
}

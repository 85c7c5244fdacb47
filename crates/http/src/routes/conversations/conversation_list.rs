use std::time::Duration;

use axum::extract::State;
use gatewright_core::conversation::{
    AssigneeFilter, ConversationFilter, ConversationFull, ConversationKind, Conversations, Counts,
    SortBy,
};
use gatewright_core::ids::{InboxId, TeamId};
use gatewright_core::model::ConversationStatus;
use gatewright_core::wire::ConversationView;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::caller::InAccount;
use crate::error::ApiError;
use crate::view::{AppErrors, Data, Page};
use crate::{Json200, Params, Root};

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(super) struct ListParams {
    /// `me`, `unassigned`, `assigned` or `all`.
    assignee_type: Option<String>,
    /// `open` when absent; `all`, or one status.
    status: Option<String>,
    /// Of one inbox.
    inbox_id: Option<i64>,
    /// With any of these labels.
    #[param(rename = "labels[]")]
    labels: Option<Vec<String>>,
    /// Of one team; 404 when there is no such team.
    team_id: Option<i64>,
    /// With a message that contains this text, whatever its case; then of any status.
    q: Option<String>,
    /// Of contacts with this source id.
    source_id: Option<String>,
    /// `mention`, `participating` or `unattended`.
    conversation_type: Option<String>,
    /// Changed within so many seconds; then there are no pages.
    updated_within: Option<u64>,
    /// `last_activity_at_desc` when absent; also `created_at`, `priority`, `waiting_since`, each
    /// with `_asc` or `_desc`.
    sort_by: Option<String>,
    /// Page of 25, from 1.
    page: Option<i64>,
}

impl Root for ListParams {}

/// The four counters: every filter but `assignee_type` applies.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the contract's names")]
pub(super) struct CountsView {
    /// The caller's.
    mine_count: i64,
    /// Somebody's.
    assigned_count: i64,
    /// Nobody's.
    unassigned_count: i64,
    /// All.
    all_count: i64,
}

impl From<Counts> for CountsView {
    fn from(counts: Counts) -> Self {
        Self {
            mine_count: counts.mine,
            assigned_count: counts.assigned,
            unassigned_count: counts.unassigned,
            all_count: counts.all,
        }
    }
}

/// Conversations of the inboxes that the caller sees, 25 a page.
#[utoipa::path(get, path = "/api/v1/accounts/{account_id}/conversations", tag = "conversations",
    params(("account_id" = i64, Path), ListParams),
    responses((status = 200, body = Data<Page<CountsView, ConversationView>>), AppErrors))]
pub(super) async fn conversation_list(
    InAccount(caller): InAccount,
    State(conversations): State<Conversations>,
    Params(params): Params<ListParams>,
) -> Result<Json200<Data<Page<CountsView, ConversationView>>>, ApiError> {
    let page = conversations.list(&caller, &filter(params)?).await?;
    let payload = page
        .conversations
        .iter()
        .map(ConversationFull::view)
        .collect();
    Ok(Json200(Data {
        data: Page {
            meta: page.counts.into(),
            payload,
        },
    }))
}

pub(super) fn filter(params: ListParams) -> Result<ConversationFilter, ApiError> {
    let status = match params.status.as_deref() {
        Some("all") => None,
        _ => crate::routes::named(params.status, "status", ConversationStatus::from_name)?
            .or(Some(ConversationStatus::Open)),
    };
    Ok(ConversationFilter {
        assignee: crate::routes::named(
            params.assignee_type,
            "assignee_type",
            AssigneeFilter::from_name,
        )?
        .unwrap_or(AssigneeFilter::All),
        status,
        inbox_id: params.inbox_id.map(InboxId),
        labels: params.labels.unwrap_or_default(),
        team_id: params.team_id.map(TeamId),
        text: params.q.filter(|text| !text.trim().is_empty()),
        kind: crate::routes::named(
            params.conversation_type,
            "conversation_type",
            ConversationKind::from_name,
        )?,
        source_id: params.source_id.filter(|id| !id.is_empty()),
        updated_within: params.updated_within.map(Duration::from_secs),
        sort_by: crate::routes::named(params.sort_by, "sort_by", sort)?
            .unwrap_or(SortBy::LastActivityDesc),
        page: page(params.page),
    })
}

/// The page that is asked for; what is no page is the first.
pub(super) fn page(number: Option<i64>) -> u64 {
    number
        .and_then(|page| u64::try_from(page).ok())
        .unwrap_or(1)
}

/// The names of the contract, its older ones among them.
fn sort(name: &str) -> Option<SortBy> {
    SortBy::from_name(match name {
        "latest" => "last_activity_at_desc",
        "sort_on_created_at" => "created_at_asc",
        "sort_on_priority" => "priority_desc",
        "sort_on_waiting_since" => "waiting_since_asc",
        other => other,
    })
}

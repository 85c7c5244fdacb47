use axum::extract::State;
use gatewright_core::contact::Contacts;
use gatewright_core::registry::Registry;
use gatewright_core::wire::ContactView;
use serde::Deserialize;
use utoipa::ToSchema;

use super::page::{Asked, Contacts200};
use crate::caller::InAccount;
use crate::error::ApiError;
use crate::routes::condition::ConditionParams;
use crate::view::{AppErrors, ContactsMeta, Page, PageNumber};
use crate::{Params, Root};

/// Conditions, joined by their `query_operator`: AND before OR. None match everything.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ContactFilterParams)]
pub(super) struct FilterParams {
    /// The conditions.
    payload: Vec<ConditionParams>,
    /// Page of 15, from 1; also read from the query.
    #[serde(default)]
    #[schema(value_type = Option<i64>)]
    page: Option<PageNumber>,
    /// As in the list of contacts; also read from the query.
    #[serde(default)]
    sort: Option<String>,
    /// Whether to list the inboxes they are in; only `true` and leaving it out do.
    #[serde(default)]
    include_contact_inboxes: Option<String>,
}

impl Root for FilterParams {}

/// Contacts for which conditions hold, 15 a page.
#[utoipa::path(post, path = "/api/v1/accounts/{account_id}/contacts/filter", tag = "contacts",
    params(("account_id" = i64, Path)), request_body = FilterParams,
    responses((status = 200, body = Page<ContactsMeta, ContactView>), AppErrors))]
pub(super) async fn contact_filter(
    InAccount(caller): InAccount,
    State(contacts): State<Contacts>,
    State(registry): State<Registry>,
    Params(params): Params<FilterParams>,
) -> Result<Contacts200, ApiError> {
    let asked = Asked {
        page: params.page,
        sort: params.sort,
        include_contact_inboxes: params.include_contact_inboxes,
    };
    let conditions: Vec<_> = params.payload.into_iter().map(Into::into).collect();
    let page = contacts
        .filter(&caller, &conditions, &asked.query()?)
        .await?;
    Ok(asked.answer(&registry, &page))
}

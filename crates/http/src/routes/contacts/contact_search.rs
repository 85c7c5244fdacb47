use axum::extract::State;
use gatewright_core::contact::Contacts;
use gatewright_core::registry::Registry;
use gatewright_core::wire::ContactView;
use serde::Deserialize;
use utoipa::IntoParams;

use super::page::{Asked, Contacts200};
use crate::caller::InAccount;
use crate::error::ApiError;
use crate::view::{AppErrors, ContactsMeta, Page, PageNumber};
use crate::{Params, Root};

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(super) struct SearchParams {
    /// Part of the name, email, phone number or company, in any case, or of the identifier.
    q: Option<String>,
    /// Page of 15, from 1.
    #[param(value_type = Option<i64>)]
    page: Option<PageNumber>,
    /// As in the list of contacts.
    sort: Option<String>,
    /// Whether to list the inboxes they are in; only `true` and leaving it out do.
    include_contact_inboxes: Option<String>,
}

impl Root for SearchParams {}

/// Contacts in which a text occurs, 15 a page. Without a text nothing is found, and `count` is
/// null.
#[utoipa::path(get, path = "/api/v1/accounts/{account_id}/contacts/search", tag = "contacts",
    params(("account_id" = i64, Path), SearchParams),
    responses((status = 200, body = Page<ContactsMeta, ContactView>), AppErrors))]
pub(super) async fn contact_search(
    InAccount(caller): InAccount,
    State(contacts): State<Contacts>,
    State(registry): State<Registry>,
    Params(params): Params<SearchParams>,
) -> Result<Contacts200, ApiError> {
    let asked = Asked {
        page: params.page,
        sort: params.sort,
        include_contact_inboxes: params.include_contact_inboxes,
    };
    let text = params.q.unwrap_or_default();
    let page = contacts.search(&caller, &text, &asked.query()?).await?;
    Ok(asked.answer(&registry, &page))
}

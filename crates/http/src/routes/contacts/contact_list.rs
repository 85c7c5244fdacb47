use axum::extract::State;
use gatewright_core::contact::{ContactQuery, Contacts};
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
pub(super) struct ListParams {
    /// Page of 15, from 1.
    #[param(value_type = Option<i64>)]
    page: Option<PageNumber>,
    /// `name`, `email`, `phone_number`, `last_activity_at`, `created_at`, `company`, `city` or
    /// `country`, `-` in front for the reverse; several with commas. By id when absent.
    sort: Option<String>,
    /// With any of these labels, at most 100.
    #[param(rename = "labels[]")]
    labels: Option<Vec<String>>,
    /// Whether to list the inboxes they are in; only `true` and leaving it out do.
    include_contact_inboxes: Option<String>,
}

impl Root for ListParams {}

/// Contacts with an email, phone number or identifier, 15 a page.
#[utoipa::path(get, path = "/api/v1/accounts/{account_id}/contacts", tag = "contacts",
    params(("account_id" = i64, Path), ListParams),
    responses((status = 200, body = Page<ContactsMeta, ContactView>), AppErrors))]
pub(super) async fn contact_list(
    InAccount(caller): InAccount,
    State(contacts): State<Contacts>,
    State(registry): State<Registry>,
    Params(params): Params<ListParams>,
) -> Result<Contacts200, ApiError> {
    let asked = Asked {
        page: params.page,
        sort: params.sort,
        include_contact_inboxes: params.include_contact_inboxes,
    };
    let query = ContactQuery {
        labels: params.labels.unwrap_or_default(),
        ..asked.query()?
    };
    let page = contacts.list(&caller, &query).await?;
    Ok(asked.answer(&registry, &page))
}

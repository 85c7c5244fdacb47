use axum::extract::State;
use gatewright_core::contact::ContactPage;
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
pub(super) struct ActiveParams {
    /// Page of 15, from 1.
    #[param(value_type = Option<i64>)]
    page: Option<PageNumber>,
}

impl Root for ActiveParams {}

/// Contacts that are online. No contact holds a live connection here, so nobody is: the same as
/// `availability_status` says of each.
#[utoipa::path(get, path = "/api/v1/accounts/{account_id}/contacts/active", tag = "contacts",
    params(("account_id" = i64, Path), ActiveParams),
    responses((status = 200, body = Page<ContactsMeta, ContactView>), AppErrors))]
pub(super) async fn contact_active_list(
    InAccount(_): InAccount,
    State(registry): State<Registry>,
    Params(params): Params<ActiveParams>,
) -> Result<Contacts200, ApiError> {
    let asked = Asked {
        page: params.page,
        sort: None,
        include_contact_inboxes: None,
    };
    let nobody = ContactPage {
        count: Some(0),
        contacts: Vec::new(),
    };
    Ok(asked.answer(&registry, &nobody))
}

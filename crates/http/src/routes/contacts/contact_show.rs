use axum::extract::State;
use gatewright_core::contact::Contacts;
use gatewright_core::ids::ContactId;
use gatewright_core::registry::Registry;
use gatewright_core::wire::ContactView;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{listed, presences};
use crate::caller::InAccount;
use crate::error::ApiError;
use crate::view::{AppErrors, Payload};
use crate::{Ids, Json200, Params, Root};

#[derive(Debug, Deserialize)]
pub(super) struct ContactPath {
    contact_id: i64,
}

impl ContactPath {
    pub(super) fn id(&self) -> ContactId {
        ContactId(self.contact_id)
    }
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(super) struct ContactShow {
    /// Whether to list the inboxes it is in; only `true` and leaving it out do.
    include_contact_inboxes: Option<String>,
}

impl Root for ContactShow {}

/// One contact.
#[utoipa::path(get, path = "/api/v1/accounts/{account_id}/contacts/{contact_id}", tag = "contacts",
    params(("account_id" = i64, Path), ("contact_id" = i64, Path), ContactShow),
    responses((status = 200, body = Payload<ContactView>), AppErrors))]
pub(super) async fn contact_show(
    InAccount(caller): InAccount,
    Ids(path): Ids<ContactPath>,
    State(contacts): State<Contacts>,
    State(registry): State<Registry>,
    Params(params): Params<ContactShow>,
) -> Result<Json200<Payload<ContactView>>, ApiError> {
    let found = contacts.show(&caller, path.id()).await?;
    let listed = listed(params.include_contact_inboxes.as_deref());
    let inboxes = listed.then(|| presences(&registry, &found.presences));
    Ok(Json200(Payload {
        payload: ContactView::new(&found.contact, inboxes),
    }))
}

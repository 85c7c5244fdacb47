use axum::extract::State;
use gatewright_core::contact::Contacts;
use gatewright_core::registry::Registry;
use gatewright_core::wire::ContactView;
use serde::Deserialize;
use utoipa::ToSchema;

use super::contact_show::ContactPath;
use super::presences;
use crate::caller::InAccount;
use crate::error::ApiError;
use crate::view::{AppErrors, Payload};
use crate::{Ids, Json200, Params, Root};

/// Names of custom attributes.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = ContactCustomAttributesDestroyParams)]
pub(super) struct NamesParams {
    /// The names.
    #[schema(example = json!(["plan"]))]
    custom_attributes: Option<Vec<String>>,
}

impl Root for NamesParams {}

/// Removes custom attributes from the contact.
#[utoipa::path(post,
    path = "/api/v1/accounts/{account_id}/contacts/{contact_id}/destroy_custom_attributes",
    tag = "contacts", params(("account_id" = i64, Path), ("contact_id" = i64, Path)),
    request_body = NamesParams,
    responses((status = 200, body = Payload<ContactView>), AppErrors))]
pub(super) async fn contact_custom_attributes_destroy(
    InAccount(caller): InAccount,
    Ids(path): Ids<ContactPath>,
    State(contacts): State<Contacts>,
    State(registry): State<Registry>,
    Params(params): Params<NamesParams>,
) -> Result<Json200<Payload<ContactView>>, ApiError> {
    let names = params.custom_attributes.unwrap_or_default();
    let changed = contacts
        .destroy_custom_attributes(&caller, path.id(), &names)
        .await?;
    let inboxes = presences(&registry, &changed.presences);
    Ok(Json200(Payload {
        payload: ContactView::new(&changed.contact, Some(inboxes)),
    }))
}

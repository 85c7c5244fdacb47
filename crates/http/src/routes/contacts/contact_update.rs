use axum::extract::State;
use gatewright_core::contact::{ContactUpdate, Contacts};
use gatewright_core::registry::Registry;
use gatewright_core::wire::ContactView;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::contact_show::ContactPath;
use super::{listed, presences};
use crate::caller::InAccount;
use crate::error::ApiError;
use crate::view::{AppErrors, Payload};
use crate::{Ids, Json200, Params, Patch, Root};

/// Changes of a contact: what is left out stays, null or an empty text clears.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = ContactUpdateParams)]
pub(super) struct UpdateParams {
    /// Name.
    #[schema(value_type = Option<String>, example = "Ana", max_length = 255)]
    name: Patch<String>,
    /// The caller's own id, unique per account.
    #[schema(value_type = Option<String>, example = "crm-42")]
    identifier: Patch<String>,
    /// Address, unique per account.
    #[schema(value_type = Option<String>, example = "ana@example.com")]
    email: Patch<String>,
    /// E.164, unique per account.
    #[schema(value_type = Option<String>, example = "+4915112345678")]
    phone_number: Patch<String>,
    /// Whether its messages reopen nothing.
    #[schema(value_type = Option<bool>)]
    blocked: Patch<bool>,
    /// System facts, put over those that are there.
    #[schema(value_type = Option<gatewright_core::Attributes>)]
    additional_attributes: Option<Map<String, Value>>,
    /// The account's own attributes, put over those that are there.
    #[schema(value_type = Option<gatewright_core::Attributes>)]
    custom_attributes: Option<Map<String, Value>>,
    /// Whether to list the inboxes it is in; only `true` and leaving it out do.
    include_contact_inboxes: Option<String>,
}

impl Root for UpdateParams {}

impl From<UpdateParams> for ContactUpdate {
    fn from(params: UpdateParams) -> Self {
        let text = |patch: Patch<String>| match patch {
            Patch::Absent => None,
            Patch::Null => Some(String::new()),
            Patch::Value(text) => Some(text),
        };
        Self {
            name: text(params.name),
            identifier: text(params.identifier),
            email: text(params.email),
            phone_number: text(params.phone_number),
            blocked: match params.blocked {
                Patch::Absent => None,
                Patch::Null => Some(false),
                Patch::Value(blocked) => Some(blocked),
            },
            additional_attributes: params.additional_attributes,
            custom_attributes: params.custom_attributes,
        }
    }
}

/// Changes what is given.
#[utoipa::path(patch, path = "/api/v1/accounts/{account_id}/contacts/{contact_id}",
    tag = "contacts", params(("account_id" = i64, Path), ("contact_id" = i64, Path)),
    request_body = UpdateParams,
    responses((status = 200, body = Payload<ContactView>), AppErrors))]
pub(super) async fn contact_update(
    InAccount(caller): InAccount,
    Ids(path): Ids<ContactPath>,
    State(contacts): State<Contacts>,
    State(registry): State<Registry>,
    Params(params): Params<UpdateParams>,
) -> Result<Json200<Payload<ContactView>>, ApiError> {
    let listed = listed(params.include_contact_inboxes.as_deref());
    let changed = contacts.update(&caller, path.id(), &params.into()).await?;
    let inboxes = listed.then(|| presences(&registry, &changed.presences));
    Ok(Json200(Payload {
        payload: ContactView::new(&changed.contact, inboxes),
    }))
}

/// The same as PATCH: it changes what is given.
#[utoipa::path(put, path = "/api/v1/accounts/{account_id}/contacts/{contact_id}",
    tag = "contacts", params(("account_id" = i64, Path), ("contact_id" = i64, Path)),
    request_body = UpdateParams,
    responses((status = 200, body = Payload<ContactView>), AppErrors))]
pub(super) async fn contact_replace(
    caller: InAccount,
    ids: Ids<ContactPath>,
    contacts: State<Contacts>,
    registry: State<Registry>,
    params: Params<UpdateParams>,
) -> Result<Json200<Payload<ContactView>>, ApiError> {
    contact_update(caller, ids, contacts, registry, params).await
}

use axum::extract::State;
use gatewright_core::contact::{IdentityProof, PublicContactUpdate, PublicContacts};
use gatewright_core::public::PublicClient;
use gatewright_core::wire::ContactRecord;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::public_contact_show::PresencePath;
use crate::error::ApiError;
use crate::view::PublicErrors;
use crate::{Ids, Json200, Params, Root};

/// What a contact says of itself. Empty values are left out.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = PublicContactUpdateParams)]
pub(super) struct UpdateParams {
    /// The owner's own id of the contact, for its hash; not stored.
    identifier: Option<String>,
    /// Lower-case hex HMAC-SHA256 of the identifier under the inbox's `hmac_token`.
    identifier_hash: Option<String>,
    /// Address.
    email: Option<String>,
    /// Name.
    name: Option<String>,
    /// E.164.
    phone_number: Option<String>,
    /// The account's own attributes, merged into those that are there.
    #[schema(value_type = Option<gatewright_core::Attributes>)]
    custom_attributes: Option<Map<String, Value>>,
}

impl Root for UpdateParams {}

impl From<UpdateParams> for PublicContactUpdate {
    fn from(params: UpdateParams) -> Self {
        Self {
            proof: IdentityProof {
                identifier: params.identifier,
                identifier_hash: params.identifier_hash,
            },
            email: params.email,
            name: params.name,
            phone_number: params.phone_number,
            custom_attributes: params.custom_attributes,
        }
    }
}

/// Identifies and changes the contact. When another contact has its email or phone number, both
/// become that one.
#[utoipa::path(patch,
    path = "/public/api/v1/inboxes/{inbox_identifier}/contacts/{contact_identifier}",
    tag = "public", security(()),
    params(("inbox_identifier" = String, Path), ("contact_identifier" = String, Path)),
    request_body = UpdateParams,
    responses((status = 200, body = ContactRecord), PublicErrors))]
pub(super) async fn public_contact_update(
    Ids(path): Ids<PresencePath>,
    State(public): State<PublicClient>,
    State(contacts): State<PublicContacts>,
    Params(params): Params<UpdateParams>,
) -> Result<Json200<ContactRecord>, ApiError> {
    let inbox = public.inbox(&path.inbox_identifier).await;
    let inbox = inbox.map_err(ApiError::framework)?;
    let changed = contacts
        .update(&inbox, &path.contact_identifier, params.into())
        .await
        .map_err(ApiError::framework)?;
    Ok(Json200(ContactRecord::new(&changed.contact)))
}

/// The same as PATCH: it changes what is given.
#[utoipa::path(put,
    path = "/public/api/v1/inboxes/{inbox_identifier}/contacts/{contact_identifier}",
    tag = "public", security(()),
    params(("inbox_identifier" = String, Path), ("contact_identifier" = String, Path)),
    request_body = UpdateParams,
    responses((status = 200, body = ContactRecord), PublicErrors))]
pub(super) async fn public_contact_replace(
    ids: Ids<PresencePath>,
    public: State<PublicClient>,
    contacts: State<PublicContacts>,
    params: Params<UpdateParams>,
) -> Result<Json200<ContactRecord>, ApiError> {
    public_contact_update(ids, public, contacts, params).await
}

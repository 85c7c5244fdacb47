use axum::extract::State;
use gatewright_core::contact::{IdentityProof, PublicContactCreate, PublicContacts};
use gatewright_core::public::PublicClient;
use gatewright_core::wire::PublicContact;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::view::PublicErrors;
use crate::{Ids, Json200, Params, Root};

#[derive(Debug, Deserialize)]
pub(super) struct InboxPath {
    pub(super) inbox_identifier: String,
}

/// A contact that introduces itself.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = PublicContactCreateParams)]
pub(super) struct ContactParams {
    /// Its id in the inbox; minted when absent. A known one answers the contact as it is.
    source_id: Option<String>,
    /// The owner's own id of the contact.
    identifier: Option<String>,
    /// Lower-case hex HMAC-SHA256 of the identifier under the inbox's `hmac_token`.
    identifier_hash: Option<String>,
    /// Address.
    email: Option<String>,
    /// Name.
    name: Option<String>,
    /// E.164.
    phone_number: Option<String>,
    /// The account's own attributes.
    #[schema(value_type = Option<gatewright_core::Attributes>)]
    custom_attributes: Option<Map<String, Value>>,
}

impl Root for ContactParams {}

/// Finds the contact by source id, identifier, email or phone number, or makes it.
#[utoipa::path(post, path = "/public/api/v1/inboxes/{inbox_identifier}/contacts", tag = "public",
    security(()), params(("inbox_identifier" = String, Path)), request_body = ContactParams,
    responses((status = 200, body = PublicContact), PublicErrors))]
pub(super) async fn public_contact_create(
    Ids(path): Ids<InboxPath>,
    State(public): State<PublicClient>,
    State(contacts): State<PublicContacts>,
    Params(params): Params<ContactParams>,
) -> Result<Json200<PublicContact>, ApiError> {
    let inbox = public
        .inbox(&path.inbox_identifier)
        .await
        .map_err(ApiError::framework)?;
    let create = PublicContactCreate {
        source_id: params.source_id,
        proof: IdentityProof {
            identifier: params.identifier,
            identifier_hash: params.identifier_hash,
        },
        email: params.email,
        name: params.name,
        phone_number: params.phone_number,
        custom_attributes: params.custom_attributes,
    };
    let made = contacts
        .create(&inbox, create)
        .await
        .map_err(ApiError::framework)?;
    Ok(Json200(PublicContact::new(
        &made.contact,
        &made.contact_inbox,
    )))
}

use axum::extract::State;
use gatewright_core::contact::{IdentityProof, PublicContacts};
use gatewright_core::public::PublicClient;
use gatewright_core::wire::PublicContact;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::error::ApiError;
use crate::view::PublicErrors;
use crate::{Ids, Json200, Params, Root};

#[derive(Debug, Deserialize)]
pub(super) struct PresencePath {
    pub(super) inbox_identifier: String,
    pub(super) contact_identifier: String,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(super) struct ProofParams {
    /// The owner's own id of the contact.
    identifier: Option<String>,
    /// Lower-case hex HMAC-SHA256 of the identifier under the inbox's `hmac_token`.
    identifier_hash: Option<String>,
}

impl Root for ProofParams {}

/// The contact. A good identity hash marks it as verified.
#[utoipa::path(get,
    path = "/public/api/v1/inboxes/{inbox_identifier}/contacts/{contact_identifier}",
    tag = "public", security(()),
    params(("inbox_identifier" = String, Path), ("contact_identifier" = String, Path),
        ProofParams),
    responses((status = 200, body = PublicContact), PublicErrors))]
pub(super) async fn public_contact_show(
    Ids(path): Ids<PresencePath>,
    State(public): State<PublicClient>,
    State(contacts): State<PublicContacts>,
    Params(params): Params<ProofParams>,
) -> Result<Json200<PublicContact>, ApiError> {
    let inbox = public.inbox(&path.inbox_identifier).await;
    let inbox = inbox.map_err(ApiError::framework)?;
    let proof = IdentityProof {
        identifier: params.identifier,
        identifier_hash: params.identifier_hash,
    };
    let found = contacts
        .show(&inbox, &path.contact_identifier, proof)
        .await
        .map_err(ApiError::framework)?;
    Ok(Json200(PublicContact::new(
        &found.contact,
        &found.contact_inbox,
    )))
}

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use gatewright_core::contact::{ContactCreate, Contacts};
use gatewright_core::idempotency::Idempotency;
use gatewright_core::ids::InboxId;
use gatewright_core::registry::Registry;
use gatewright_core::wire::ContactCreated;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::caller::InAccount;
use crate::error::ApiError;
use crate::once::{Keyed, OnceHeader, answer_once};
use crate::view::{AppErrors, Payload};
use crate::{Json200, Params, Root};

/// A new contact.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = ContactCreateParams)]
pub(super) struct ContactParams {
    /// Name.
    #[schema(example = "Ana", max_length = 255)]
    name: Option<String>,
    /// The caller's own id, unique per account.
    #[schema(example = "crm-42")]
    identifier: Option<String>,
    /// Address, unique per account.
    #[schema(example = "ana@example.com")]
    email: Option<String>,
    /// E.164, unique per account.
    #[schema(example = "+4915112345678")]
    phone_number: Option<String>,
    /// Whether its messages reopen nothing.
    blocked: Option<bool>,
    /// System facts.
    #[schema(value_type = Option<gatewright_core::Attributes>)]
    additional_attributes: Option<Map<String, Value>>,
    /// The account's own attributes.
    #[schema(value_type = Option<gatewright_core::Attributes>)]
    custom_attributes: Option<Map<String, Value>>,
    /// Make it present in this inbox.
    inbox_id: Option<i64>,
    /// Its id there; minted when absent.
    source_id: Option<String>,
}

impl Root for ContactParams {}

impl From<ContactParams> for ContactCreate {
    fn from(params: ContactParams) -> Self {
        Self {
            name: params.name,
            identifier: params.identifier,
            email: params.email,
            phone_number: params.phone_number,
            blocked: params.blocked.unwrap_or(false),
            additional_attributes: params.additional_attributes,
            custom_attributes: params.custom_attributes,
            inbox_id: params.inbox_id.map(InboxId),
            source_id: params.source_id,
        }
    }
}

/// Makes a contact, and its presence in an inbox when one is named.
#[utoipa::path(post, path = "/api/v1/accounts/{account_id}/contacts", tag = "contacts",
    params(("account_id" = i64, Path), OnceHeader), request_body = ContactParams,
    responses((status = 200, body = Payload<ContactCreated>), AppErrors))]
pub(super) async fn contact_create(
    InAccount(caller): InAccount,
    State(contacts): State<Contacts>,
    State(registry): State<Registry>,
    State(once): State<Idempotency>,
    Keyed(Params(params), key): Keyed<ContactParams>,
) -> Result<Response, ApiError> {
    answer_once(&once, caller.token_id, ("contact", key), |claim| async {
        let caller = caller.with_claim(claim);
        let made = contacts.create(&caller, params.into()).await?;
        let payload = made.created(&registry);
        Ok(Json200(Payload { payload }).into_response())
    })
    .await
}

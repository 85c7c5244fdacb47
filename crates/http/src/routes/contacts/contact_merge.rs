use axum::extract::State;
use gatewright_core::contact::Contacts;
use gatewright_core::ids::ContactId;
use gatewright_core::wire::ContactView;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::caller::InAccount;
use crate::error::ApiError;
use crate::view::AppErrors;
use crate::{Json200, Params, Root};

/// Two contacts that are one person.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ContactMergeParams)]
pub(super) struct MergeParams {
    /// The contact that stays and keeps what it has.
    base_contact_id: i64,
    /// The contact that gives what it has, and is gone then.
    mergee_contact_id: i64,
}

impl Root for MergeParams {}

/// Makes two contacts one. The same contact twice stays as it is.
#[utoipa::path(post, path = "/api/v1/accounts/{account_id}/actions/contact_merge",
    tag = "contacts", params(("account_id" = i64, Path)), request_body = MergeParams,
    responses((status = 200, body = ContactView), AppErrors))]
pub(super) async fn contact_merge(
    InAccount(caller): InAccount,
    State(contacts): State<Contacts>,
    Params(params): Params<MergeParams>,
) -> Result<Json200<ContactView>, ApiError> {
    let base = ContactId(params.base_contact_id);
    let mergee = ContactId(params.mergee_contact_id);
    let one = contacts.merge(&caller, base, mergee).await?;
    Ok(Json200(ContactView::new(&one, None)))
}

use axum::extract::State;
use gatewright_core::contact::Contacts;

use super::contact_show::ContactPath;
use crate::caller::InAccount;
use crate::error::ApiError;
use crate::view::AppErrors;
use crate::{Empty200, Ids};

/// Removes a contact with its conversations and messages. Administrators only.
#[utoipa::path(delete, path = "/api/v1/accounts/{account_id}/contacts/{contact_id}",
    tag = "contacts", params(("account_id" = i64, Path), ("contact_id" = i64, Path)),
    responses((status = 200), AppErrors))]
pub(super) async fn contact_delete(
    InAccount(caller): InAccount,
    Ids(path): Ids<ContactPath>,
    State(contacts): State<Contacts>,
) -> Result<Empty200, ApiError> {
    contacts.delete(&caller, path.id()).await?;
    Ok(Empty200)
}

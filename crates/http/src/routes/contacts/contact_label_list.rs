use axum::extract::State;
use gatewright_core::contact::Contacts;

use super::contact_show::ContactPath;
use crate::caller::InAccount;
use crate::error::ApiError;
use crate::view::{AppErrors, Payload};
use crate::{Ids, Json200};

/// The contact's labels.
#[utoipa::path(get, path = "/api/v1/accounts/{account_id}/contacts/{contact_id}/labels",
    tag = "contacts", params(("account_id" = i64, Path), ("contact_id" = i64, Path)),
    responses((status = 200, body = Payload<Vec<String>>), AppErrors))]
pub(super) async fn contact_label_list(
    InAccount(caller): InAccount,
    Ids(path): Ids<ContactPath>,
    State(contacts): State<Contacts>,
) -> Result<Json200<Payload<Vec<String>>>, ApiError> {
    let payload = contacts.labels(&caller, path.id()).await?;
    Ok(Json200(Payload { payload }))
}

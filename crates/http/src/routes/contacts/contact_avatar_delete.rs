use axum::extract::State;
use gatewright_core::contact::Contacts;
use gatewright_core::wire::ContactView;

use super::contact_show::ContactPath;
use crate::caller::InAccount;
use crate::error::ApiError;
use crate::view::{AppErrors, Payload};
use crate::{Ids, Json200};

/// The contact without its picture. Contacts have no pictures here: `thumbnail` is always empty.
#[utoipa::path(delete, path = "/api/v1/accounts/{account_id}/contacts/{contact_id}/avatar",
    tag = "contacts", params(("account_id" = i64, Path), ("contact_id" = i64, Path)),
    responses((status = 200, body = Payload<ContactView>), AppErrors))]
pub(super) async fn contact_avatar_delete(
    InAccount(caller): InAccount,
    Ids(path): Ids<ContactPath>,
    State(contacts): State<Contacts>,
) -> Result<Json200<Payload<ContactView>>, ApiError> {
    let found = contacts.show(&caller, path.id()).await?;
    Ok(Json200(Payload {
        payload: ContactView::new(&found.contact, None),
    }))
}

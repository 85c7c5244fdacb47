use axum::extract::State;
use gatewright_core::contact::PublicContacts;
use gatewright_core::public::PublicClient;

use super::public_contact_create::InboxPath;
use crate::error::ApiError;
use crate::view::{PublicErrors, PublicInboxView};
use crate::{Ids, Json200};

/// The inbox, as far as its contacts may know it.
#[utoipa::path(get, path = "/public/api/v1/inboxes/{inbox_identifier}", tag = "public",
    security(()), params(("inbox_identifier" = String, Path)),
    responses((status = 200, body = PublicInboxView), PublicErrors))]
pub(super) async fn public_inbox_show(
    Ids(path): Ids<InboxPath>,
    State(public): State<PublicClient>,
    State(contacts): State<PublicContacts>,
) -> Result<Json200<PublicInboxView>, ApiError> {
    let found = public.inbox(&path.inbox_identifier).await;
    let inbox = found.map_err(ApiError::framework)?;
    let demands_proof = contacts.demands_proof(&inbox);
    Ok(Json200(PublicInboxView::new(&inbox, demands_proof)))
}

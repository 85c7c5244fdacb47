use axum::extract::State;
use gatewright_core::contact::Contacts;
use gatewright_core::registry::Registry;
use gatewright_core::wire::{ContactInboxView, InboxSlim};

use super::contact_show::ContactPath;
use crate::caller::InAccount;
use crate::error::ApiError;
use crate::view::{AppErrors, Payload};
use crate::{Ids, Json200};

/// The inboxes in which the contact can be written to, of those that the caller sees. A source id
/// may be a fresh one that is stored nowhere yet.
#[utoipa::path(get,
    path = "/api/v1/accounts/{account_id}/contacts/{contact_id}/contactable_inboxes",
    tag = "contacts", params(("account_id" = i64, Path), ("contact_id" = i64, Path)),
    responses((status = 200, body = Payload<Vec<ContactInboxView>>), AppErrors))]
pub(super) async fn contact_contactable_inbox_list(
    InAccount(caller): InAccount,
    Ids(path): Ids<ContactPath>,
    State(contacts): State<Contacts>,
    State(registry): State<Registry>,
) -> Result<Json200<Payload<Vec<ContactInboxView>>>, ApiError> {
    let found = contacts.contactable(&caller, path.id()).await?;
    let view = |one: gatewright_core::contact::Contactable| ContactInboxView {
        inbox: InboxSlim::new(&one.inbox, registry.wire_type(&one.inbox.channel)),
        source_id: one.source_id,
    };
    Ok(Json200(Payload {
        payload: found.into_iter().map(view).collect(),
    }))
}

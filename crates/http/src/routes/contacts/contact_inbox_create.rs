use axum::extract::State;
use gatewright_core::contact::{ContactInboxCreate, Contacts};
use gatewright_core::ids::InboxId;
use gatewright_core::registry::Registry;
use gatewright_core::wire::ContactInboxView;
use serde::Deserialize;
use utoipa::ToSchema;

use super::contact_show::ContactPath;
use crate::caller::InAccount;
use crate::error::ApiError;
use crate::view::AppErrors;
use crate::{Ids, Json200, Params, Root};

/// A presence of a contact in an inbox.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ContactInboxCreateParams)]
pub(super) struct PresenceParams {
    /// The inbox.
    inbox_id: i64,
    /// The contact's id there; minted when absent.
    #[serde(default)]
    source_id: Option<String>,
    /// Whether the contact proved its identity, of a new presence.
    #[serde(default)]
    hmac_verified: Option<bool>,
}

impl Root for PresenceParams {}

/// Makes the contact present in an inbox. The same source id again answers what is there.
#[utoipa::path(post, path = "/api/v1/accounts/{account_id}/contacts/{contact_id}/contact_inboxes",
    tag = "contacts", params(("account_id" = i64, Path), ("contact_id" = i64, Path)),
    request_body = PresenceParams,
    responses((status = 200, body = ContactInboxView), AppErrors))]
pub(super) async fn contact_inbox_create(
    InAccount(caller): InAccount,
    Ids(path): Ids<ContactPath>,
    State(contacts): State<Contacts>,
    State(registry): State<Registry>,
    Params(params): Params<PresenceParams>,
) -> Result<Json200<ContactInboxView>, ApiError> {
    let create = ContactInboxCreate {
        inbox_id: InboxId(params.inbox_id),
        source_id: params.source_id,
        hmac_verified: params.hmac_verified.unwrap_or(false),
    };
    let made = contacts
        .create_presence(&caller, path.id(), &create)
        .await?;
    Ok(Json200(made.view(&registry)))
}

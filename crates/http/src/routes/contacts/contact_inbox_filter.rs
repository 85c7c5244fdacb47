use axum::extract::State;
use axum::response::{IntoResponse, Response};
use gatewright_core::contact::Contacts;
use gatewright_core::ids::InboxId;
use gatewright_core::registry::Registry;
use gatewright_core::wire::ContactView;
use http::{HeaderValue, StatusCode, header::CONTENT_TYPE};
use serde::Deserialize;
use utoipa::ToSchema;

use super::presences;
use crate::caller::InAccount;
use crate::error::ApiError;
use crate::view::AppErrors;
use crate::{Json200, Params, Root};

/// Where a contact is known, and by what.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ContactInboxFilterParams)]
pub(super) struct SourceParams {
    /// The inbox.
    inbox_id: i64,
    /// The contact's id there.
    #[serde(default)]
    source_id: Option<String>,
}

impl Root for SourceParams {}

/// The contact that is known by a source id in an inbox. When nobody is, the 404 has no body.
#[utoipa::path(post, path = "/api/v1/accounts/{account_id}/contact_inboxes/filter",
    tag = "contacts", params(("account_id" = i64, Path)), request_body = SourceParams,
    responses((status = 200, body = ContactView), AppErrors))]
pub(super) async fn contact_inbox_filter(
    InAccount(caller): InAccount,
    State(contacts): State<Contacts>,
    State(registry): State<Registry>,
    Params(params): Params<SourceParams>,
) -> Result<Response, ApiError> {
    let source_id = params.source_id.unwrap_or_default();
    let inbox = InboxId(params.inbox_id);
    let found = contacts.find_by_source(&caller, inbox, &source_id).await?;
    Ok(found.map_or_else(nobody, |found| {
        let inboxes = presences(&registry, &found.presences);
        Json200(ContactView::new(&found.contact, Some(inboxes))).into_response()
    }))
}

fn nobody() -> Response {
    let content_type = HeaderValue::from_static("application/json");
    (StatusCode::NOT_FOUND, [(CONTENT_TYPE, content_type)]).into_response()
}

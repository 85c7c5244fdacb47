use axum::extract::State;
use gatewright_core::inbox::Inboxes;
use gatewright_core::registry::Registry;

use crate::Json200;
use crate::caller::InAccount;
use crate::error::ApiError;
use crate::view::{AppErrors, InboxView, Payload};

/// The inboxes that the caller sees: all for administrators, their own for agents.
#[utoipa::path(get, path = "/api/v1/accounts/{account_id}/inboxes", tag = "inboxes",
    params(("account_id" = i64, Path)),
    responses((status = 200, body = Payload<Vec<InboxView>>), AppErrors))]
pub(super) async fn inbox_list(
    InAccount(caller): InAccount,
    State(inboxes): State<Inboxes>,
    State(registry): State<Registry>,
) -> Result<Json200<Payload<Vec<InboxView>>>, ApiError> {
    let found = inboxes.list(&caller).await?;
    let payload = found
        .iter()
        .map(|inbox| InboxView::new(&caller, inbox, registry.descriptor(&inbox.channel)))
        .collect();
    Ok(Json200(Payload { payload }))
}

use axum::extract::State;
use gatewright_core::inbox::Inboxes;
use gatewright_core::registry::Registry;

use super::InboxPath;
use crate::caller::InAccount;
use crate::error::ApiError;
use crate::view::{AppErrors, InboxView};
use crate::{Ids, Json200};

/// One inbox.
#[utoipa::path(get, path = "/api/v1/accounts/{account_id}/inboxes/{inbox_id}", tag = "inboxes",
    params(("account_id" = i64, Path), ("inbox_id" = i64, Path)),
    responses((status = 200, body = InboxView), AppErrors))]
pub(super) async fn inbox_show(
    InAccount(caller): InAccount,
    Ids(path): Ids<InboxPath>,
    State(inboxes): State<Inboxes>,
    State(registry): State<Registry>,
) -> Result<Json200<InboxView>, ApiError> {
    let inbox = inboxes.show(&caller, path.id()).await?;
    Ok(Json200(InboxView::new(
        &caller,
        &inbox,
        registry.descriptor(&inbox.channel),
    )))
}

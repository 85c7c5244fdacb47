use axum::extract::State;
use gatewright_core::inbox::Inboxes;

use super::InboxPath;
use crate::caller::InAccount;
use crate::error::ApiError;
use crate::view::{AppErrors, Notice};
use crate::{Ids, Json200};

/// Removes an inbox with its conversations. It is out of service at once; what it holds is erased
/// soon after. Administrators only.
#[utoipa::path(delete, path = "/api/v1/accounts/{account_id}/inboxes/{inbox_id}", tag = "inboxes",
    params(("account_id" = i64, Path), ("inbox_id" = i64, Path)),
    responses((status = 200, body = Notice), AppErrors))]
pub(super) async fn inbox_delete(
    InAccount(caller): InAccount,
    Ids(path): Ids<InboxPath>,
    State(inboxes): State<Inboxes>,
) -> Result<Json200<Notice>, ApiError> {
    inboxes.delete(&caller, path.id()).await?;
    Ok(Json200(Notice {
        message: "Your inbox deletion request will be processed in some time.",
    }))
}

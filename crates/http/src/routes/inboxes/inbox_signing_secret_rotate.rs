use axum::extract::State;
use gatewright_core::inbox::Inboxes;

use super::InboxPath;
use crate::caller::InAccount;
use crate::error::ApiError;
use crate::view::{AppErrors, SigningSecret};
use crate::{Ids, Json200};

/// Mints a new signing secret and shows it once. The previous one signs beside it for 24 hours.
/// An addition to the contract.
#[utoipa::path(post, path = "/api/v1/accounts/{account_id}/inboxes/{inbox_id}/signing_secret",
    tag = "inboxes", params(("account_id" = i64, Path), ("inbox_id" = i64, Path)),
    responses((status = 200, body = SigningSecret), AppErrors))]
pub(super) async fn inbox_signing_secret_rotate(
    InAccount(caller): InAccount,
    Ids(path): Ids<InboxPath>,
    State(inboxes): State<Inboxes>,
) -> Result<Json200<SigningSecret>, ApiError> {
    let signing_secret = inboxes.rotate_signing_secret(&caller, path.id()).await?;
    Ok(Json200(SigningSecret { signing_secret }))
}

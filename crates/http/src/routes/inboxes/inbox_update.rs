use axum::extract::State;
use gatewright_core::inbox::Inboxes;
use gatewright_core::registry::Registry;

use super::InboxPath;
use super::params::InboxParams;
use crate::caller::InAccount;
use crate::error::ApiError;
use crate::view::{AppErrors, InboxView};
use crate::{Bag, Ids, Json200, Params};

/// Changes what is given.
#[utoipa::path(patch, path = "/api/v1/accounts/{account_id}/inboxes/{inbox_id}", tag = "inboxes",
    params(("account_id" = i64, Path), ("inbox_id" = i64, Path)), request_body = InboxParams,
    responses((status = 200, body = InboxView), AppErrors))]
pub(super) async fn inbox_update(
    InAccount(caller): InAccount,
    Ids(path): Ids<InboxPath>,
    State(inboxes): State<Inboxes>,
    State(registry): State<Registry>,
    bag: Bag,
) -> Result<Json200<InboxView>, ApiError> {
    let Params(params) = Params::<InboxParams>::from_bag(bag.with_null_texts())?;
    let inbox = inboxes.update(&caller, path.id(), params.into()).await?;
    Ok(Json200(InboxView::new(
        &caller,
        &inbox,
        registry.descriptor(&inbox.channel),
    )))
}

/// The same as PATCH: it changes what is given.
#[utoipa::path(put, path = "/api/v1/accounts/{account_id}/inboxes/{inbox_id}", tag = "inboxes",
    params(("account_id" = i64, Path), ("inbox_id" = i64, Path)), request_body = InboxParams,
    responses((status = 200, body = InboxView), AppErrors))]
pub(super) async fn inbox_replace(
    caller: InAccount,
    ids: Ids<InboxPath>,
    inboxes: State<Inboxes>,
    registry: State<Registry>,
    bag: Bag,
) -> Result<Json200<InboxView>, ApiError> {
    inbox_update(caller, ids, inboxes, registry, bag).await
}

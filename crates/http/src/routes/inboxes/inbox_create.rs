use axum::extract::State;
use gatewright_core::inbox::Inboxes;
use gatewright_core::registry::Registry;
use serde::Serialize;
use utoipa::ToSchema;

use super::params::InboxParams;
use crate::caller::InAccount;
use crate::error::ApiError;
use crate::view::{AppErrors, InboxView};
use crate::{Bag, Json200, Params};

/// A new inbox.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct InboxCreated {
    /// The inbox.
    #[serde(flatten)]
    inbox: InboxView,
    /// Signs what is sent to the channel; shown once. An addition to the contract.
    signing_secret: String,
}

/// Connects an account of a channel.
#[utoipa::path(post, path = "/api/v1/accounts/{account_id}/inboxes", tag = "inboxes",
    params(("account_id" = i64, Path)), request_body = InboxParams,
    responses((status = 200, body = InboxCreated), AppErrors))]
pub(super) async fn inbox_create(
    InAccount(caller): InAccount,
    State(inboxes): State<Inboxes>,
    State(registry): State<Registry>,
    bag: Bag,
) -> Result<Json200<InboxCreated>, ApiError> {
    let Params(params) = Params::<InboxParams>::from_bag(bag.with_null_texts())?;
    let created = inboxes.create(&caller, params.into()).await?;
    let descriptor = registry.descriptor(&created.inbox.channel);
    Ok(Json200(InboxCreated {
        inbox: InboxView::new(&caller, &created.inbox, descriptor),
        signing_secret: created.signing_secret,
    }))
}

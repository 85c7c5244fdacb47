use axum::extract::State;
use gatewright_core::attachment::Attachments;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::caller::InAccount;
use crate::error::ApiError;
use crate::routes::conversations::ConversationPath;
use crate::view::{AppErrors, AttachedView, AttachmentsMeta, Page};
use crate::{Ids, Json200, Params, Root};

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(super) struct ListParams {
    /// 100 a page, from 1.
    page: Option<i64>,
}

impl Root for ListParams {}

/// What is attached to the messages of a conversation, newest first, 100 a page.
#[utoipa::path(get,
    path = "/api/v1/accounts/{account_id}/conversations/{conversation_id}/attachments",
    tag = "attachments",
    params(("account_id" = i64, Path), ("conversation_id" = i64, Path), ListParams),
    responses((status = 200, body = Page<AttachmentsMeta, AttachedView>), AppErrors))]
pub(super) async fn attachment_list(
    InAccount(caller): InAccount,
    Ids(path): Ids<ConversationPath>,
    State(attachments): State<Attachments>,
    Params(params): Params<ListParams>,
) -> Result<Json200<Page<AttachmentsMeta, AttachedView>>, ApiError> {
    let page = params.page.and_then(|page| u64::try_from(page).ok());
    let page = attachments
        .list(&caller, path.id(), page.unwrap_or(1))
        .await?;
    Ok(Json200(Page {
        meta: AttachmentsMeta {
            total_count: page.total,
        },
        payload: AttachedView::all(&page),
    }))
}

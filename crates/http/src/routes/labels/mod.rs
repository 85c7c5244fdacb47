//! Labels that the account offers (contract, section 4.5).

use axum::extract::State;
use gatewright_core::ids::LabelId;
use gatewright_core::label::{LabelChange, Labels};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::caller::InAccount;
use crate::error::ApiError;
use crate::state::AppState;
use crate::view::{AppErrors, LabelView, Payload};
use crate::{Empty200, Ids, Json200, Params, Patch, Root};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(label_list, label_create))
        .routes(routes!(label_show, label_update, label_delete))
        .routes(routes!(label_replace))
}

/// A label. What is left out stays as it is.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
struct LabelParams {
    /// Letters, digits, `_` and `-`, at least two, the first a letter or digit; stored in lower
    /// case, unique per account; required when it is made.
    #[schema(example = "billing", max_length = 255)]
    title: Option<String>,
    /// What it is for.
    #[schema(value_type = Option<String>)]
    description: Patch<String>,
    /// Its color; `#1f93ff` when nobody chose one.
    #[schema(value_type = Option<String>, example = "#1f93ff")]
    color: Patch<String>,
    /// Whether clients list it on their sidebar.
    #[schema(value_type = Option<bool>)]
    show_on_sidebar: Patch<bool>,
}

impl Root for LabelParams {
    const ROOT: Option<&'static str> = Some("label");
}

impl From<LabelParams> for LabelChange {
    fn from(params: LabelParams) -> Self {
        Self {
            title: params.title,
            description: params.description.into_option(),
            color: params.color.into_option(),
            show_on_sidebar: params.show_on_sidebar.into_option(),
        }
    }
}

#[derive(Debug, Deserialize)]
struct LabelPath {
    label_id: i64,
}

impl LabelPath {
    fn id(&self) -> LabelId {
        LabelId(self.label_id)
    }
}

/// The account's labels, by title.
#[utoipa::path(get, path = "/api/v1/accounts/{account_id}/labels", tag = "labels",
    params(("account_id" = i64, Path)),
    responses((status = 200, body = Payload<Vec<LabelView>>), AppErrors))]
async fn label_list(
    InAccount(caller): InAccount,
    State(labels): State<Labels>,
) -> Result<Json200<Payload<Vec<LabelView>>>, ApiError> {
    let found = labels.list(&caller).await?;
    let payload = found.into_iter().map(LabelView::from).collect();
    Ok(Json200(Payload { payload }))
}

/// Makes a label. Administrators only.
#[utoipa::path(post, path = "/api/v1/accounts/{account_id}/labels", tag = "labels",
    params(("account_id" = i64, Path)), request_body = LabelParams,
    responses((status = 200, body = LabelView), AppErrors))]
async fn label_create(
    InAccount(caller): InAccount,
    State(labels): State<Labels>,
    Params(params): Params<LabelParams>,
) -> Result<Json200<LabelView>, ApiError> {
    let made = labels.create(&caller, params.into()).await?;
    Ok(Json200(made.into()))
}

/// One label. Administrators only.
#[utoipa::path(get, path = "/api/v1/accounts/{account_id}/labels/{label_id}", tag = "labels",
    params(("account_id" = i64, Path), ("label_id" = i64, Path)),
    responses((status = 200, body = LabelView), AppErrors))]
async fn label_show(
    InAccount(caller): InAccount,
    Ids(path): Ids<LabelPath>,
    State(labels): State<Labels>,
) -> Result<Json200<LabelView>, ApiError> {
    let label = labels.show(&caller, path.id()).await?;
    Ok(Json200(label.into()))
}

/// Changes what is given. Conversations and contacts that have the old title get the new one.
/// Administrators only.
#[utoipa::path(patch, path = "/api/v1/accounts/{account_id}/labels/{label_id}", tag = "labels",
    params(("account_id" = i64, Path), ("label_id" = i64, Path)), request_body = LabelParams,
    responses((status = 200, body = LabelView), AppErrors))]
async fn label_update(
    InAccount(caller): InAccount,
    Ids(path): Ids<LabelPath>,
    State(labels): State<Labels>,
    Params(params): Params<LabelParams>,
) -> Result<Json200<LabelView>, ApiError> {
    let label = labels.update(&caller, path.id(), params.into()).await?;
    Ok(Json200(label.into()))
}

/// The same as PATCH: it changes what is given.
#[utoipa::path(put, path = "/api/v1/accounts/{account_id}/labels/{label_id}", tag = "labels",
    params(("account_id" = i64, Path), ("label_id" = i64, Path)), request_body = LabelParams,
    responses((status = 200, body = LabelView), AppErrors))]
async fn label_replace(
    caller: InAccount,
    ids: Ids<LabelPath>,
    labels: State<Labels>,
    params: Params<LabelParams>,
) -> Result<Json200<LabelView>, ApiError> {
    label_update(caller, ids, labels, params).await
}

/// Removes a label; conversations and contacts keep their tags. Administrators only.
#[utoipa::path(delete, path = "/api/v1/accounts/{account_id}/labels/{label_id}", tag = "labels",
    params(("account_id" = i64, Path), ("label_id" = i64, Path)),
    responses((status = 200), AppErrors))]
async fn label_delete(
    InAccount(caller): InAccount,
    Ids(path): Ids<LabelPath>,
    State(labels): State<Labels>,
) -> Result<Empty200, ApiError> {
    labels.delete(&caller, path.id()).await?;
    Ok(Empty200)
}

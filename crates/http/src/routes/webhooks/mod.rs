//! Account webhooks (contract, section 4.6).

use axum::extract::State;
use gatewright_core::ids::{InboxId, WebhookId};
use gatewright_core::webhook::{WebhookChange, Webhooks};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::caller::InAccount;
use crate::error::ApiError;
use crate::state::AppState;
use crate::view::{AppErrors, Payload, SigningSecret, WebhookList, WebhookOne, WebhookView};
use crate::{Empty200, Ids, Json200, Params, Patch, Root};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(webhook_list, webhook_create))
        .routes(routes!(webhook_update, webhook_delete))
        .routes(routes!(webhook_replace))
        .routes(routes!(webhook_secret_rotate))
}

/// A webhook's settings. What is left out stays as it is.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
struct WebhookParams {
    /// Where events are posted, http or https, unique per account; required when it is made.
    #[schema(example = "https://example.com/hooks")]
    url: Option<String>,
    /// Name.
    #[schema(value_type = Option<String>)]
    name: Patch<String>,
    /// Names of the events it gets; the eight usual ones when absent.
    #[schema(example = json!(["message_created", "conversation_status_changed"]))]
    subscriptions: Option<Vec<String>>,
    /// Kept and shown; it does not filter.
    #[schema(value_type = Option<i64>)]
    inbox_id: Patch<i64>,
}

impl Root for WebhookParams {
    const ROOT: Option<&'static str> = Some("webhook");
}

impl From<WebhookParams> for WebhookChange {
    fn from(params: WebhookParams) -> Self {
        Self {
            url: params.url,
            name: params.name.into_option(),
            subscriptions: params.subscriptions,
            inbox_id: params.inbox_id.map(InboxId).into_option(),
        }
    }
}

#[derive(Debug, Deserialize)]
struct WebhookPath {
    webhook_id: i64,
}

/// The account's webhooks. Administrators only.
#[utoipa::path(get, path = "/api/v1/accounts/{account_id}/webhooks", tag = "webhooks",
    params(("account_id" = i64, Path)),
    responses((status = 200, body = Payload<WebhookList>), AppErrors))]
async fn webhook_list(
    InAccount(caller): InAccount,
    State(webhooks): State<Webhooks>,
) -> Result<Json200<Payload<WebhookList>>, ApiError> {
    let found = webhooks.list(&caller).await?;
    let webhooks = found
        .into_iter()
        .map(|webhook| WebhookView::new(webhook, None))
        .collect();
    Ok(Json200(Payload {
        payload: WebhookList { webhooks },
    }))
}

/// Makes a webhook and shows its signing secret once. Administrators only.
#[utoipa::path(post, path = "/api/v1/accounts/{account_id}/webhooks", tag = "webhooks",
    params(("account_id" = i64, Path)), request_body = WebhookParams,
    responses((status = 200, body = Payload<WebhookOne>), AppErrors))]
async fn webhook_create(
    InAccount(caller): InAccount,
    State(webhooks): State<Webhooks>,
    Params(params): Params<WebhookParams>,
) -> Result<Json200<Payload<WebhookOne>>, ApiError> {
    let made = webhooks.create(&caller, params.into()).await?;
    let webhook = WebhookView::new(made.webhook, Some(made.secret));
    Ok(Json200(Payload {
        payload: WebhookOne { webhook },
    }))
}

/// Changes what is given. Administrators only.
#[utoipa::path(patch, path = "/api/v1/accounts/{account_id}/webhooks/{webhook_id}",
    tag = "webhooks", params(("account_id" = i64, Path), ("webhook_id" = i64, Path)),
    request_body = WebhookParams,
    responses((status = 200, body = Payload<WebhookOne>), AppErrors))]
async fn webhook_update(
    InAccount(caller): InAccount,
    Ids(path): Ids<WebhookPath>,
    State(webhooks): State<Webhooks>,
    Params(params): Params<WebhookParams>,
) -> Result<Json200<Payload<WebhookOne>>, ApiError> {
    let webhook = webhooks
        .update(&caller, WebhookId(path.webhook_id), params.into())
        .await?;
    Ok(Json200(Payload {
        payload: WebhookOne {
            webhook: WebhookView::new(webhook, None),
        },
    }))
}

/// The same as PATCH: it changes what is given.
#[utoipa::path(put, path = "/api/v1/accounts/{account_id}/webhooks/{webhook_id}",
    tag = "webhooks", params(("account_id" = i64, Path), ("webhook_id" = i64, Path)),
    request_body = WebhookParams,
    responses((status = 200, body = Payload<WebhookOne>), AppErrors))]
async fn webhook_replace(
    caller: InAccount,
    ids: Ids<WebhookPath>,
    webhooks: State<Webhooks>,
    params: Params<WebhookParams>,
) -> Result<Json200<Payload<WebhookOne>>, ApiError> {
    webhook_update(caller, ids, webhooks, params).await
}

/// Removes a webhook; what was on its way to it is given up. Administrators only.
#[utoipa::path(delete, path = "/api/v1/accounts/{account_id}/webhooks/{webhook_id}",
    tag = "webhooks", params(("account_id" = i64, Path), ("webhook_id" = i64, Path)),
    responses((status = 200), AppErrors))]
async fn webhook_delete(
    InAccount(caller): InAccount,
    Ids(path): Ids<WebhookPath>,
    State(webhooks): State<Webhooks>,
) -> Result<Empty200, ApiError> {
    webhooks.delete(&caller, WebhookId(path.webhook_id)).await?;
    Ok(Empty200)
}

/// Mints a new signing secret and shows it once. The previous one signs beside it for 24 hours.
/// An addition to the contract.
#[utoipa::path(post, path = "/api/v1/accounts/{account_id}/webhooks/{webhook_id}/secret",
    tag = "webhooks", params(("account_id" = i64, Path), ("webhook_id" = i64, Path)),
    responses((status = 200, body = SigningSecret), AppErrors))]
async fn webhook_secret_rotate(
    InAccount(caller): InAccount,
    Ids(path): Ids<WebhookPath>,
    State(webhooks): State<Webhooks>,
) -> Result<Json200<SigningSecret>, ApiError> {
    let signing_secret = webhooks
        .rotate_secret(&caller, WebhookId(path.webhook_id))
        .await?;
    Ok(Json200(SigningSecret { signing_secret }))
}

//! The account itself (contract, section 4.7).

mod params;

use axum::extract::State;
use gatewright_core::account::Accounts;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::caller::InOwnAccount;
use crate::error::ApiError;
use crate::state::AppState;
use crate::view::{AccountShown, AccountView, AppErrors, CacheKeysBody};
use crate::{Empty200, Json200, Params};
use params::AccountParams;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(account_show, account_update))
        .routes(routes!(account_replace))
        .routes(routes!(account_update_active_at))
        .routes(routes!(account_cache_keys))
}

/// The account. One that the caller is not in is not found.
#[utoipa::path(get, path = "/api/v1/accounts/{account_id}", tag = "accounts",
    params(("account_id" = i64, Path)),
    responses((status = 200, body = AccountShown), AppErrors))]
async fn account_show(
    InOwnAccount(caller): InOwnAccount,
    State(accounts): State<Accounts>,
) -> Result<Json200<AccountShown>, ApiError> {
    let account = accounts.show(&caller).await?;
    Ok(Json200(AccountShown {
        account: account.into(),
        latest_chatwoot_version: None,
    }))
}

/// Changes what is given. Administrators only.
#[utoipa::path(patch, path = "/api/v1/accounts/{account_id}", tag = "accounts",
    params(("account_id" = i64, Path)), request_body = AccountParams,
    responses((status = 200, body = AccountView), AppErrors))]
async fn account_update(
    InOwnAccount(caller): InOwnAccount,
    State(accounts): State<Accounts>,
    Params(params): Params<AccountParams>,
) -> Result<Json200<AccountView>, ApiError> {
    let account = accounts.update(&caller, params.into()).await?;
    Ok(Json200(account.into()))
}

/// The same as PATCH: it changes what is given.
#[utoipa::path(put, path = "/api/v1/accounts/{account_id}", tag = "accounts",
    params(("account_id" = i64, Path)), request_body = AccountParams,
    responses((status = 200, body = AccountView), AppErrors))]
async fn account_replace(
    caller: InOwnAccount,
    accounts: State<Accounts>,
    params: Params<AccountParams>,
) -> Result<Json200<AccountView>, ApiError> {
    account_update(caller, accounts, params).await
}

/// Remembers that the caller works in the account now.
#[utoipa::path(post, path = "/api/v1/accounts/{account_id}/update_active_at", tag = "accounts",
    params(("account_id" = i64, Path)), responses((status = 200), AppErrors))]
async fn account_update_active_at(
    InOwnAccount(caller): InOwnAccount,
    State(accounts): State<Accounts>,
) -> Result<Empty200, ApiError> {
    accounts.update_active_at(&caller).await?;
    Ok(Empty200)
}

/// When the account's lists last changed.
#[utoipa::path(get, path = "/api/v1/accounts/{account_id}/cache_keys", tag = "accounts",
    params(("account_id" = i64, Path)),
    responses((status = 200, body = CacheKeysBody), AppErrors))]
async fn account_cache_keys(
    InOwnAccount(caller): InOwnAccount,
    State(accounts): State<Accounts>,
) -> Result<Json200<CacheKeysBody>, ApiError> {
    let account = accounts.show(&caller).await?;
    Ok(Json200(account.into()))
}

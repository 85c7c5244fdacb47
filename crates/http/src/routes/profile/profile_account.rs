//! How a user shows itself in one of its accounts.

use axum::extract::State;
use gatewright_core::ids::AccountId;
use gatewright_core::user::Profiles;
use gatewright_core::wire::UserView;
use serde::Deserialize;
use utoipa::ToSchema;

use super::answer;
use crate::caller::Authenticated;
use crate::error::ApiError;
use crate::view::AppErrors;
use crate::{Empty200, Json200, Params, Root};

#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct AvailabilityParams {
    /// One of its accounts.
    account_id: i64,
    /// `online`, `offline` or `busy`.
    #[schema(example = "busy")]
    availability: String,
}

impl Root for AvailabilityParams {
    const ROOT: Option<&'static str> = Some("profile");
}

/// Sets what the user shows in an account.
#[utoipa::path(post, path = "/api/v1/profile/availability", tag = "profile",
    request_body = AvailabilityParams,
    responses((status = 200, body = UserView), AppErrors))]
pub(super) async fn profile_set_availability(
    Authenticated(principal): Authenticated,
    State(profiles): State<Profiles>,
    Params(params): Params<AvailabilityParams>,
) -> Result<Json200<UserView>, ApiError> {
    let account = AccountId(params.account_id);
    let profile = profiles
        .set_availability(&principal, account, &params.availability)
        .await?;
    Ok(answer(profile))
}

#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct AutoOfflineParams {
    /// One of its accounts.
    account_id: i64,
    /// Whether it shows offline there without a live stream.
    auto_offline: bool,
}

impl Root for AutoOfflineParams {
    const ROOT: Option<&'static str> = Some("profile");
}

/// Sets whether the user shows offline in an account while it has no live stream.
#[utoipa::path(post, path = "/api/v1/profile/auto_offline", tag = "profile",
    request_body = AutoOfflineParams,
    responses((status = 200, body = UserView), AppErrors))]
pub(super) async fn profile_set_auto_offline(
    Authenticated(principal): Authenticated,
    State(profiles): State<Profiles>,
    Params(params): Params<AutoOfflineParams>,
) -> Result<Json200<UserView>, ApiError> {
    let account = AccountId(params.account_id);
    let profile = profiles
        .set_auto_offline(&principal, account, params.auto_offline)
        .await?;
    Ok(answer(profile))
}

#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct ActiveAccountParams {
    /// One of its accounts.
    account_id: i64,
}

impl Root for ActiveAccountParams {
    const ROOT: Option<&'static str> = Some("profile");
}

/// Remembers the account that the user works in now.
#[utoipa::path(put, path = "/api/v1/profile/set_active_account", tag = "profile",
    request_body = ActiveAccountParams, responses((status = 200), AppErrors))]
pub(super) async fn profile_set_active_account(
    Authenticated(principal): Authenticated,
    State(profiles): State<Profiles>,
    Params(params): Params<ActiveAccountParams>,
) -> Result<Empty200, ApiError> {
    let account = AccountId(params.account_id);
    profiles.set_active_account(&principal, account).await?;
    Ok(Empty200)
}

//! The caller's own user (contract, section 4.7).

mod profile_account;
mod profile_update;

use axum::extract::State;
use gatewright_core::user::{Profile, Profiles};
use gatewright_core::wire::UserView;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Json200;
use crate::caller::Authenticated;
use crate::error::ApiError;
use crate::state::AppState;
use crate::view::AppErrors;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(profile_show, profile_update::profile_update))
        .routes(routes!(profile_update::profile_replace))
        .routes(routes!(profile_account::profile_set_availability))
        .routes(routes!(profile_account::profile_set_auto_offline))
        .routes(routes!(profile_account::profile_set_active_account))
        .routes(routes!(profile_reset_access_token))
}

/// The user whose token this is, with its accounts.
#[utoipa::path(get, path = "/api/v1/profile", tag = "profile",
    responses((status = 200, body = UserView), AppErrors))]
async fn profile_show(
    Authenticated(principal): Authenticated,
    State(profiles): State<Profiles>,
) -> Result<Json200<UserView>, ApiError> {
    Ok(answer(profiles.show(&principal).await?))
}

/// Gives the user a new access token; the one that asks for it is refused from then on.
#[utoipa::path(post, path = "/api/v1/profile/reset_access_token", tag = "profile",
    responses((status = 200, body = UserView), AppErrors))]
async fn profile_reset_access_token(
    Authenticated(principal): Authenticated,
    State(profiles): State<Profiles>,
) -> Result<Json200<UserView>, ApiError> {
    Ok(answer(profiles.reset_access_token(&principal).await?))
}

fn answer(profile: Profile) -> Json200<UserView> {
    Json200(UserView::new(&profile.user, profile.access_token))
}

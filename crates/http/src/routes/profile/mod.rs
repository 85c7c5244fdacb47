//! The caller's own user.

use axum::extract::State;
use gatewright_core::user::Profiles;
use gatewright_core::wire::UserView;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Json200;
use crate::caller::Authenticated;
use crate::error::ApiError;
use crate::state::AppState;
use crate::view::AppErrors;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(profile_show))
}

/// The user whose token this is, with its accounts.
#[utoipa::path(get, path = "/api/v1/profile", tag = "profile",
    responses((status = 200, body = UserView), AppErrors))]
async fn profile_show(
    Authenticated(principal): Authenticated,
    State(profiles): State<Profiles>,
) -> Result<Json200<UserView>, ApiError> {
    let profile = profiles.show(&principal).await?;
    Ok(Json200(UserView::new(&profile.user, profile.access_token)))
}

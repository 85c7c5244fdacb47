use axum::extract::State;
use gatewright_core::user::{NewPassword, ProfileChange, Profiles};
use gatewright_core::wire::UserView;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::answer;
use crate::caller::Authenticated;
use crate::error::ApiError;
use crate::view::AppErrors;
use crate::{Json200, Params, Patch, Root};

/// What a user says of itself. What is left out stays as it is.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
pub(super) struct ProfileParams {
    /// Its name.
    #[schema(max_length = 255)]
    name: Option<String>,
    /// The name shown to contacts.
    #[schema(value_type = Option<String>, max_length = 255)]
    display_name: Patch<String>,
    /// Its address; it counts at once.
    #[schema(max_length = 255)]
    email: Option<String>,
    /// Text under its messages.
    #[schema(value_type = Option<String>, max_length = 20_000)]
    message_signature: Patch<String>,
    /// Settings of its screens, in place of the earlier ones.
    #[schema(value_type = Option<gatewright_core::Attributes>)]
    ui_settings: Option<Map<String, Value>>,
    /// Kept among its own attributes.
    #[schema(value_type = Option<String>, max_length = 255)]
    phone_number: Patch<String>,
    /// The password so far, with a new one.
    current_password: Option<String>,
    /// A new password.
    #[schema(min_length = 6, max_length = 128)]
    password: Option<String>,
    /// The new password once more.
    password_confirmation: Option<String>,
}

impl Root for ProfileParams {
    const ROOT: Option<&'static str> = Some("profile");
}

impl From<ProfileParams> for ProfileChange {
    fn from(params: ProfileParams) -> Self {
        let password = params.password.filter(|password| !password.is_empty());
        Self {
            name: params.name,
            display_name: params.display_name.into_option(),
            email: params.email,
            message_signature: params.message_signature.into_option(),
            ui_settings: params.ui_settings,
            phone_number: params.phone_number.into_option(),
            password: password.map(|password| NewPassword {
                password,
                confirmation: params.password_confirmation,
                current: params.current_password.unwrap_or_default(),
            }),
        }
    }
}

/// Changes what is given.
#[utoipa::path(patch, path = "/api/v1/profile", tag = "profile", request_body = ProfileParams,
    responses((status = 200, body = UserView), AppErrors))]
pub(super) async fn profile_update(
    Authenticated(principal): Authenticated,
    State(profiles): State<Profiles>,
    Params(params): Params<ProfileParams>,
) -> Result<Json200<UserView>, ApiError> {
    Ok(answer(profiles.update(&principal, params.into()).await?))
}

/// The same as PATCH: it changes what is given.
#[utoipa::path(put, path = "/api/v1/profile", tag = "profile", request_body = ProfileParams,
    responses((status = 200, body = UserView), AppErrors))]
pub(super) async fn profile_replace(
    caller: Authenticated,
    profiles: State<Profiles>,
    params: Params<ProfileParams>,
) -> Result<Json200<UserView>, ApiError> {
    profile_update(caller, profiles, params).await
}

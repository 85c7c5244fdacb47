use axum::response::IntoResponse;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http_body_util::BodyExt;
use serde_json::{Value, json};

use super::{ApiError, Family};

async fn answer(error: ApiError) -> (u16, Value) {
    let response = error.into_response();
    assert_eq!(
        response.headers()[CONTENT_TYPE],
        "application/json; charset=utf-8"
    );
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap())
}

fn error(text: &str) -> Value {
    json!({ "error": text })
}

/// The rows about who calls.
fn callers() -> Vec<(ApiError, u16, Value)> {
    vec![
        (
            ApiError::Unauthenticated,
            401,
            json!({"errors": ["You need to sign in or sign up before continuing."]}),
        ),
        (ApiError::InvalidToken, 401, error("Invalid Access Token")),
        (
            ApiError::InvalidCredentials,
            401,
            json!({"success": false, "errors": ["Invalid login credentials. Please try again."]}),
        ),
        (ApiError::Suspended, 401, error("Account is suspended")),
        (
            ApiError::NotAMember,
            401,
            error("You are not authorized to access this account"),
        ),
        (
            ApiError::PolicyRefused,
            401,
            error("You are not authorized to do this action"),
        ),
        (
            ApiError::NotForBots,
            401,
            error("Access to this endpoint is not authorized for bots"),
        ),
        (
            ApiError::BotNotOfAccount,
            401,
            error("Bot is not authorized to access this account"),
        ),
        (
            ApiError::PlatformInvalidToken,
            401,
            error("Invalid access_token"),
        ),
        (
            ApiError::PlatformNotPermissible,
            401,
            error("Non permissible resource"),
        ),
        (
            ApiError::InboxLimitExceeded,
            402,
            error("Account limit exceeded. Upgrade to a higher plan"),
        ),
        (
            ApiError::AgentLimitExceeded,
            402,
            error("Account limit exceeded. Please purchase more licenses"),
        ),
        (
            ApiError::StatusUpdateForbidden,
            403,
            error("Message status update is only allowed for API inboxes"),
        ),
        (
            ApiError::SignUpRefused("no".to_owned()),
            403,
            json!({"message": "no"}),
        ),
    ]
}

/// The rows about what was asked, and about our own state.
fn requests() -> Vec<(ApiError, u16, Value)> {
    vec![
        (
            ApiError::NotFound(Family::App),
            404,
            error("Resource could not be found"),
        ),
        (
            ApiError::NotFound(Family::Framework),
            404,
            json!({"status": 404, "error": "Not Found"}),
        ),
        (
            ApiError::UnknownRoute,
            404,
            json!({"status": 404, "error": "Not Found"}),
        ),
        (
            ApiError::MethodNotAllowed,
            405,
            json!({"status": 405, "error": "Method Not Allowed"}),
        ),
        (
            ApiError::BadRequest,
            400,
            json!({"status": 400, "error": "Bad Request"}),
        ),
        (
            ApiError::validation([("email", "Email is bad"), ("name", "Name is too long")]),
            422,
            json!({"message": "Email is bad, Name is too long", "attributes": ["email", "name"]}),
        ),
        (
            ApiError::MissingParam("webhook".to_owned()),
            422,
            error("param is missing or the value is empty: webhook"),
        ),
        (ApiError::unprocessable("Too many"), 422, error("Too many")),
        (
            ApiError::UnprocessableDetail(json!({"conditions": ["bad"]})),
            422,
            json!({"error": {"conditions": ["bad"]}}),
        ),
        (
            ApiError::Conflict("In progress".to_owned()),
            409,
            error("In progress"),
        ),
        (
            ApiError::PayloadTooLarge { limit_bytes: 7 },
            413,
            error("The request body is larger than 7 bytes (the setting http.max_body_bytes)"),
        ),
        (ApiError::unavailable("Draining", 3), 503, error("Draining")),
        (
            ApiError::Internal,
            500,
            json!({"status": 500, "error": "Internal Server Error"}),
        ),
    ]
}

#[tokio::test]
async fn every_error_answers_as_the_contract_says() {
    for (error, status, body) in callers().into_iter().chain(requests()) {
        let shown = format!("{error:?}");
        assert_eq!(answer(error).await, (status, body), "{shown}");
    }
}

#[tokio::test]
async fn a_rate_limit_answers_plain_text() {
    let response = ApiError::RateLimited { retry_after_s: 9 }.into_response();
    assert_eq!(response.status(), 429);
    assert_eq!(response.headers()[CONTENT_TYPE], "text/plain");
    assert_eq!(response.headers()[RETRY_AFTER], "9");
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, "Retry later\n");
}

#[test]
fn unavailable_says_when_to_come_back() {
    let response = ApiError::unavailable("Full", 2).into_response();
    assert_eq!(response.headers()[RETRY_AFTER], "2");
}

#[tokio::test]
async fn an_internal_error_shows_nothing_of_its_cause() {
    let cause = std::io::Error::other("password is hunter2");
    let (status, body) = answer(ApiError::internal(&cause)).await;
    assert_eq!(status, 500);
    assert_eq!(
        body,
        json!({"status": 500, "error": "Internal Server Error"})
    );
}

#[test]
fn the_family_follows_from_the_path() {
    assert_eq!(Family::of_path("/api/v1/profile"), Family::App);
    assert_eq!(Family::of_path("/apix"), Family::Framework);
    assert_eq!(
        Family::of_path("/public/api/v1/inboxes/x"),
        Family::Framework
    );
    assert_eq!(Family::of_path("/platform/api/v1/users"), Family::Framework);
}

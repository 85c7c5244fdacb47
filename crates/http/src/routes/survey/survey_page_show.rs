use axum::response::{Html, IntoResponse, Response};
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};

/// The whole page: it loads nothing else, and finds the conversation in its own address.
const PAGE: &str = include_str!("survey.html");

const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'";

/// The page on which a contact rates a conversation. The same for every address.
#[utoipa::path(get, path = "/survey/responses/{conversation_uuid}", tag = "public",
    security(()), params(("conversation_uuid" = String, Path)),
    responses((status = 200, description = "A page for people.", content_type = "text/html",
        body = String)))]
pub(super) async fn survey_page_show() -> Response {
    let headers = [
        (CONTENT_SECURITY_POLICY, POLICY),
        // The address is what proves that somebody may answer.
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CACHE_CONTROL, "no-cache"),
    ];
    (headers, Html(PAGE)).into_response()
}

pub(super) fn router() -> utoipa_axum::router::OpenApiRouter<crate::state::AppState> { utoipa_axum::router::OpenApiRouter::new() }

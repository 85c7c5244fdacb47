//! The API's description: `/openapi.json`, and `/docs` to read and try it. The pages are compiled
//! in, so they work without the internet.

use axum::Router;
use serde_json::Value;
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::{Config, SwaggerUi};

const SPEC_PATH: &str = "/openapi.json";

/// The two routes for the document that the handlers make.
pub fn router(spec: OpenApi) -> Router {
    pages().url(SPEC_PATH, spec).into()
}

/// The two routes for a finished document, in which the schemas of the channels' settings are
/// merged.
pub fn router_of_json(spec: Value) -> Router {
    pages().external_url_unchecked(SPEC_PATH, spec).into()
}

fn pages() -> SwaggerUi {
    // The viewer would send the document to a validator on the internet for its badge.
    let config = Config::from(SPEC_PATH)
        .validator_url("none")
        .try_it_out_enabled(true);
    SwaggerUi::new("/docs").config(config)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::{LayerConfig, stack};
    use axum::body::Body;
    use http::Request;
    use http_body_util::BodyExt;
    use std::sync::Arc;
    use tower::ServiceExt;
    use utoipa::openapi::{Info, Paths};

    async fn fetch(router: &Router, uri: &str) -> (u16, String) {
        let request = Request::get(uri).body(Body::empty()).unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8_lossy(&bytes).into_owned())
    }

    #[tokio::test]
    async fn the_document_and_its_viewer_are_served_under_the_layers() {
        let spec = OpenApi::new(Info::new("Gatewright", "1"), Paths::new());
        let of_json = router_of_json(serde_json::to_value(&spec).unwrap());
        for docs in [router(spec), of_json] {
            let gateway = stack(docs, &LayerConfig::new(Arc::new(|| "id".to_owned())));
            let (status, body) = fetch(&gateway, "/openapi.json").await;
            assert_eq!(status, 200);
            assert!(body.contains("\"Gatewright\""), "{body}");
            let (status, body) = fetch(&gateway, "/docs/").await;
            assert_eq!(status, 200);
            assert!(body.contains("swagger-ui"), "{body}");
            assert_eq!(fetch(&gateway, "/docs").await.0, 303);
            let (status, script) = fetch(&gateway, "/docs/swagger-initializer.js").await;
            assert_eq!(status, 200);
            assert!(
                script.contains("/openapi.json") && script.contains("none"),
                "{script}"
            );
        }
    }
}

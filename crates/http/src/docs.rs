//! The API's description: `/openapi.json`, and `/docs` to read and try it. The pages are compiled
//! in, so they work without the internet.

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::routing::get;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use serde_json::Value;
use utoipa_swagger_ui::{Config, SwaggerUi};

const SPEC_PATH: &str = "/openapi.json";

/// The two routes for a document that is made when it is first asked for, and kept as text.
pub fn router(spec: impl FnOnce() -> Value + Send + Sync + 'static) -> Router {
    let document = Arc::new(LazyLock::new(move || Bytes::from(spec().to_string())));
    let answer = async move || {
        let document = Bytes::clone(&document);
        ([(CONTENT_TYPE, "application/json")], document)
    };
    Router::new().route(SPEC_PATH, get(answer)).merge(pages())
}

fn pages() -> Router {
    // The viewer would send the document to a validator on the internet for its badge.
    let config = Config::from(SPEC_PATH)
        .validator_url("none")
        .try_it_out_enabled(true);
    SwaggerUi::new("/docs").config(config).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::{LayerConfig, stack};
    use axum::body::Body;
    use http::Request;
    use http_body_util::BodyExt;
    use serde_json::json;
    use tower::ServiceExt;

    async fn fetch(router: &Router, uri: &str) -> (u16, String) {
        let request = Request::get(uri).body(Body::empty()).unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8_lossy(&bytes).into_owned())
    }

    #[tokio::test]
    async fn the_document_and_its_viewer_are_served_under_the_layers() {
        let docs = router(|| json!({ "info": { "title": "Gatewright" } }));
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

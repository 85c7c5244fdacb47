//! The layers as a whole, through the router.

use std::{
    io::Write,
    num::NonZeroU32,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    routing::{get, post},
};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt;
use metrics_exporter_prometheus::PrometheusBuilder;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::{LayerConfig, stack};
use crate::{
    error::ApiError,
    json::Json200,
    params::{Bag, read_body},
};

fn config() -> LayerConfig {
    LayerConfig::new(Arc::new(|| "minted-id".to_owned()))
}

fn routes() -> Router {
    Router::new()
        .route(
            "/api/v1/things/{id}",
            get(|| async { "thing" }).delete(|| async { "gone" }),
        )
        .route("/api/v1/large", get(|| async { "x".repeat(5000) }))
        .route("/api/v1/panic", get(panics))
        .route("/api/v1/stuck", get(std::future::pending::<String>))
        .route(
            "/api/v1/bag",
            post(|bag: Bag| async { Json200(Value::Object(bag.merged())) }),
        )
        .route("/api/v1/raw", post(raw))
        .route("/public/api/v1/inboxes/{id}", get(|| async { "inbox" }))
}

async fn panics() -> &'static str {
    panic!("the reason, which is not shown")
}

async fn raw(request: Request<Body>) -> Result<Bytes, ApiError> {
    read_body(request).await
}

fn gateway(config: &LayerConfig) -> Router {
    stack(routes(), config)
}

async fn call(router: &Router, request: http::request::Builder, body: Body) -> Response<Bytes> {
    let response = router
        .clone()
        .oneshot(request.body(body).unwrap())
        .await
        .unwrap();
    let (parts, body) = response.into_parts();
    Response::from_parts(parts, body.collect().await.unwrap().to_bytes())
}

async fn fetch(router: &Router, uri: &str) -> Response<Bytes> {
    call(router, Request::get(uri), Body::empty()).await
}

fn json_of(response: &Response<Bytes>) -> Value {
    serde_json::from_slice(response.body()).unwrap()
}

#[tokio::test]
async fn suffixes_and_slashes_reach_the_same_route() {
    let gateway = gateway(&config());
    for uri in [
        "/api/v1/things/1",
        "/api/v1/things/1.json",
        "/api/v1/things/1/?a=b",
    ] {
        let response = fetch(&gateway, uri).await;
        assert_eq!(response.status(), 200, "{uri}");
        assert_eq!(response.body(), "thing", "{uri}");
    }
}

#[tokio::test]
async fn unknown_routes_and_methods_have_framework_bodies() {
    let gateway = gateway(&config());
    let response = fetch(&gateway, "/api/v1/nothing").await;
    assert_eq!(response.status(), 404);
    assert_eq!(
        json_of(&response),
        json!({"status": 404, "error": "Not Found"})
    );
    let response = call(&gateway, Request::post("/api/v1/things/1"), Body::empty()).await;
    assert_eq!(response.status(), 405);
    assert_eq!(response.headers()["allow"], "GET,HEAD,DELETE");
    assert_eq!(
        json_of(&response),
        json!({"status": 405, "error": "Method Not Allowed"})
    );
}

#[tokio::test]
async fn the_request_id_is_taken_over_or_minted() {
    let gateway = gateway(&config());
    let with = |id: &str| Request::get("/api/v1/things/1").header("x-request-id", id);
    let response = call(&gateway, with("mine-1"), Body::empty()).await;
    assert_eq!(response.headers()["x-request-id"], "mine-1");
    let response = call(&gateway, with("not sane"), Body::empty()).await;
    assert_eq!(response.headers()["x-request-id"], "minted-id");
    assert_eq!(
        fetch(&gateway, "/nothing").await.headers()["x-request-id"],
        "minted-id"
    );
}

#[tokio::test]
async fn a_panic_is_a_constant_500_with_the_request_id() {
    let response = fetch(&gateway(&config()), "/api/v1/panic").await;
    assert_eq!(response.status(), 500);
    let expected =
        json!({"status": 500, "error": "Internal Server Error", "request_id": "minted-id"});
    assert_eq!(json_of(&response), expected);
}

#[tokio::test]
async fn a_stuck_handler_is_given_up() {
    let impatient = LayerConfig {
        request_timeout: Duration::from_millis(1),
        ..config()
    };
    let response = fetch(&gateway(&impatient), "/api/v1/stuck").await;
    assert_eq!(response.status(), 503);
    assert_eq!(response.headers()["retry-after"], "1");
}

#[tokio::test]
async fn more_requests_than_places_are_shed() {
    let gateway = gateway(&LayerConfig {
        max_in_flight: 1,
        ..config()
    });
    let stuck = Request::get("/api/v1/stuck").body(Body::empty()).unwrap();
    let mut stuck = held(gateway.clone().oneshot(stuck));
    stuck.poll_once().await;
    let response = fetch(&gateway, "/api/v1/things/1").await;
    assert_eq!(response.status(), 503);
    assert_eq!(response.headers()["retry-after"], "1");
    drop(stuck);
    assert_eq!(fetch(&gateway, "/api/v1/things/1").await.status(), 200);
}

/// A future that is polled by hand, to leave it in flight.
struct Held<F>(std::pin::Pin<Box<F>>);

fn held<F: Future>(future: F) -> Held<F> {
    Held(Box::pin(future))
}

impl<F: Future> Held<F> {
    async fn poll_once(&mut self) {
        std::future::poll_fn(|context| {
            assert!(self.0.as_mut().poll(context).is_pending());
            std::task::Poll::Ready(())
        })
        .await;
    }
}

#[tokio::test]
async fn a_large_body_is_refused_announced_or_not() {
    let gateway = gateway(&LayerConfig {
        max_body_bytes: 16,
        ..config()
    });
    let sentence = "The request body is larger than 16 bytes (the setting http.max_body_bytes)";
    let json = |uri| Request::post(uri).header("content-type", "application/json");
    let body = r#"{"a":"0123456789"}"#;
    for uri in ["/api/v1/bag", "/api/v1/raw"] {
        let announced = json(uri).header("content-length", "18");
        for request in [announced, json(uri)] {
            let response = call(&gateway, request, Body::from(body)).await;
            assert_eq!(response.status(), 413);
            assert_eq!(json_of(&response), json!({ "error": sentence }));
        }
    }
    let response = call(&gateway, json("/api/v1/bag"), Body::from(r#"{"a":1}"#)).await;
    assert_eq!(
        (response.status().as_u16(), json_of(&response)),
        (200, json!({"a": 1}))
    );
}

#[tokio::test]
async fn a_token_over_its_allowance_is_told_to_retry_later() {
    let gateway = gateway(&LayerConfig {
        requests_per_minute: NonZeroU32::new(1),
        ..config()
    });
    let with = |token: &str| Request::get("/api/v1/things/1").header("api_access_token", token);
    assert_eq!(call(&gateway, with("a"), Body::empty()).await.status(), 200);
    let response = call(&gateway, with("a"), Body::empty()).await;
    assert_eq!(response.status(), 429);
    assert_eq!(response.body(), "Retry later\n");
    let seconds: u64 = response.headers()["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
    assert_eq!(call(&gateway, with("b"), Body::empty()).await.status(), 200);
    assert_eq!(fetch(&gateway, "/api/v1/things/1").await.status(), 200);
}

#[tokio::test]
async fn the_public_api_is_open_to_every_origin_and_the_other_when_configured() {
    let closed = gateway(&config());
    let open = gateway(&LayerConfig {
        api_cors: true,
        ..config()
    });
    let origin = "access-control-allow-origin";
    assert_eq!(
        fetch(&closed, "/public/api/v1/inboxes/x").await.headers()[origin],
        "*"
    );
    assert_eq!(
        fetch(&closed, "/public/api/v1/none").await.headers()[origin],
        "*"
    );
    assert!(
        !fetch(&closed, "/api/v1/things/1")
            .await
            .headers()
            .contains_key(origin)
    );
    assert_eq!(
        fetch(&open, "/api/v1/things/1").await.headers()[origin],
        "*"
    );
    let ask = || {
        Request::options("/api/v1/things/1")
            .header("origin", "https://example.org")
            .header("access-control-request-method", "DELETE")
            .header("access-control-request-headers", "api_access_token")
    };
    let response = call(&open, ask(), Body::empty()).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()[origin], "*");
    assert_eq!(
        response.headers()["access-control-allow-headers"],
        "api_access_token"
    );
    assert_eq!(call(&closed, ask(), Body::empty()).await.status(), 405);
}

#[tokio::test]
async fn large_answers_are_compressed_for_those_who_accept_it() {
    let gateway = gateway(&config());
    let with = |uri| Request::get(uri).header("accept-encoding", "gzip");
    let response = call(&gateway, with("/api/v1/large"), Body::empty()).await;
    assert_eq!(response.headers()["content-encoding"], "gzip");
    assert!(response.body().len() < 1000);
    let response = call(&gateway, with("/api/v1/things/1"), Body::empty()).await;
    assert!(!response.headers().contains_key("content-encoding"));
    let response = fetch(&gateway, "/api/v1/large").await;
    assert_eq!(response.body().len(), 5000);
}

#[test]
fn requests_are_counted_by_route_template() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    metrics::with_local_recorder(&recorder, || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let gateway = gateway(&config());
            fetch(&gateway, "/api/v1/things/1?token=secret").await;
            fetch(&gateway, "/api/v1/things/2.json").await;
            fetch(&gateway, "/secret/path").await;
            call(
                &gateway,
                Request::builder().method("BREW").uri("/"),
                Body::empty(),
            )
            .await;
        });
    });
    let text = handle.render();
    let total = "gatewright_http_requests_total";
    for line in [
        format!(r#"{total}{{method="GET",route="/api/v1/things/{{id}}",status="200"}} 2"#),
        format!(r#"{total}{{method="GET",route="unmatched",status="404"}} 1"#),
        format!(r#"{total}{{method="OTHER",route="unmatched",status="404"}} 1"#),
    ] {
        assert!(text.contains(&line), "{line}\n{text}");
    }
    assert!(
        text.contains("gatewright_http_request_duration_seconds"),
        "{text}"
    );
    assert!(!text.contains("secret"), "{text}");
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_log_names_the_route_template_and_no_path() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    let gateway = gateway(&config());
    fetch(&gateway, "/public/api/v1/inboxes/secret?token=secret").await;
    drop(guard);
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(text.contains("/public/api/v1/inboxes/{id}"), "{text}");
    assert!(
        text.contains("status=200") && text.contains("minted-id"),
        "{text}"
    );
    assert!(!text.contains("secret"), "{text}");
}

#[tokio::test]
async fn routes_added_outside_bypass_the_limits() {
    let limited = LayerConfig {
        max_in_flight: 0,
        ..config()
    };
    let gateway = gateway(&limited).route("/healthz", get(|| async { "ok" }));
    assert_eq!(fetch(&gateway, "/api/v1/things/1").await.status(), 503);
    assert_eq!(fetch(&gateway, "/healthz").await.status(), 200);
}

#[test]
fn the_defaults_are_those_of_the_contract() {
    let config = config();
    assert_eq!(config.requests_per_minute, NonZeroU32::new(3000));
    assert_eq!(config.requests_per_minute_per_ip, None);
    assert_eq!(config.request_timeout, Duration::from_secs(30));
}

//! The builder and the gateway it makes, from the outside.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it must be"
)]

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use gatewright::core::delivery::DeliveryFilter;
use gatewright::core::ids::{AccountId, DeliveryId};
use gatewright::{Builder, Config, Error, Gatewright};
use gatewright_plugin_api::ApiChannel;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt;

fn config(folder: &TempDir) -> Config {
    let mut config = Config::default();
    config.database.url = format!("sqlite://{}", folder.path().join("data/g.db").display());
    config
}

fn builder(folder: &TempDir) -> Builder {
    Gatewright::builder()
        .config(config(folder))
        .channel::<ApiChannel>()
}

async fn get(router: &Router, path: &str) -> (StatusCode, String) {
    let request = Request::get(path).body(Body::empty()).unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(bytes.to_vec()).unwrap())
}

fn error_of<T>(result: Result<T, Error>) -> String {
    match result {
        Ok(_) => panic!("it was built"),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn a_gateway_answers_and_shows_its_health_until_it_drains() {
    let folder = TempDir::new().unwrap();
    let gateway = builder(&folder).build().await.unwrap();
    let router = gateway.router();
    assert_eq!(
        get(&router, "/healthz").await,
        (StatusCode::OK, "ok".to_owned())
    );
    assert_eq!(get(&router, "/api").await.0, StatusCode::OK);
    assert_eq!(get(&router, "/openapi.json").await.0, StatusCode::OK);
    let (status, body) = get(&router, "/readyz").await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let checks = json!({ "serving": "ok", "migrations": "ok", "database": "ok", "storage": "ok",
        "intake": "ok", "engine": "ok" });
    assert_eq!(
        serde_json::from_str::<Value>(&body).unwrap()["checks"],
        checks
    );
    let (status, metrics) = get(&router, "/metrics").await;
    assert_eq!(status, StatusCode::OK);
    assert!(
        metrics.contains("gatewright_http_requests_total{"),
        "{metrics}"
    );

    gateway.drain().await.unwrap();
    let (status, body) = get(&router, "/readyz").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(
        body.contains("draining") && body.contains("stopped"),
        "{body}"
    );
    assert_eq!(get(&router, "/healthz").await.0, StatusCode::OK);
}

#[tokio::test]
async fn serving_answers_until_it_is_told_to_end() {
    let folder = TempDir::new().unwrap();
    let gateway = builder(&folder).build().await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let client = async {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream
            .write_all(b"GET /api HTTP/1.0\r\n\r\n")
            .await
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.contains("\"version\":\"4.10.0\""), "{answer}");
    };
    gateway.serve(listener, client).await.unwrap();
    assert!(
        TcpStream::connect(address).await.is_err(),
        "nobody listens any more"
    );
    let (status, _) = get(&gateway.router(), "/readyz").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn the_first_start_makes_a_token_that_works_and_no_second_one() {
    let folder = TempDir::new().unwrap();
    let gateway = builder(&folder).build().await.unwrap();
    let first = gateway.first_start().await.unwrap().unwrap();
    assert!(gateway.first_start().await.unwrap().is_none());
    let request = Request::get("/api/v1/profile")
        .header("api_access_token", &first.token)
        .body(Body::empty())
        .unwrap();
    let response = gateway.router().oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    gateway.drain().await.unwrap();
}

#[tokio::test]
async fn a_restart_finds_what_was_stored_under_the_same_key_only() {
    let folder = TempDir::new().unwrap();
    let gateway = builder(&folder).build().await.unwrap();
    assert!(gateway.first_start().await.unwrap().is_some());
    gateway.abandon().await;
    drop(gateway);
    let gateway = builder(&folder).build().await.unwrap();
    assert!(gateway.first_start().await.unwrap().is_none());
    gateway.drain().await.unwrap();

    std::fs::remove_file(folder.path().join("data/master.key")).unwrap();
    let error = error_of(builder(&folder).build().await);
    assert!(error.contains("secrets.master_key"), "{error}");
}

#[tokio::test]
async fn without_auto_migrate_an_old_database_is_refused_until_it_is_migrated() {
    let folder = TempDir::new().unwrap();
    let mut config = config(&folder);
    config.database.auto_migrate = false;
    let builder = Gatewright::builder().config(config);
    let error = error_of(builder.clone().build().await);
    assert!(error.contains("gatewright migrate"), "{error}");
    let pending = builder.pending().await.unwrap();
    assert!(!pending.is_empty());
    assert_eq!(builder.migrate().await.unwrap(), pending);
    assert_eq!(builder.migrate().await.unwrap(), Vec::<String>::new());
    builder.build().await.unwrap().drain().await.unwrap();
}

#[tokio::test]
async fn a_gateway_without_channels_works_and_has_no_route_of_theirs() {
    let folder = TempDir::new().unwrap();
    let bare = Gatewright::builder().config(config(&folder));
    let path = "/webhooks/api_channel";
    assert!(bare.spec()["paths"].get(path).is_none());
    assert!(builder(&folder).spec()["paths"].get(path).is_some());
    let gateway = bare.build().await.unwrap();
    assert_eq!(get(&gateway.router(), "/api").await.0, StatusCode::OK);
    assert_eq!(get(&gateway.router(), path).await.0, StatusCode::NOT_FOUND);
    gateway.drain().await.unwrap();
}

#[tokio::test]
async fn a_wrong_configuration_is_refused_by_its_key() {
    let folder = TempDir::new().unwrap();
    let mut config = config(&folder);
    config.delivery.schedule.clear();
    let error = error_of(Gatewright::builder().config(config).build().await);
    assert!(error.starts_with("delivery.schedule: "), "{error}");
}

#[tokio::test]
async fn operations_work_beside_a_running_gateway() {
    let folder = TempDir::new().unwrap();
    let gateway = builder(&folder).build().await.unwrap();
    let operations = builder(&folder).open().await.unwrap();
    let account = operations
        .operator()
        .account_create("Beside", "en")
        .await
        .unwrap();
    let deliveries = operations
        .deliveries(account.id, &DeliveryFilter::default())
        .await
        .unwrap();
    assert!(deliveries.is_empty());
    let error = operations
        .deliveries(AccountId(99), &DeliveryFilter::default())
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "Resource could not be found");
    let error = operations.replay(DeliveryId(99)).await.unwrap_err();
    assert_eq!(error.to_string(), "Resource could not be found");
    operations.close().await;
    assert_eq!(gateway.operator().account_list().await.unwrap().len(), 1);
    gateway.drain().await.unwrap();
}

//! Queries and paths.

use std::collections::BTreeMap;

use super::{JSON, Siege, base};

#[tokio::test]
async fn queries_of_every_kind() {
    let siege = Siege::start().await;
    let long = "9".repeat(4_000);
    let values = [
        "",
        "-1",
        "0",
        "1.5",
        "abc",
        "null",
        "true",
        "9223372036854775807",
        "-9223372036854775808",
        "99999999999999999999999999",
        "1e400",
        "%F0%9F%98%80",
        "%27%22--",
        long.as_str(),
    ];
    for operation in &siege.operations {
        let path = siege.path(operation);
        for name in &operation.query {
            let stem = name.trim_end_matches("[]");
            let mut queries: Vec<String> = values
                .iter()
                .map(|value| format!("{name}={value}"))
                .collect();
            let forms = ["", "[]=1", "[a]=1", "[][a]=1", "[0]=1"];
            queries.extend(forms.iter().map(|form| format!("{stem}{form}")));
            for query in queries {
                let path = format!("{path}?{query}");
                siege
                    .attack(operation, &path, JSON, Vec::new(), "query")
                    .await;
            }
            let path = format!("{path}?{name}=a%00b");
            let answer = siege
                .attack(operation, &path, JSON, Vec::new(), "query")
                .await;
            assert_eq!(answer.status, 422, "{path}");
            let path = path.replace("%00", "%ff");
            let answer = siege
                .attack(operation, &path, JSON, Vec::new(), "query")
                .await;
            assert_eq!(answer.status, 400, "{path}");
        }
    }
    siege.stop().await;
}

#[tokio::test]
async fn paths_of_every_kind() {
    let siege = Siege::start().await;
    let long = "9".repeat(4_000);
    let values = [
        "0",
        "-1",
        "abc",
        "1.5",
        "%00",
        "1%00",
        "%ff",
        "%2e%2e",
        "%2f",
        "%F0%9F%98%80",
        "9223372036854775807",
        "9223372036854775808",
        "99999999999999999999999999",
        "+1",
        "%201",
        long.as_str(),
    ];
    for operation in siege.operations.iter().filter(|it| !it.page) {
        for name in &operation.path_params {
            for value in values {
                let mut ids: BTreeMap<String, String> = siege.world.ids.clone();
                ids.insert(name.clone(), value.to_owned());
                let path = operation.at(&ids);
                let body = base(operation, &siege.world).to_string().into_bytes();
                let answer = siege.attack(operation, &path, JSON, body, name).await;
                let status = answer.status.as_u16();
                let refused = matches!(status, 400 | 401 | 404 | 422);
                assert!(
                    refused,
                    "{} {path:.200}: {status} {}",
                    operation.id, answer.text
                );
            }
        }
    }
    siege.stop().await;
}

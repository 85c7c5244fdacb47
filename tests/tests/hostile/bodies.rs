//! Bodies as a whole.

use serde_json::json;

use super::{FORM, JSON, Siege};

#[tokio::test]
async fn bodies_that_are_no_bodies() {
    let siege = Siege::start().await;
    let deep_list = format!("{{\"a\":{}{}}}", "[".repeat(5_000), "]".repeat(5_000));
    let deep_object = format!("{}1{}", "{\"a\":".repeat(5_000), "}".repeat(5_000));
    let malformed: Vec<Vec<u8>> = vec![
        b"{".to_vec(),
        b"{\"a\":}".to_vec(),
        b"{'a':1}".to_vec(),
        b"nonsense".to_vec(),
        b"{\"name\":\"\xff\xfe\"}".to_vec(),
        b"{\"name\":\"\\ud800\"}".to_vec(),
        b"{} {}".to_vec(),
        deep_list.into_bytes(),
        deep_object.into_bytes(),
    ];
    let form: Vec<Vec<u8>> = vec![
        b"a=%ff".to_vec(),
        b"a=1&a[b]=2".to_vec(),
        format!("a{}=1", "[b]".repeat(1_000)).into_bytes(),
        "a=1&".repeat(5_000).into_bytes(),
    ];
    let odd: Vec<Vec<u8>> = vec![b"[]".to_vec(), b"null".to_vec(), b"1".to_vec(), Vec::new()];
    for operation in siege.with_body() {
        let path = siege.path(operation);
        for (header, bodies) in [(JSON, &malformed), (FORM, &form)] {
            for body in bodies {
                let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
                let answer = siege
                    .attack(operation, &path, header, body.clone(), &shown)
                    .await;
                assert_eq!(
                    answer.status, 400,
                    "{} {shown}: {}",
                    operation.id, answer.text
                );
                assert_eq!(
                    answer.json(),
                    json!({ "status": 400, "error": "Bad Request" })
                );
            }
        }
        for body in &odd {
            siege
                .attack(operation, &path, JSON, body.clone(), "odd")
                .await;
            siege
                .attack(operation, &path, FORM, body.clone(), "odd")
                .await;
        }
        let garbage = b"&&==&=&[=]&a[&%&%zz=%".to_vec();
        siege
            .attack(operation, &path, FORM, garbage, "garbage")
            .await;
        let multipart = ("content-type", "multipart/form-data; boundary=x");
        siege
            .attack(operation, &path, multipart, b"--x--".to_vec(), "multipart")
            .await;
        let unknown = ("content-type", "");
        siege
            .attack(operation, &path, unknown, b"\x00\x01".to_vec(), "no type")
            .await;
    }
    siege.stop().await;
}

#[tokio::test]
async fn bodies_larger_than_the_limit_are_413() {
    let siege = Siege::start().await;
    let limit = siege.gateway.gateway().config().http.max_body_bytes;
    let huge = format!("{{\"name\":\"{}\"}}", "x".repeat(limit)).into_bytes();
    for operation in siege.with_body() {
        let path = siege.path(operation);
        let answer = siege
            .attack(operation, &path, JSON, huge.clone(), "huge")
            .await;
        assert_eq!(answer.status, 413, "{}", operation.id);
    }
    siege.stop().await;
}

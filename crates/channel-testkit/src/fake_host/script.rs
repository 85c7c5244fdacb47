use std::fmt;

use gatewright_channel::{EffectResult, HttpEffect};
use serde_json::Value;

/// A request that a channel is expected to send, and its answer: 200 with `{}` unless told.
#[derive(Debug, Clone)]
pub struct ExpectedHttp {
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
    json: Option<Value>,
    signed: Option<bool>,
    result: EffectResult,
}

impl ExpectedHttp {
    /// A request with this method and exactly this URL.
    pub fn new(method: &str, url: &str) -> Self {
        Self {
            method: method.to_owned(),
            url: url.to_owned(),
            headers: Vec::new(),
            body: None,
            json: None,
            signed: None,
            result: EffectResult::Http {
                status: 200,
                headers: Vec::new(),
                body: "{}".into(),
            },
        }
    }

    /// It carries this header; names are compared without regard to case.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Its body is exactly these bytes.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Its body is this JSON, in whatever order and spacing.
    #[must_use]
    pub fn json(mut self, body: Value) -> Self {
        self.json = Some(body);
        self
    }

    /// Whether it asks the host to sign.
    #[must_use]
    pub fn signed(mut self, signed: bool) -> Self {
        self.signed = Some(signed);
        self
    }

    /// It is answered with this.
    #[must_use]
    pub fn answer(mut self, result: EffectResult) -> Self {
        self.result = result;
        self
    }

    pub(super) fn is_for(&self, request: &HttpEffect) -> bool {
        self.method == request.method && self.url == request.url
    }

    /// The answer, and what is wrong with the request.
    pub(super) fn take(self, request: &HttpEffect) -> (EffectResult, Vec<String>) {
        let mut problems = Vec::new();
        for (name, value) in &self.headers {
            let has =
                |(given, of): &&(String, String)| given.eq_ignore_ascii_case(name) && of == value;
            if request.headers.iter().find(has).is_none() {
                problems.push(format!("{self}: expected the header {name}: {value}"));
            }
        }
        if self
            .body
            .as_ref()
            .is_some_and(|body| *body != request.body.0)
        {
            problems.push(format!("{self}: the body is not the expected one"));
        }
        let parsed: Option<Value> = serde_json::from_slice(&request.body.0).ok();
        if self.json.is_some() && self.json != parsed {
            problems.push(format!(
                "{self}: expected {:?}, the body is {parsed:?}",
                self.json
            ));
        }
        if self.signed.is_some_and(|signed| signed != request.sign) {
            problems.push(format!("{self}: sign is {}", request.sign));
        }
        (self.result, problems)
    }
}

impl fmt::Display for ExpectedHttp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.url)
    }
}

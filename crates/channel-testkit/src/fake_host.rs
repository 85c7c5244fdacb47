mod script;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use gatewright_channel::{
    BlobRef, CallInfo, CallKind, Effect, EffectResult, HostServices, HttpEffect, InboundEvent,
    LogLevel,
};
use serde_json::Value;

pub use script::ExpectedHttp;

use crate::executor::yield_once;

/// Where the virtual clock starts: 2026-01-01T00:00:00Z, in milliseconds since 1970 UTC.
pub const NOW_MS: u64 = 1_767_225_600_000;

/// A scripted host for one call. It answers what it was told to expect and notes the rest as a
/// problem; dropping it with problems or unmet expectations fails the test.
///
/// Every effect is pending once before it is answered, as with a real host.
pub struct FakeHost {
    info: CallInfo,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    now_ms: u64,
    expected: Vec<ExpectedHttp>,
    answer_all: Option<EffectResult>,
    kv: BTreeMap<String, Stored>,
    blobs: Vec<Vec<u8>>,
    requests: Vec<HttpEffect>,
    emitted: Vec<InboundEvent>,
    logs: Vec<(LogLevel, String)>,
    problems: Vec<String>,
}

struct Stored {
    value: Value,
    until_ms: Option<u64>,
}

impl FakeHost {
    /// A host that serves a call of this kind in inbox 1, expects no request, and whose clock
    /// stands at [`NOW_MS`].
    pub fn new(kind: CallKind) -> Self {
        let mut info = CallInfo::new(1, kind);
        if kind == CallKind::Deliver {
            "delivery-1".clone_into(&mut info.delivery_id);
            info.attempt = 1;
        }
        let state = State {
            now_ms: NOW_MS,
            ..State::default()
        };
        Self {
            info,
            state: Mutex::new(state),
        }
    }

    /// Serves the call described here instead.
    #[must_use]
    pub fn with_call(mut self, info: CallInfo) -> Self {
        self.info = info;
        self
    }

    /// Sets the clock, in milliseconds since 1970 UTC.
    #[must_use]
    pub fn at_ms(self, now_ms: u64) -> Self {
        self.state().now_ms = now_ms;
        self
    }

    /// Expects one request. Requests may come in any order.
    #[must_use]
    pub fn expect(self, request: ExpectedHttp) -> Self {
        self.state().expected.push(request);
        self
    }

    /// Answers every request that is not expected with this.
    #[must_use]
    pub fn answer_all(self, result: EffectResult) -> Self {
        self.state().answer_all = Some(result);
        self
    }

    /// Stores a value beforehand.
    #[must_use]
    pub fn with_value(self, key: &str, value: Value) -> Self {
        self.state().kv.insert(
            key.to_owned(),
            Stored {
                value,
                until_ms: None,
            },
        );
        self
    }

    /// The requests so far, also those denied.
    pub fn requests(&self) -> Vec<HttpEffect> {
        self.state().requests.clone()
    }

    /// The events emitted so far.
    pub fn emitted(&self) -> Vec<InboundEvent> {
        self.state().emitted.clone()
    }

    /// The log so far.
    pub fn logs(&self) -> Vec<(LogLevel, String)> {
        self.state().logs.clone()
    }

    /// A stored value.
    pub fn value(&self, key: &str) -> Option<Value> {
        self.state().live(key).cloned()
    }

    /// The bytes of a stored file.
    pub fn blob(&self, blob: &BlobRef) -> Option<Vec<u8>> {
        let index: usize = blob.id.strip_prefix("blob-")?.parse().ok()?;
        self.state().blobs.get(index).cloned()
    }

    /// Ends the script.
    ///
    /// # Panics
    /// With every problem and unmet expectation.
    pub fn finish(self) {
        drop(self);
    }

    /// The problems and unmet expectations so far; they no longer fail the test.
    pub fn take_problems(&self) -> Vec<String> {
        let mut state = self.state();
        let unmet = std::mem::take(&mut state.expected);
        let mut problems = std::mem::take(&mut state.problems);
        problems.extend(
            unmet
                .iter()
                .map(|request| format!("expected {request}, it never came")),
        );
        problems
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `receive` uses no effects, and only `deliver` may ask for a signature (the host's rules).
    fn denial(&self, effect: &Effect) -> Option<&'static str> {
        match (self.info.kind, effect) {
            (CallKind::Receive, _) => Some("receive uses no effects"),
            (CallKind::Deliver, _) => None,
            (_, Effect::Http(request)) if request.sign => Some("only deliver may sign"),
            _ => None,
        }
    }
}

#[async_trait]
impl HostServices for FakeHost {
    async fn effect(&self, effect: Effect) -> EffectResult {
        yield_once().await;
        let mut state = self.state();
        let Some(reason) = self.denial(&effect) else {
            return state.perform(effect);
        };
        if let Effect::Http(request) = effect {
            state.requests.push(request);
        }
        state
            .problems
            .push(format!("an effect was denied: {reason}"));
        EffectResult::Denied {
            reason: reason.to_owned(),
        }
    }

    fn log(&self, level: LogLevel, message: &str) {
        self.state().logs.push((level, message.to_owned()));
    }

    fn now_ms(&self) -> u64 {
        self.state().now_ms
    }

    fn call(&self) -> &CallInfo {
        &self.info
    }
}

impl Drop for FakeHost {
    fn drop(&mut self) {
        let problems = self.take_problems();
        assert!(
            problems.is_empty() || std::thread::panicking(),
            "the host was not used as scripted:\n{}",
            problems.join("\n")
        );
    }
}

impl State {
    fn perform(&mut self, effect: Effect) -> EffectResult {
        match effect {
            Effect::Http(request) => self.http(request),
            Effect::KvGet { key } => EffectResult::Value {
                value: self.live(&key).cloned().unwrap_or_default(),
            },
            Effect::KvSet { key, value, ttl_s } => {
                self.store(key, value, ttl_s);
                EffectResult::Unit
            }
            Effect::KvCas {
                key,
                expected,
                value,
            } => {
                let written = self.live(&key).unwrap_or(&Value::Null) == &expected;
                if written {
                    self.store(key, value, None);
                }
                EffectResult::Value {
                    value: written.into(),
                }
            }
            Effect::Emit(emit) => {
                self.emitted.extend(emit.events);
                EffectResult::Unit
            }
            Effect::BlobPut { bytes, .. } => {
                self.blobs.push(bytes.0);
                let id = format!("blob-{}", self.blobs.len() - 1);
                EffectResult::Blob {
                    blob: BlobRef { id },
                }
            }
            Effect::BlobUrl { blob, .. } => EffectResult::Value {
                value: format!("https://blobs.test/{}", blob.id).into(),
            },
            Effect::Sleep { ms } => {
                self.now_ms = self.now_ms.saturating_add(ms);
                EffectResult::Unit
            }
            Effect::Unknown => EffectResult::Unsupported,
        }
    }

    fn http(&mut self, request: HttpEffect) -> EffectResult {
        let index = self
            .expected
            .iter()
            .position(|expected| expected.is_for(&request));
        let result = if let Some(index) = index {
            let (result, problems) = self.expected.remove(index).take(&request);
            self.problems.extend(problems);
            result
        } else if let Some(result) = &self.answer_all {
            result.clone()
        } else {
            self.problems
                .push(format!("unexpected {} {}", request.method, request.url));
            EffectResult::Denied {
                reason: "the script does not expect this request".to_owned(),
            }
        };
        self.requests.push(request);
        result
    }

    fn live(&self, key: &str) -> Option<&Value> {
        let stored = self.kv.get(key)?;
        stored
            .until_ms
            .is_none_or(|until_ms| self.now_ms < until_ms)
            .then_some(&stored.value)
    }

    fn store(&mut self, key: String, value: Value, ttl_s: Option<u64>) {
        let until_ms = ttl_s.map(|ttl_s| self.now_ms.saturating_add(ttl_s.saturating_mul(1000)));
        if value.is_null() {
            self.kv.remove(&key);
        } else {
            self.kv.insert(key, Stored { value, until_ms });
        }
    }
}

#[cfg(test)]
mod tests;

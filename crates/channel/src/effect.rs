use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Emit, Payload};

/// What the host offers to one call of a channel: one value per call.
#[async_trait]
pub trait HostServices: Send + Sync {
    /// Performs one effect. Effects of one call may be awaited concurrently.
    async fn effect(&self, effect: Effect) -> EffectResult;

    /// Writes a line to the host's log. Secrets must not appear in it.
    fn log(&self, level: LogLevel, message: &str);

    /// The host's clock, in milliseconds since 1970 UTC.
    fn now_ms(&self) -> u64;

    /// Which call this is.
    fn call(&self) -> &CallInfo;
}

impl dyn HostServices + '_ {
    /// Sends one HTTP request.
    pub async fn http(&self, request: HttpEffect) -> EffectResult {
        self.effect(Effect::Http(request)).await
    }

    /// Hands inbound events to the host; it answers when they are stored.
    pub async fn emit(&self, emit: Emit) -> EffectResult {
        self.effect(Effect::Emit(emit)).await
    }

    /// Waits.
    pub async fn sleep_ms(&self, ms: u64) -> EffectResult {
        self.effect(Effect::Sleep { ms }).await
    }
}

/// Which call of which inbox the host is serving.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallInfo {
    /// The inbox, by its id.
    pub inbox_id: i64,
    /// What was called.
    pub kind: CallKind,
    /// In `deliver`: id of the delivery, stable over its attempts. Empty elsewhere.
    #[serde(default)]
    pub delivery_id: String,
    /// In `deliver`: 1 for the first attempt. 0 elsewhere.
    #[serde(default)]
    pub attempt: u32,
    /// In `deliver`: whether the delivery has left its order.
    #[serde(default)]
    pub late: bool,
}

impl CallInfo {
    /// A call outside of `deliver`.
    pub fn new(inbox_id: i64, kind: CallKind) -> Self {
        Self {
            inbox_id,
            kind,
            delivery_id: String::new(),
            attempt: 0,
            late: false,
        }
    }
}

/// The method of the channel that a call is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallKind {
    /// `receive`
    Receive,
    /// `deliver`
    Deliver,
    /// `connect`
    Connect,
    /// `disconnect`
    Disconnect,
    /// `health`
    Health,
    /// `media`
    Media,
    /// `run`
    Run,
}

/// Something a channel asks its host to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "effect", rename_all = "snake_case")]
pub enum Effect {
    /// One HTTP request, under the host's guard.
    Http(HttpEffect),
    /// Reads a value of this inbox; answers `Value`.
    KvGet {
        /// Name of the value.
        key: String,
    },
    /// Writes a value of this inbox; answers `Unit`.
    KvSet {
        /// Name of the value.
        key: String,
        /// The value; null removes it.
        value: Value,
        /// Seconds until it is forgotten; `None` = never.
        #[serde(default)]
        ttl_s: Option<u64>,
    },
    /// Writes a value if it still is `expected`; answers `Value`, true when it was written.
    KvCas {
        /// Name of the value.
        key: String,
        /// What it must be now; null = absent.
        expected: Value,
        /// The new value.
        value: Value,
    },
    /// Hands over inbound events; answers `Unit` when they are stored.
    Emit(Emit),
    /// Stores a file; answers `Blob`.
    BlobPut {
        /// Name shown to people.
        filename: String,
        /// MIME type as the provider says it.
        content_type: String,
        /// The bytes.
        bytes: Payload,
    },
    /// A link to a stored file; answers `Value` with its text.
    BlobUrl {
        /// The file.
        blob: BlobRef,
        /// Seconds the link lives.
        ttl_s: u64,
    },
    /// Waits; answers `Unit`.
    Sleep {
        /// Milliseconds.
        ms: u64,
    },
    /// An effect of a newer protocol; the host answers `Unsupported`.
    #[serde(other)]
    Unknown,
}

/// An HTTP request that a channel asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpEffect {
    /// Method in upper case.
    pub method: String,
    /// Absolute http or https URL.
    pub url: String,
    /// Headers in order.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// Body bytes.
    #[serde(default)]
    pub body: Payload,
    /// Milliseconds for the whole exchange; `None` = the host's default.
    #[serde(default)]
    pub timeout_ms: Option<u64>,
    /// Whether the host signs the body with the receiver's secret. Only within `deliver`.
    #[serde(default)]
    pub sign: bool,
}

/// How an effect ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum EffectResult {
    /// The provider answered.
    Http {
        /// HTTP status.
        status: u16,
        /// Headers in order.
        #[serde(default)]
        headers: Vec<(String, String)>,
        /// Body, cut at the host's cap.
        #[serde(default)]
        body: Payload,
    },
    /// A value.
    Value {
        /// The value; null = absent.
        value: Value,
    },
    /// A stored file.
    Blob {
        /// Its handle.
        blob: BlobRef,
    },
    /// Done, nothing to say.
    Unit,
    /// Not allowed to this channel or to this call.
    Denied {
        /// Which rule, and what would open it.
        reason: String,
    },
    /// Certainly nothing reached the other side (name not found, connection refused).
    NotSent {
        /// What happened.
        reason: String,
    },
    /// The request may have arrived (reset or timeout after writing).
    Ambiguous {
        /// What happened.
        reason: String,
    },
    /// The host does not offer this effect.
    Unsupported,
}

/// A file in the host's store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlobRef {
    /// Opaque id.
    pub id: String,
}

/// How important a log line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogLevel {
    /// For the channel's developer.
    Debug,
    /// For the operator's interest.
    Info,
    /// The operator should look.
    Warn,
    /// The operator must act.
    Error,
}

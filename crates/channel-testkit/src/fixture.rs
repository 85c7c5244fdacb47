use gatewright_channel::{
    ChannelError, Delivery, DeliveryOutcome, FailCode, InboundRequest, Received,
};
use serde_json::Value;

/// What the suite must be told about a channel.
pub trait Fixture: Sync {
    /// The smallest settings that open.
    fn minimal_settings(&self) -> Value;

    /// Settings with every field, so that requests and deliveries work with them.
    fn full_settings(&self) -> Value;

    /// Settings that must not open.
    fn invalid_settings(&self) -> Vec<InvalidSettings>;

    /// Requests of every inbound route, understood and refused ones.
    fn receive_cases(&self) -> Vec<ReceiveCase>;

    /// Makes a changed request genuine again, for channels that verify a signature.
    fn sign(&self, _request: &mut InboundRequest) {}

    /// A delivery that goes through with [`Self::full_settings`].
    fn delivery(&self) -> Delivery;

    /// The body of the provider's successful answers.
    fn success_body(&self) -> Vec<u8> {
        b"{}".to_vec()
    }

    /// What becomes of the delivery when the provider answers so.
    fn outcome(&self, answer: ProviderAnswer) -> OutcomeClass;
}

/// Settings that are refused.
#[derive(Debug, Clone)]
pub struct InvalidSettings {
    /// What is wrong with them, for the report.
    pub name: &'static str,
    /// The settings.
    pub settings: Value,
    /// The field that the error must name, for example `bot.token`.
    pub field: &'static str,
}

/// A request and what must come of it, with [`Fixture::full_settings`].
#[derive(Debug, Clone)]
pub struct ReceiveCase {
    /// What it shows, for the report.
    pub name: &'static str,
    /// The request.
    pub request: InboundRequest,
    /// What must come of it.
    pub expected: ReceiveExpected,
}

/// What a request must come to.
#[derive(Debug, Clone)]
pub enum ReceiveExpected {
    /// Exactly these events and this reply.
    Received(Box<Received>),
    /// [`ChannelError::Invalid`] with exactly these fields, in order.
    Invalid(Vec<&'static str>),
    /// [`ChannelError::Unauthorized`].
    Unauthorized,
    /// [`ChannelError::Unparsable`].
    Unparsable,
}

impl ReceiveExpected {
    /// Whether this is what came.
    pub fn matches(&self, result: &Result<Received, ChannelError>) -> bool {
        match (self, result) {
            (Self::Received(expected), Ok(received)) => **expected == *received,
            (Self::Invalid(names), Err(ChannelError::Invalid { fields })) => fields
                .iter()
                .map(|error| error.field.as_str())
                .eq(names.iter().copied()),
            (Self::Unauthorized, Err(ChannelError::Unauthorized))
            | (Self::Unparsable, Err(ChannelError::Unparsable { .. })) => true,
            _ => false,
        }
    }
}

/// An answer of the provider, or the lack of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProviderAnswer {
    /// This status; 2xx with [`Fixture::success_body`] (204 without a body), others with `{}`.
    Status(u16),
    /// 429 with `Retry-After: 30`.
    RetryAfterSeconds,
    /// 429 with a `Retry-After` date 90 seconds ahead.
    RetryAfterDate,
    /// 200 with a body that is no JSON.
    Malformed,
    /// Nothing reached the provider.
    NotSent,
    /// The request may have arrived.
    Ambiguous,
    /// The host does not allow it.
    Denied,
    /// The host cannot do it.
    Unsupported,
}

impl ProviderAnswer {
    /// All that the suite tries.
    pub fn all() -> Vec<Self> {
        const STATUSES: [u16; 16] = [
            200, 201, 204, 301, 302, 400, 401, 403, 404, 408, 409, 410, 413, 500, 502, 503,
        ];
        let mut all: Vec<Self> = STATUSES.into_iter().map(Self::Status).collect();
        all.extend([
            Self::Status(429),
            Self::RetryAfterSeconds,
            Self::RetryAfterDate,
            Self::Malformed,
            Self::NotSent,
            Self::Ambiguous,
            Self::Denied,
            Self::Unsupported,
        ]);
        all
    }
}

/// A [`DeliveryOutcome`] without its texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutcomeClass {
    /// Taken.
    Accepted,
    /// Try again, by the schedule.
    Retry,
    /// Try again after this many milliseconds.
    RetryAfter(u64),
    /// It may have been taken.
    Uncertain,
    /// Never.
    Failed(FailCode),
}

impl From<&DeliveryOutcome> for OutcomeClass {
    fn from(outcome: &DeliveryOutcome) -> Self {
        match outcome {
            DeliveryOutcome::Accepted { .. } => Self::Accepted,
            DeliveryOutcome::Retry { after_ms: None, .. } => Self::Retry,
            DeliveryOutcome::Retry {
                after_ms: Some(after_ms),
                ..
            } => Self::RetryAfter(*after_ms),
            DeliveryOutcome::Uncertain { .. } => Self::Uncertain,
            DeliveryOutcome::Failed { code, .. } => Self::Failed(*code),
        }
    }
}

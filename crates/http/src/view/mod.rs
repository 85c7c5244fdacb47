//! Bodies that only HTTP has: wrappers, and what shows more than one service's knowledge.

mod account;
mod attachment;
mod contact;
mod delivery;
mod error;
mod inbox;
mod label;
mod survey;
mod webhook;

use serde::Serialize;
use utoipa::ToSchema;

pub use account::{AccountShown, AccountView, CacheKeys, CacheKeysBody};
pub use attachment::{AttachedView, AttachmentsMeta};
pub use contact::{ContactsMeta, PageNumber};
pub use delivery::{AttemptView, DeliveryDetailView, DeliveryView, HopView, TraceView};
pub use error::{
    AppErrors, ErrorsBody, FrameworkError, PublicErrors, TextError, UnauthorizedError,
    ValidationError,
};
pub use inbox::{ChannelView, InboxView, PublicInboxView, SigningSecret, WorkingHourView};
pub use label::LabelView;
pub use survey::{
    SubmittedEntry, SubmittedRating, SubmittedSurvey, SubmittedValues, SurveyResponseView,
    SurveyView,
};
pub use webhook::{WebhookList, WebhookOne, WebhookView};

/// `{payload: ..}`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Payload<T> {
    /// What was asked for.
    pub payload: T,
}

/// `{meta: .., payload: [..]}`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Page<M, T> {
    /// About the whole list.
    pub meta: M,
    /// This page.
    pub payload: Vec<T>,
}

/// `{data: ..}`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Data<T> {
    /// What was asked for.
    pub data: T,
}

/// `{message: ".."}`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Notice {
    /// What will happen.
    pub message: &'static str,
}

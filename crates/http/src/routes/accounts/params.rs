use gatewright_core::account::AccountChange;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{Patch, Root};

/// What an account is called and has set. What is left out stays as it is.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub(super) struct AccountParams {
    /// Its name.
    #[schema(example = "Acme", max_length = 255)]
    name: Option<String>,
    /// Language of system texts.
    #[schema(example = "en")]
    locale: Option<String>,
    /// Its own mail domain.
    #[schema(value_type = Option<String>, max_length = 100)]
    domain: Patch<String>,
    /// Address shown to contacts.
    #[schema(value_type = Option<String>, max_length = 255)]
    support_email: Patch<String>,
    /// What it does.
    #[schema(value_type = Option<String>, max_length = 255)]
    industry: Patch<String>,
    /// How large it is.
    #[schema(value_type = Option<String>, max_length = 255)]
    company_size: Patch<String>,
    /// Its time zone.
    #[schema(value_type = Option<String>, max_length = 255)]
    timezone: Patch<String>,
    /// Minutes without activity after which a conversation is resolved.
    #[schema(value_type = Option<i64>, minimum = 10, maximum = 1_439_856)]
    auto_resolve_after: Patch<i64>,
    /// What is said then.
    #[schema(value_type = Option<String>, max_length = 20_000)]
    auto_resolve_message: Patch<String>,
    /// Whether conversations whose contact waits for an answer stay open.
    #[schema(value_type = Option<bool>)]
    auto_resolve_ignore_waiting: Patch<bool>,
    /// The label that they get.
    #[schema(value_type = Option<String>, max_length = 255)]
    auto_resolve_label: Patch<String>,
    /// Whether audio is to be written down.
    #[schema(value_type = Option<bool>)]
    audio_transcriptions: Patch<bool>,
    /// Keys of attributes without which a conversation should not be resolved.
    #[schema(value_type = Option<Vec<String>>, max_items = 100)]
    conversation_required_attributes: Patch<Vec<String>>,
}

impl Root for AccountParams {}

impl From<AccountParams> for AccountChange {
    fn from(params: AccountParams) -> Self {
        Self {
            name: params.name,
            locale: params.locale,
            domain: params.domain.into_option(),
            support_email: params.support_email.into_option(),
            industry: params.industry.into_option(),
            company_size: params.company_size.into_option(),
            timezone: params.timezone.into_option(),
            auto_resolve_after: params.auto_resolve_after.into_option(),
            auto_resolve_message: params.auto_resolve_message.into_option(),
            auto_resolve_ignore_waiting: params.auto_resolve_ignore_waiting.into_option(),
            auto_resolve_label: params.auto_resolve_label.into_option(),
            audio_transcriptions: params.audio_transcriptions.into_option(),
            conversation_required_attributes: params.conversation_required_attributes.into_option(),
        }
    }
}

use std::collections::BTreeMap;

use gatewright_core::Timestamp;
use gatewright_core::account::{AccountDetail, AccountFacts, AccountSettings};
use gatewright_core::model::AccountStatus;
use serde::Serialize;
use utoipa::ToSchema;

/// What clients of the contract look for before they show a part of themselves: the flags that are
/// on by default (contract, section 4.7).
const FEATURES: [&str; 26] = [
    "agent_bots",
    "agent_management",
    "auto_resolve_conversations",
    "automations",
    "campaigns",
    "canned_responses",
    "channel_email",
    "channel_facebook",
    "channel_instagram",
    "channel_tiktok",
    "channel_twitter",
    "channel_website",
    "chatwoot_v4",
    "contact_chatwoot_support_team",
    "crm",
    "custom_attributes",
    "help_center",
    "inbound_emails",
    "inbox_management",
    "integrations",
    "labels",
    "macros",
    "report_v4",
    "reports",
    "team_management",
    "voice_recorder",
];

/// An account as its own users see it (contract, section 4.7).
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Account)]
pub struct AccountView {
    /// What it has set.
    pub settings: AccountSettings,
    /// When it was made, ISO 8601 with milliseconds.
    pub created_at: String,
    /// What else is known of it; left out when nothing is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub custom_attributes: Option<AccountFacts>,
    /// Its own mail domain.
    #[schema(required)]
    pub domain: Option<String>,
    /// Flags that are on.
    pub features: BTreeMap<&'static str, bool>,
    /// Its id.
    pub id: i64,
    /// Language of system texts.
    #[schema(example = "en")]
    pub locale: String,
    /// Its name.
    pub name: String,
    /// Address shown to contacts.
    #[schema(required)]
    pub support_email: Option<String>,
    /// Whether it is in use.
    pub status: AccountStatus,
    /// When its lists last changed.
    pub cache_keys: CacheKeys,
}

impl From<AccountDetail> for AccountView {
    fn from(detail: AccountDetail) -> Self {
        let cache_keys = CacheKeys::new(&detail);
        Self {
            settings: detail.settings,
            created_at: detail.account.created_at.iso(),
            custom_attributes: detail.facts,
            domain: detail.domain,
            features: FEATURES.iter().map(|flag| (*flag, true)).collect(),
            id: detail.account.id.get(),
            locale: detail.account.locale,
            name: detail.account.name,
            support_email: detail.support_email,
            status: detail.account.status,
            cache_keys,
        }
    }
}

/// An account as it is read.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AccountShown {
    /// The account.
    #[serde(flatten)]
    pub account: AccountView,
    /// Always null: nobody is asked for newer versions.
    #[schema(required)]
    pub latest_chatwoot_version: Option<String>,
}

/// When an account's lists last changed: texts of Unix seconds, `0000000000` for never.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CacheKeys {
    /// Its labels.
    #[schema(example = "1768900502")]
    pub label: String,
    /// Its inboxes.
    #[schema(example = "1768900502")]
    pub inbox: String,
    /// Its teams.
    #[schema(example = "0000000000")]
    pub team: String,
}

impl CacheKeys {
    fn new(detail: &AccountDetail) -> Self {
        Self {
            label: key(detail.labels_changed_at),
            inbox: key(detail.inboxes_changed_at),
            team: key(None),
        }
    }
}

fn key(changed_at: Option<Timestamp>) -> String {
    format!("{:010}", changed_at.map_or(0, Timestamp::unix))
}

/// `{cache_keys: ..}`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CacheKeysBody {
    /// When the account's lists last changed.
    pub cache_keys: CacheKeys,
}

impl From<AccountDetail> for CacheKeysBody {
    fn from(detail: AccountDetail) -> Self {
        Self {
            cache_keys: CacheKeys::new(&detail),
        }
    }
}

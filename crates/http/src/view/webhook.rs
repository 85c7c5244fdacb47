use gatewright_core::webhook::Webhook;
use serde::Serialize;
use utoipa::ToSchema;

/// An account webhook (contract, section 4.6).
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Webhook)]
pub struct WebhookView {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: Option<String>,
    /// Where events are posted.
    #[schema(example = "https://example.com/hooks")]
    pub url: String,
    /// Its account.
    pub account_id: i64,
    /// Names of the events it gets.
    #[schema(example = json!(["message_created"]))]
    pub subscriptions: Vec<&'static str>,
    /// The inbox it was made for; it does not filter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inbox: Option<WebhookInbox>,
    /// Signing secret; shown once, when the webhook is created. An addition to the contract.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// The inbox of a webhook.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WebhookInbox {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
}

impl WebhookView {
    /// A webhook, with its secret when it was just made.
    pub fn new(webhook: Webhook, secret: Option<String>) -> Self {
        Self {
            id: webhook.id.get(),
            name: webhook.name,
            url: webhook.url,
            account_id: webhook.account_id.get(),
            subscriptions: webhook
                .subscriptions
                .iter()
                .map(|name| name.as_str())
                .collect(),
            inbox: webhook
                .inbox
                .map(|(id, name)| WebhookInbox { id: id.get(), name }),
            secret,
        }
    }
}

/// `{webhooks: [..]}`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WebhookList {
    /// The webhooks.
    pub webhooks: Vec<WebhookView>,
}

/// `{webhook: ..}`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WebhookOne {
    /// The webhook.
    pub webhook: WebhookView,
}

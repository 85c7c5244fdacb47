//! Typed row ids. All are positive and below 2^53, so that every JSON reader keeps them exact.

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl $name {
            /// The number behind the id.
            pub fn get(self) -> i64 {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

ids! {
    /// An account (tenant).
    AccountId,
    /// A user: agent or administrator.
    UserId,
    /// An access token.
    TokenId,
    /// An inbox.
    InboxId,
    /// A contact.
    ContactId,
    /// A contact's presence in one inbox.
    ContactInboxId,
    /// A conversation's row; never on the wire, which shows [`DisplayId`].
    ConversationId,
    /// A conversation's number within its account: the `id` on the wire.
    DisplayId,
    /// A message.
    MessageId,
    /// An attachment of a message.
    AttachmentId,
    /// A stored file.
    BlobId,
    /// A team of users.
    TeamId,
    /// A receiver of events.
    ReceiverId,
    /// An account webhook.
    WebhookId,
    /// A label that an account offers.
    LabelId,
    /// An event of the log.
    EventId,
    /// A delivery of an event to a receiver.
    DeliveryId,
}

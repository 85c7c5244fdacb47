//! The things the gateway knows, as plain values. Rows are converted to them in repositories only.

mod account;
mod attachment;
mod contact;
mod conversation;
mod inbox;
mod message;

pub use account::{Account, AccountRef, AccountStatus, Membership, Role, User, UserRef};
pub use attachment::{Attachment, FileType};
pub use contact::{Contact, ContactInbox, ContactKind};
pub use conversation::{Conversation, ConversationStatus, Priority};
pub use inbox::{Inbox, InboxPreferences, InboxRef, WorkingHour};
pub use message::{Message, MessageStatus, MessageType, Sender, SenderKind};

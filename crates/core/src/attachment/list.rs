use std::collections::HashMap;

use gatewright_store::hot::intake::{self as hot, Wanted};

use super::{Attachments, repo};
use crate::caller::Caller;
use crate::conversation::locate;
use crate::error::{Error, Result};
use crate::ids::{DisplayId, MessageId};
use crate::model::{Attachment, Contact, Message};
use crate::rows;

/// Attachments on a page (contract, section 1.6).
pub const PAGE: u64 = 100;

/// A page of a conversation's attachments.
#[derive(Debug, Clone)]
pub struct AttachmentsPage {
    /// How many the conversation has.
    pub total: u64,
    /// The conversation's contact.
    pub contact: Contact,
    /// The attachments with their messages, newest first.
    pub attachments: Vec<(Attachment, Message)>,
}

impl Attachments {
    /// A page of a conversation's attachments, newest first; pages begin at 1. Three queries after
    /// the conversation is found.
    ///
    /// # Errors
    /// [`Error::NotFound`], and [`crate::error::Denied::Policy`] for an agent outside of the inbox.
    pub async fn list(
        &self,
        caller: &Caller,
        conversation: DisplayId,
        page: u64,
    ) -> Result<AttachmentsPage> {
        let kernel = &self.kernel;
        let located = locate(kernel, caller, conversation).await?;
        let (conn, account_id) = (kernel.db.read(), caller.account_id());
        let offset = page.saturating_sub(1).saturating_mul(PAGE);
        // Beyond what a database counts is nothing.
        let offset = offset.min(u64::from(u32::MAX));
        let total = repo::count(conn, account_id, located.id).await?;
        let found = repo::page(conn, account_id, located.id, (offset, PAGE)).await?;
        let wanted = Wanted {
            conversations: vec![located.id.get()],
            messages: found.iter().map(|(_, message)| *message).collect(),
            ..Wanted::default()
        };
        let loaded = hot::load(conn, kernel.db.dialect(), &wanted).await?;
        let contact = loaded.contacts.into_iter().next().ok_or(Error::NotFound)?;
        let links = kernel.links();
        let mut messages = HashMap::new();
        for row in loaded.messages {
            let message = rows::message(row, &links)?;
            messages.insert(message.id, message);
        }
        let one = |(id, message): (i64, i64)| {
            let message = messages.get(&MessageId(message))?;
            let mut all = message.attachments.iter();
            let attachment = all.find(|attachment| attachment.id.get() == id)?;
            Some((attachment.clone(), message.clone()))
        };
        Ok(AttachmentsPage {
            total,
            contact: rows::contact(contact)?,
            attachments: found.into_iter().filter_map(one).collect(),
        })
    }
}

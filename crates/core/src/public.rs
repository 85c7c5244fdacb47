//! The public client API: a contact's own client, which knows the inbox's identifier and its
//! source id and no token (contract, section 5).

mod conversation;
mod message;
mod submitted;
mod survey;
#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use conversation::ContactConversation;
pub use message::ContactMessages;
pub use submitted::Submitted;
pub use survey::{Survey, SurveyResponse};

use gatewright_store::entity::{contact_inboxes, conversations};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};
use serde_json::{Map, Value};

use crate::attachment::AttachmentSources;
use crate::contact::FirstContact;
use crate::conversation::{ConversationFull, Located, NewConversation, create_in, job};
use crate::error::{Error, Result};
use crate::event::{Origin, OriginKind};
use crate::ids::{ContactId, ConversationId, DisplayId, InboxId};
use crate::intake::{Command, Intake, Job, batch};
use crate::kernel::Kernel;
use crate::message::{MessageCreate, Stored, stored};
use crate::model::{AccountRef, Inbox, Message};
use crate::transaction::transact;

/// The use cases of a contact's own client.
#[derive(Clone)]
pub struct PublicClient {
    kernel: Arc<Kernel>,
    intake: Arc<Intake>,
}

/// What a contact's own client says.
#[derive(Debug, Clone, Default)]
pub struct PublicMessageCreate {
    /// Text.
    pub content: Option<String>,
    /// The client's own mark; it comes back on live streams only.
    pub echo_id: Option<String>,
    /// What is attached.
    pub attachments: AttachmentSources,
}

/// A contact in one inbox, and the inbox.
#[derive(Debug, Clone)]
pub struct Presence {
    /// The account.
    pub account: AccountRef,
    /// The inbox.
    pub inbox: Arc<Inbox>,
    /// The contact and its presence.
    pub first: FirstContact,
}

impl PublicClient {
    /// The use cases over a kernel and its write path.
    pub fn new(kernel: Arc<Kernel>, intake: Arc<Intake>) -> Self {
        Self { kernel, intake }
    }

    /// The inbox with this identifier, if its channel has a public client.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn inbox(&self, identifier: &str) -> Result<Arc<Inbox>> {
        let inbox = crate::inbox::by_identifier(&self.kernel, identifier).await?;
        let descriptor = self.kernel.registry.descriptor(&inbox.channel);
        if descriptor.is_some_and(|descriptor| descriptor.public_client.is_some()) {
            Ok(inbox)
        } else {
            Err(Error::NotFound)
        }
    }

    /// The contact with this source id in the inbox.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn presence(&self, identifier: &str, source_id: &str) -> Result<Presence> {
        let inbox = self.inbox(identifier).await?;
        let conn = self.kernel.db.read();
        let row = contact_inboxes::Entity::find()
            .filter(contact_inboxes::Column::InboxId.eq(inbox.id.get()))
            .filter(contact_inboxes::Column::SourceId.eq(source_id))
            .one(conn)
            .await?
            .ok_or(Error::NotFound)?;
        let first = crate::contact::of_presence(conn, row).await?;
        let account = crate::account::reference(conn, inbox.account_id).await?;
        Ok(Presence {
            account,
            inbox,
            first,
        })
    }

    /// Makes a conversation of the contact.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown inbox or contact.
    pub async fn conversation_create(
        &self,
        identifier: &str,
        source_id: &str,
        custom_attributes: Map<String, Value>,
    ) -> Result<(ConversationFull, Vec<Message>)> {
        let presence = self.presence(identifier, source_id).await?;
        let kernel = &self.kernel;
        let receivers = crate::receiver::repo::receivers(kernel, presence.account.id).await?;
        let new = NewConversation {
            custom_attributes,
            ..NewConversation::default()
        };
        let (located, recorded) = transact!(kernel, |tx| {
            // The contact is locked first, as everywhere; the account's counter comes last.
            let (account, inbox) = (presence.account.id, &presence.inbox);
            let first =
                crate::contact::presence_for(kernel, tx, account, inbox, None, Some(source_id))
                    .await?;
            let located = create_in(kernel, tx, inbox, &first, &new).await?;
            let announce = Job {
                account: presence.account.clone(),
                inbox: Arc::clone(&presence.inbox),
                receivers: Arc::clone(&receivers),
                conversation_id: located.id,
                contact_id: located.contact_id,
                origin: origin(None),
                command: Command::AnnounceConversation,
            };
            let (_, recorded) = batch::run(kernel, tx, &[announce]).await?;
            Ok((located, recorded))
        })
        .await?;
        recorded.publish(kernel);
        let ids = [located.id.get()];
        let conn = kernel.db.read();
        let full = crate::conversation::repo::full(kernel, conn, presence.account.id, &ids)
            .await?
            .pop()
            .ok_or(Error::NotFound)?;
        Ok((full, Vec::new()))
    }

    /// Stores a message of the contact.
    ///
    /// # Errors
    /// [`Error::NotFound`], and [`Error::Unprocessable`] for a message that cannot be taken.
    pub async fn message_create(
        &self,
        identifier: &str,
        source_id: &str,
        conversation: DisplayId,
        create: PublicMessageCreate,
    ) -> Result<Stored> {
        let presence = self.presence(identifier, source_id).await?;
        let located = self.locate(&presence, conversation).await?;
        let PublicMessageCreate {
            content,
            echo_id,
            attachments,
        } = create;
        let create = MessageCreate {
            content,
            message_type: Some("incoming".to_owned()),
            attachments,
            ..MessageCreate::default()
        };
        // The conversation may be in another inbox of the contact, whose channel decides.
        let account = presence.account.id;
        let inbox = crate::inbox::of(&self.kernel, account, located.inbox_id).await?;
        let new = create.into_new(&self.kernel, &inbox, None).await?;
        let command = Command::AddMessage(Box::new(new));
        let origin = origin(echo_id.clone());
        let job = job(&self.kernel, &presence.account, located, origin, command).await?;
        stored(self.intake.submit(job).await?, echo_id)
    }

    /// A conversation of the contact, in whichever of its presences. The contact is looked up in
    /// the same statement: it may just have become another one.
    async fn locate(&self, presence: &Presence, id: DisplayId) -> Result<Located> {
        let contact = contact_inboxes::Entity::find()
            .select_only()
            .column(contact_inboxes::Column::ContactId)
            .filter(contact_inboxes::Column::Id.eq(presence.first.contact_inbox.id.get()))
            .into_query();
        let row = conversations::Entity::find()
            .filter(conversations::Column::AccountId.eq(presence.account.id.get()))
            .filter(conversations::Column::DisplayId.eq(id.get()))
            .filter(conversations::Column::ContactId.in_subquery(contact))
            .one(self.kernel.db.read())
            .await?
            .ok_or(Error::NotFound)?;
        Ok(Located {
            id: ConversationId(row.id),
            inbox_id: InboxId(row.inbox_id),
            contact_id: ContactId(row.contact_id),
        })
    }
}

fn origin(echo_id: Option<String>) -> Origin {
    Origin {
        kind: OriginKind::Public,
        echo_id,
        ..Origin::default()
    }
}

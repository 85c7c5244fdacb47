//! Doors that choose the conversation themselves: what channels receive, and the one-request
//! door of callers.

use std::sync::Arc;

use gatewright_store::entity::{inbound_dedup, inbound_log, messages};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};

use crate::attachment::AttachmentSources;
use crate::channel::{Direction, InboundAttachment, InboundEvent, InboundMessage};
use crate::contact::FirstContact;
use crate::conversation::{Located, choose_or_create, newest};
use crate::error::{Error, Result};
use crate::event::Origin;
use crate::idempotency::Claim;
use crate::intake::{Command, Intake, Job, KeptAnswer, NewMessage, Outcome, batch};
use crate::kernel::Kernel;
use crate::message::{MessageCreate, Stored, by_ids, stored};
use crate::model::{AccountRef, Inbox, MessageType, UserRef};
use crate::outbox::Recorded;
use crate::receiver::Receivers;
use crate::transaction::transact;
use crate::wire::{InboundStored, MessageView};

/// The doors.
#[derive(Clone)]
pub struct Door {
    kernel: Arc<Kernel>,
    intake: Arc<Intake>,
}

/// Through whom something comes in.
#[derive(Debug, Clone)]
pub struct Through {
    /// The account.
    pub account: AccountRef,
    /// The inbox.
    pub inbox: Arc<Inbox>,
    /// The author of outgoing messages.
    pub author: Option<UserRef>,
    /// Who made it happen; the echo id is added per message.
    pub origin: Origin,
    /// The provider's request as it came, kept beside its events.
    pub raw: Option<RawRequest>,
    /// The right to carry out the caller's request; its answer is that about the first message.
    pub claim: Option<Claim>,
}

/// A provider's request as it came.
#[derive(Debug, Clone)]
pub struct RawRequest {
    /// Method.
    pub method: String,
    /// Path.
    pub path: String,
    /// Headers, as JSON text, without secrets.
    pub headers: String,
    /// Body.
    pub body: Vec<u8>,
}

impl Door {
    /// The doors over a kernel and its write path.
    pub fn new(kernel: Arc<Kernel>, intake: Arc<Intake>) -> Self {
        Self { kernel, intake }
    }

    /// Stores what came in, all of it or nothing, and answers the stored messages in order. Events
    /// that were stored before are left out.
    ///
    /// # Errors
    /// [`Error::Unprocessable`] and [`Error::Invalid`] name what is wrong with a message.
    pub async fn receive(
        &self,
        through: &Through,
        events: Vec<InboundEvent>,
    ) -> Result<Vec<Stored>> {
        let mut messages = Vec::with_capacity(events.len());
        for event in events {
            if let InboundEvent::Message(message) = event {
                let claim = through.claim.clone().filter(|_| messages.is_empty());
                messages.push((self.draft(through, &message, claim).await?, message));
            }
        }
        let receivers = crate::receiver::repo::receivers(&self.kernel, through.account.id).await?;
        if let ([(new, message)], None) = (messages.as_slice(), &through.raw)
            && let Some(stored) = self.fast(through, &receivers, new, message).await?
        {
            return Ok(vec![stored]);
        }
        let (stored, recorded) = transact!(self.kernel, |tx| self
            .slow(tx, through, &receivers, &messages)
            .await)
        .await?;
        recorded.publish(&self.kernel);
        Ok(stored)
    }

    /// Keeps a genuine request that could not be understood, to be replayed after an upgrade.
    ///
    /// # Errors
    /// Database errors.
    pub async fn keep_dead(&self, through: &Through, reason: &str) -> Result<()> {
        let Some(raw) = &through.raw else {
            return Ok(());
        };
        let tx = self.kernel.db.begin_write().await?;
        self.log(&tx, through, raw, Some(reason)).await?;
        Ok(tx.commit().await?)
    }

    async fn draft(
        &self,
        through: &Through,
        message: &InboundMessage,
        claim: Option<Claim>,
    ) -> Result<NewMessage> {
        let message_type = match message.direction {
            Direction::Incoming => MessageType::Incoming,
            Direction::Outgoing => MessageType::Outgoing,
        };
        let mut attributes = message.content_attributes.clone();
        if let Some(id) = &message.reply_to {
            attributes
                .get_or_insert_default()
                .insert("in_reply_to_external_id".to_owned(), id.clone().into());
        }
        let create = MessageCreate {
            content: message.content.clone(),
            message_type: Some(message_type.as_str().to_owned()),
            content_type: message.content_type.clone(),
            content_attributes: attributes.map(serde_json::Value::Object),
            source_id: message.source_id.clone(),
            attachments: attached(&message.attachments),
            ..MessageCreate::default()
        };
        let mut new = create
            .into_new(&self.kernel, &through.inbox, through.author.as_ref())
            .await?;
        new.unless_resolved = true;
        new.answer = claim.map(|claim| KeptAnswer {
            claim,
            with_contact: true,
        });
        Ok(new)
    }

    /// Everything exists already: the message joins its conversation's shard.
    async fn fast(
        &self,
        through: &Through,
        receivers: &Receivers,
        new: &NewMessage,
        message: &InboundMessage,
    ) -> Result<Option<Stored>> {
        let conn = self.kernel.db.read();
        let account_id = through.account.id;
        let known =
            crate::contact::lookup(conn, account_id, &through.inbox, &message.contact).await?;
        let Some((contact, contact_inbox)) = known else {
            return Ok(None);
        };
        let first = FirstContact {
            contact,
            contact_inbox,
            contact_created: false,
            contact_inbox_created: false,
        };
        let Some(located) = newest(conn, &first, true).await? else {
            return Ok(None);
        };
        let job = job(
            through,
            receivers,
            located,
            message,
            Command::AddMessage(Box::new(new.clone())),
        );
        match self.intake.submit(job).await? {
            Outcome::Resolved | Outcome::Moved => Ok(None),
            outcome => stored(outcome, message.echo_id.clone()).map(Some),
        }
    }

    /// One transaction that makes whatever is missing.
    async fn slow(
        &self,
        tx: &DatabaseTransaction,
        through: &Through,
        receivers: &Receivers,
        messages: &[(NewMessage, Box<InboundMessage>)],
    ) -> Result<(Vec<Stored>, Recorded)> {
        let mut recorded = Recorded::default();
        let mut answers = Vec::with_capacity(messages.len());
        if let Some(raw) = &through.raw {
            self.log(tx, through, raw, None).await?;
        }
        for (new, message) in messages {
            if !self.is_new(tx, through, message).await? {
                continue;
            }
            let (answer, more) = self.store(tx, through, receivers, new, message).await?;
            answers.push(answer);
            recorded.merge(more);
        }
        Ok((answers, recorded))
    }

    async fn store(
        &self,
        tx: &DatabaseTransaction,
        through: &Through,
        receivers: &Receivers,
        new: &NewMessage,
        message: &InboundMessage,
    ) -> Result<(Stored, Recorded)> {
        let (kernel, inbox) = (&self.kernel, &through.inbox);
        let account_id = through.account.id;
        let first =
            crate::contact::find_or_create(kernel, tx, account_id, inbox, &message.contact).await?;
        if let Some(stored) = self.duplicate(tx, &first, new).await? {
            if let Some(kept) = &new.answer {
                let view = MessageView::new(&stored.message, &stored.contact, None);
                let answer = InboundStored::new(view, &stored.contact);
                kept.claim.keep(kernel, tx, &answer).await?;
            }
            return Ok((stored, Recorded::default()));
        }
        let (located, made) = choose_or_create(kernel, tx, inbox, &first).await?;
        let mut commands = Vec::new();
        if first.contact_created {
            commands.push(Command::AnnounceContact);
        }
        if made {
            commands.push(Command::AnnounceConversation);
        }
        let new = NewMessage {
            unless_resolved: false,
            ..new.clone()
        };
        commands.push(Command::AddMessage(Box::new(new)));
        let jobs: Vec<Job> = commands
            .into_iter()
            .map(|command| job(through, receivers, located, message, command))
            .collect();
        let (outcomes, recorded) = batch::run(kernel, tx, &jobs).await?;
        let mut outcomes = outcomes.into_iter().collect::<Result<Vec<_>>>()?;
        let last = outcomes
            .pop()
            .ok_or_else(|| Error::internal("a batch answered nothing"))?;
        Ok((stored(last, message.echo_id.clone())?, recorded))
    }

    /// The stored message with this source id, wherever its conversation stands by now.
    async fn duplicate(
        &self,
        tx: &DatabaseTransaction,
        first: &FirstContact,
        new: &NewMessage,
    ) -> Result<Option<Stored>> {
        let Some(source_id) = &new.source_id else {
            return Ok(None);
        };
        let found = messages::Entity::find()
            .filter(messages::Column::ContactInboxId.eq(first.contact_inbox.id.get()))
            .filter(messages::Column::SourceId.eq(source_id))
            .one(tx)
            .await?;
        let Some(row) = found else { return Ok(None) };
        let message = by_ids(&self.kernel, tx, vec![row.id]).await?.pop();
        Ok(message.map(|message| Stored {
            message,
            contact: first.contact.clone(),
            echo_id: None,
            replayed: true,
        }))
    }

    /// Whether the provider's event was not stored before.
    async fn is_new(
        &self,
        tx: &DatabaseTransaction,
        through: &Through,
        message: &InboundMessage,
    ) -> Result<bool> {
        let Some(key) = &message.dedup_key else {
            return Ok(true);
        };
        let row = inbound_dedup::ActiveModel {
            inbox_id: Set(through.inbox.id.get()),
            dedup_key: Set(key.clone()),
            message_id: Set(None),
            created_at: Set(self.kernel.now().0),
        };
        let inserted = inbound_dedup::Entity::insert(row)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(tx)
            .await?;
        Ok(inserted > 0)
    }

    async fn log(
        &self,
        tx: &DatabaseTransaction,
        through: &Through,
        raw: &RawRequest,
        error: Option<&str>,
    ) -> Result<()> {
        let row = inbound_log::ActiveModel {
            account_id: Set(through.account.id.get()),
            inbox_id: Set(through.inbox.id.get()),
            channel: Set(through.inbox.channel.clone()),
            method: Set(raw.method.clone()),
            path: Set(raw.path.clone()),
            headers: Set(raw.headers.clone()),
            body: Set(raw.body.clone()),
            state: Set(i16::from(error.is_some())),
            error: Set(error.map(str::to_owned)),
            received_at: Set(self.kernel.now().0),
            ..Default::default()
        };
        inbound_log::Entity::insert(row)
            .exec_without_returning(tx)
            .await?;
        Ok(())
    }
}

/// The files that the host stored before the channel saw the message.
fn attached(attachments: &[InboundAttachment]) -> AttachmentSources {
    let stored = attachments
        .iter()
        .filter_map(|attachment| match attachment {
            InboundAttachment::Blob(blob) => Some(blob.id.clone()),
            // What still lies at the provider is not fetched yet.
            InboundAttachment::Media { .. } => None,
        });
    AttachmentSources {
        tickets: stored.collect(),
        ..AttachmentSources::default()
    }
}

fn job(
    through: &Through,
    receivers: &Receivers,
    located: Located,
    message: &InboundMessage,
    command: Command,
) -> Job {
    Job {
        account: through.account.clone(),
        inbox: Arc::clone(&through.inbox),
        receivers: Arc::clone(receivers),
        conversation_id: located.id,
        contact_id: located.contact_id,
        origin: Origin {
            echo_id: message.echo_id.clone(),
            ..through.origin.clone()
        },
        command,
    }
}

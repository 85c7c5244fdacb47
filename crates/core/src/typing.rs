//! Who types. It is told once to whoever listens now, and kept nowhere.

use std::collections::HashMap;
use std::sync::Arc;

use gatewright_store::hot::intake::{self as hot, Wanted};

use crate::caller::Caller;
use crate::conversation::{Conversations, Located, locate};
use crate::error::{Error, Result};
use crate::event::{Event, EventName, Origin, Snapshot, Typing};
use crate::ids::{DisplayId, EventId, ReceiverId};
use crate::intake::state::{States, Surroundings};
use crate::kernel::Kernel;
use crate::model::AccountRef;
use crate::receiver::{Interest, ReceiverState};

coded! {
    /// Whether somebody types.
    TypingStatus {
        /// Somebody began to type.
        On = 0 "on",
        /// Somebody stopped typing.
        Off = 1 "off",
    }
}

impl Conversations {
    /// Tells that the caller types, or has stopped. Unknown words (`None`) tell nothing (contract,
    /// section 4.2).
    ///
    /// # Errors
    /// [`Error::NotFound`], and [`crate::error::Denied::Policy`] for an agent outside of the inbox.
    pub async fn toggle_typing(
        &self,
        caller: &Caller,
        id: DisplayId,
        status: Option<TypingStatus>,
        is_private: bool,
    ) -> Result<()> {
        let located = locate(&self.kernel, caller, id).await?;
        let Some(status) = status else {
            return Ok(());
        };
        let told = Told {
            account: &caller.account,
            located,
            status,
            typing: Typing {
                user: Some(caller.user.clone()),
                is_private,
            },
            origin: caller.origin(None),
        };
        tell(&self.kernel, told).await
    }
}

/// Who types where.
pub(crate) struct Told<'a> {
    pub(crate) account: &'a AccountRef,
    pub(crate) located: Located,
    pub(crate) status: TypingStatus,
    pub(crate) typing: Typing,
    pub(crate) origin: Origin,
}

/// Hands it to the delivery engine for every receiver that wants it and is in good health. Nothing
/// is read when there is none.
pub(crate) async fn tell(kernel: &Kernel, told: Told<'_>) -> Result<()> {
    let name = match told.status {
        TypingStatus::On => EventName::ConversationTypingOn,
        TypingStatus::Off => EventName::ConversationTypingOff,
    };
    let receivers = listening(kernel, &told, name).await?;
    if receivers.is_empty() {
        return Ok(());
    }
    let snapshot = snapshot(kernel, &told).await?;
    let event = Arc::new(Event {
        id: EventId(0),
        account_id: told.account.id,
        name,
        occurred_at: kernel.now(),
        origin: told.origin,
        snapshot,
    });
    for receiver in receivers {
        kernel.dispatch().ephemeral(receiver, Arc::clone(&event));
    }
    Ok(())
}

async fn listening(kernel: &Kernel, told: &Told<'_>, name: EventName) -> Result<Vec<ReceiverId>> {
    let interest = Interest {
        name,
        inbox_id: Some(told.located.inbox_id),
        message: None,
        except: None,
    };
    let all = crate::receiver::repo::receivers(kernel, told.account.id).await?;
    Ok(all
        .iter()
        .filter(|receiver| receiver.state == ReceiverState::Active && receiver.wants(&interest))
        .map(|receiver| receiver.id)
        .collect())
}

/// The conversation as it is now. One query.
async fn snapshot(kernel: &Kernel, told: &Told<'_>) -> Result<Snapshot> {
    let id = told.located.id;
    let inbox = crate::inbox::of(kernel, told.account.id, told.located.inbox_id).await?;
    let wanted = Wanted {
        conversations: vec![id.get()],
        newest: vec![id.get()],
        ..Wanted::default()
    };
    let loaded = hot::load(kernel.db.read(), kernel.db.dialect(), &wanted).await?;
    let around = Surroundings::new(&kernel.registry, told.account, &inbox);
    let around = HashMap::from([(id, around)]);
    let states = States::new(loaded, &around, &kernel.links())?;
    let state = states.conversations.get(&id).ok_or(Error::NotFound)?;
    let contact = states
        .contacts
        .get(&state.conversation.contact_id)
        .ok_or(Error::NotFound)?;
    let mut snapshot = state.snapshot(contact, None, kernel.now());
    snapshot.typing = Some(told.typing.clone());
    Ok(snapshot)
}

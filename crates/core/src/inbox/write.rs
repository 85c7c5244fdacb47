use gatewright_channel::{ChannelDescriptor, Outbound, Plugin};
use gatewright_store::entity::inboxes;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, DatabaseTransaction, EntityTrait};
use serde_json::{Map, Value};

use super::change::InboxChange;
use super::{repo, secrets};
use crate::account::repo as account;
use crate::attributes::Attributes;
use crate::caller::Caller;
use crate::error::{Error, Result};
use crate::event::{Change, EventName, InboxSettings, Snapshot, Subject};
use crate::ids::{InboxId, ReceiverId};
use crate::kernel::Kernel;
use crate::model::{Inbox, InboxPreferences, InboxRef};
use crate::outbox::{self, NewEvent, Recorded};
use crate::receiver::repo::{self as receivers, NewReceiver};
use crate::receiver::{Interest, ReceiverKind};

/// A new inbox whose parts fit together.
pub(super) struct Draft<'a> {
    plugin: &'a dyn Plugin,
    name: String,
    preferences: InboxPreferences,
    lock_to_single_conversation: bool,
    settings: Value,
}

impl<'a> Draft<'a> {
    /// Checks what a request says of a new inbox.
    ///
    /// # Errors
    /// [`Error::Invalid`] names the attributes or settings.
    pub(super) fn new(kernel: &'a Kernel, change: &InboxChange) -> Result<Self> {
        let mut given = change.channel.clone().ok_or_else(no_channel)?;
        let channel = given.remove("type");
        let channel = channel
            .as_ref()
            .and_then(Value::as_str)
            .ok_or_else(no_channel)?;
        let plugin = kernel
            .registry
            .get(channel)
            .ok_or_else(no_channel)?
            .as_ref();
        let name = change.name("");
        let preferences = change.preferences(&name, &InboxPreferences::default(), true)?;
        let settings = checked(plugin, &Value::Object(given))?;
        let lock = change.lock_to_single_conversation.unwrap_or(false);
        Ok(Self {
            plugin,
            name,
            preferences,
            lock_to_single_conversation: lock,
            settings,
        })
    }

    /// Writes the inbox with its receiver and routes; answers the signing secret, too.
    pub(super) async fn insert(
        &self,
        kernel: &Kernel,
        tx: &DatabaseTransaction,
        caller: &Caller,
    ) -> Result<(Inbox, String, Recorded)> {
        let descriptor = self.plugin.descriptor();
        let row = self.row(kernel, caller)?;
        let row = inboxes::Entity::insert(row).exec_with_returning(tx).await?;
        let id = InboxId(row.id);
        let new = NewReceiver {
            account_id: caller.account_id(),
            kind: ReceiverKind::Channel,
            inbox_id: Some(id),
            url: target(descriptor, &self.settings),
            subscriptions: Vec::new(),
        };
        let (receiver_id, secret) = receivers::insert(kernel, tx, new).await?;
        repo::set_routes(tx, descriptor, id, &self.settings, &row.path_token).await?;
        let mut row: inboxes::ActiveModel = row.into();
        row.receiver_id = Set(Some(receiver_id.get()));
        let inbox = repo::from_row(kernel, row.update(tx).await?)?;
        let event = event(kernel, caller, EventName::InboxCreated, &inbox, Vec::new());
        let recorded = outbox::record(kernel, tx, vec![event]).await?;
        account::inboxes_changed(tx, inbox.account_id, inbox.updated_at).await?;
        Ok((inbox, secret, recorded))
    }

    fn row(&self, kernel: &Kernel, caller: &Caller) -> Result<inboxes::ActiveModel> {
        let now = kernel.now().0;
        let descriptor = self.plugin.descriptor();
        let settings = self.settings.clone();
        let (settings, sealed) =
            secrets::split(&kernel.cipher, &descriptor.settings_schema, settings);
        let hmac_token = kernel.random.token();
        Ok(inboxes::ActiveModel {
            account_id: Set(caller.account_id().get()),
            channel: Set(descriptor.id.clone()),
            name: Set(self.name.clone()),
            settings: Set(settings),
            secrets_sealed: Set(sealed),
            settings_version: Set(version(descriptor)),
            preferences: Set(serde_json::to_value(&self.preferences)?),
            lock_to_single_conversation: Set(self.lock_to_single_conversation),
            identifier: Set(kernel.random.token()),
            hmac_token_sealed: Set(repo::seal_hmac_token(kernel, &hmac_token)),
            path_token: Set(kernel.random.token()),
            receiver_id: Set(None),
            removed_at: Set(None),
            created_at: Set(now),
            updated_at: Set(now),
            ..Default::default()
        })
    }
}

/// Changes an inbox; answers it beside whether its channel must be opened again.
pub(super) async fn update(
    kernel: &Kernel,
    tx: &DatabaseTransaction,
    caller: &Caller,
    id: InboxId,
    change: &InboxChange,
) -> Result<(Inbox, bool, Recorded)> {
    let row = repo::lock(tx, caller.account_id(), id)
        .await?
        .ok_or(Error::NotFound)?;
    let before = repo::from_row(kernel, row.clone())?;
    let name = change.name(&before.name);
    let preferences = change.preferences(&name, &before.preferences, false)?;
    let lock = change
        .lock_to_single_conversation
        .unwrap_or(before.lock_to_single_conversation);

    let mut active: inboxes::ActiveModel = row.clone().into();
    active.name = Set(name);
    active.preferences = Set(serde_json::to_value(&preferences)?);
    active.lock_to_single_conversation = Set(lock);
    let reopen = match &change.channel {
        Some(given) => update_channel(kernel, tx, &row, &mut active, given).await?,
        None => false,
    };
    active.updated_at = Set(kernel.now().0);
    let after = repo::from_row(kernel, active.update(tx).await?)?;
    let changes = changes(kernel, &before, &after)?;
    if changes.is_empty() && !reopen {
        return Ok((after, false, Recorded::default()));
    }
    account::inboxes_changed(tx, after.account_id, after.updated_at).await?;
    let event = event(kernel, caller, EventName::InboxUpdated, &after, changes);
    Ok((
        after,
        reopen,
        outbox::record(kernel, tx, vec![event]).await?,
    ))
}

/// Lays the given settings over the stored ones, field by field; answers whether any changed.
async fn update_channel(
    kernel: &Kernel,
    tx: &DatabaseTransaction,
    row: &inboxes::Model,
    active: &mut inboxes::ActiveModel,
    given: &Map<String, Value>,
) -> Result<bool> {
    let plugin = kernel
        .registry
        .get(&row.channel)
        .ok_or_else(no_channel)?
        .as_ref();
    let descriptor = plugin.descriptor();
    let before = full_settings(kernel, plugin, row)?;
    let mut merged = before.clone();
    if let Value::Object(merged) = &mut merged {
        let fields = given.iter().filter(|(name, _)| *name != "type");
        merged.extend(fields.map(|(name, value)| (name.clone(), value.clone())));
    }
    let after = checked(plugin, &merged)?;
    if after == before && row.settings_version == version(descriptor) {
        return Ok(false);
    }
    retarget(kernel, tx, row, target(descriptor, &after)).await?;
    repo::set_routes(tx, descriptor, InboxId(row.id), &after, &row.path_token).await?;
    let (settings, sealed) = secrets::split(&kernel.cipher, &descriptor.settings_schema, after);
    active.settings = Set(settings);
    active.secrets_sealed = Set(sealed);
    active.settings_version = Set(version(descriptor));
    Ok(true)
}

/// Points the inbox's receiver at its new target, if that is another one.
async fn retarget(
    kernel: &Kernel,
    tx: &DatabaseTransaction,
    row: &inboxes::Model,
    url: Option<String>,
) -> Result<()> {
    let Some(receiver_id) = row.receiver_id.map(ReceiverId) else {
        return Ok(());
    };
    let account = crate::ids::AccountId(row.account_id);
    let Some(receiver) = receivers::find(tx, account, receiver_id).await? else {
        return Ok(());
    };
    if receiver.url != url {
        receivers::retarget(tx, receiver, url, kernel.now()).await?;
    }
    Ok(())
}

/// The stored settings with their secrets, in the plugin's current shape.
///
/// # Errors
/// Secrets that do not open; settings that the plugin cannot bring forward.
pub(super) fn full_settings(
    kernel: &Kernel,
    plugin: &dyn Plugin,
    row: &inboxes::Model,
) -> Result<Value> {
    let sealed = row.secrets_sealed.as_deref();
    let settings = secrets::join(&kernel.cipher, row.settings.clone(), sealed)?;
    let stored = u32::try_from(row.settings_version).unwrap_or(0);
    if stored < plugin.descriptor().settings_version {
        Ok(plugin.migrate(stored, settings)?)
    } else {
        Ok(settings)
    }
}

/// The settings in full form, accepted by the channel.
fn checked(plugin: &dyn Plugin, settings: &Value) -> Result<Value> {
    let settings = plugin.normalize(settings)?;
    drop(plugin.open(&settings)?);
    Ok(settings)
}

/// Where the events of an inbox go; nowhere for channels that take messages.
fn target(descriptor: &ChannelDescriptor, settings: &Value) -> Option<String> {
    match &descriptor.outbound {
        Outbound::Events { target } => target.text(settings).map(str::to_owned),
        Outbound::Messages => None,
    }
}

fn version(descriptor: &ChannelDescriptor) -> i32 {
    i32::try_from(descriptor.settings_version).unwrap_or(i32::MAX)
}

fn no_channel() -> Error {
    Error::invalid("channel", "must exist")
}

/// The channel's settings that everybody in the account may see.
fn public_settings(kernel: &Kernel, inbox: &Inbox) -> Map<String, Value> {
    let descriptor = kernel.registry.descriptor(&inbox.channel);
    let names = descriptor.map_or(&[][..], |descriptor| &descriptor.public_settings);
    let value = |name: &String| Some((name.clone(), inbox.settings.get(name)?.clone()));
    names.iter().filter_map(value).collect()
}

fn event(
    kernel: &Kernel,
    caller: &Caller,
    name: EventName,
    inbox: &Inbox,
    changes: Vec<Change>,
) -> NewEvent {
    let mut snapshot = Snapshot::new(caller.account.clone());
    snapshot.inbox = Some(InboxRef {
        id: inbox.id,
        name: inbox.name.clone(),
        wire_type: kernel.registry.wire_type(&inbox.channel).to_owned(),
    });
    snapshot.inbox_settings = Some(Box::new(InboxSettings {
        preferences: inbox.preferences.clone(),
        lock_to_single_conversation: inbox.lock_to_single_conversation,
        channel: Attributes::from(public_settings(kernel, inbox)),
        created_at: inbox.created_at,
        updated_at: inbox.updated_at,
    }));
    snapshot.changes = changes;
    NewEvent {
        account_id: inbox.account_id,
        name,
        subject: Subject {
            inbox_id: Some(inbox.id),
            ..Subject::default()
        },
        interest: Interest {
            name,
            inbox_id: Some(inbox.id),
            message: None,
            except: None,
        },
        occurred_at: inbox.updated_at,
        origin: caller.origin(None),
        snapshot,
    }
}

/// What differs, in wire form. Settings that not everybody may see are left out.
fn changes(kernel: &Kernel, before: &Inbox, after: &Inbox) -> Result<Vec<Change>> {
    let (old, new) = (flat(kernel, before)?, flat(kernel, after)?);
    let mut changes = Vec::new();
    for (name, current) in new {
        let previous = old.get(&name).cloned().unwrap_or(Value::Null);
        if previous != current {
            changes.push(Change::new(&name, previous, current));
        }
    }
    if !changes.is_empty() {
        let (before, after) = (before.updated_at.iso(), after.updated_at.iso());
        changes.push(Change::new("updated_at", before, after));
    }
    Ok(changes)
}

fn flat(kernel: &Kernel, inbox: &Inbox) -> Result<Map<String, Value>> {
    let mut flat = match serde_json::to_value(&inbox.preferences)? {
        Value::Object(map) => map,
        _ => Map::new(),
    };
    flat.insert("name".to_owned(), inbox.name.clone().into());
    flat.insert(
        "lock_to_single_conversation".to_owned(),
        inbox.lock_to_single_conversation.into(),
    );
    flat.insert(
        "channel".to_owned(),
        Value::Object(public_settings(kernel, inbox)),
    );
    Ok(flat)
}

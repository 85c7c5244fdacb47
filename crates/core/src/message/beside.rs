//! Commands that change, in their own transaction, what the write path does not.

use gatewright_store::entity::{deliveries, events};
use sea_orm::{
    ColumnTrait, Condition, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
};

use super::{Messages, Stored, stored};
use crate::attachment;
use crate::caller::Caller;
use crate::conversation::{job, locate, moved};
use crate::delivery::{DeliveryState, requeue};
use crate::error::Result;
use crate::event::EventName;
use crate::ids::{DisplayId, MessageId, ReceiverId};
use crate::intake::{Command, Job, Outcome, batch};
use crate::kernel::Kernel;
use crate::transaction::transact;

/// More than enough: each round is lost to another merge of the same contact.
const ROUNDS: usize = 8;

impl Messages {
    /// Deletes a message or sends it again. When the conversation is given to
    /// another contact meanwhile, it begins anew.
    pub(super) async fn change(
        &self,
        caller: &Caller,
        conversation: DisplayId,
        command: Command,
    ) -> Result<Stored> {
        for _ in 0..ROUNDS {
            let located = locate(&self.kernel, caller, conversation).await?;
            let origin = caller.origin(None);
            let job = job(
                &self.kernel,
                &caller.account,
                located,
                origin,
                command.clone(),
            )
            .await?;
            match run(&self.kernel, job).await? {
                Some(Outcome::Moved) | None => {}
                Some(outcome) => return stored(outcome, None),
            }
        }
        Err(moved())
    }
}

async fn run(kernel: &Kernel, job: Job) -> Result<Option<Outcome>> {
    let (receiver, jobs) = (job.inbox.receiver_id, [job]);
    let (outcome, recorded, files) = transact!(kernel, |tx| {
        let mut files = Vec::new();
        let (outcomes, recorded) = batch::run(kernel, tx, &jobs).await?;
        let outcome = outcomes.into_iter().next().transpose()?;
        match &jobs[0].command {
            Command::DeleteMessage(message) => {
                files = attachment::revoke(tx, &[message.get()]).await?;
            }
            Command::RetryMessage(message) => revive(kernel, tx, *message, receiver).await?,
            _ => {}
        }
        Ok((outcome, recorded, files))
    })
    .await?;
    attachment::remove_bytes(kernel, &files).await;
    recorded.publish(kernel);
    if let Some(receiver) = receiver {
        kernel.dispatch().wake(&[receiver]);
    }
    Ok(outcome)
}

/// Queues the dead delivery of a message to its channel again. It has lost its place in the order
/// and is marked so.
async fn revive(
    kernel: &Kernel,
    tx: &DatabaseTransaction,
    message: MessageId,
    receiver: Option<ReceiverId>,
) -> Result<()> {
    let Some(receiver) = receiver else {
        return Ok(());
    };
    let created = events::Entity::find()
        .select_only()
        .column(events::Column::Id)
        .filter(events::Column::MessageId.eq(message.get()))
        .filter(events::Column::Name.eq(EventName::MessageCreated.as_str()))
        .into_query();
    let dead = Condition::all()
        .add(deliveries::Column::EventId.in_subquery(created))
        .add(deliveries::Column::ReceiverId.eq(receiver.get()))
        .add(deliveries::Column::State.eq(DeliveryState::Dead.code()));
    requeue(tx, dead, kernel.steady()).await.map(drop)
}

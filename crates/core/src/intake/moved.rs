//! Jobs whose conversation was given to another contact after it was looked up.

use std::collections::HashMap;

use gatewright_store::entity::conversations;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::command::{Job, Outcome};
use super::shard::run_jobs;
use crate::error::Result;
use crate::ids::{ContactId, ConversationId};
use crate::kernel::Kernel;

/// More than enough: each round is lost to another merge of the same contact.
const ROUNDS: usize = 8;

/// Runs jobs, and those again, in their order, that came too late for the contact they name. Only
/// the contacts that are named are locked, so a batch cannot turn to another one by itself.
///
/// # Errors
/// Database errors of the first run; later ones leave [`Outcome::Moved`].
pub(super) async fn run(kernel: &Kernel, jobs: &[Job]) -> Result<Vec<Result<Outcome>>> {
    let mut outcomes = run_jobs(kernel, jobs).await?;
    for _ in 0..ROUNDS {
        let moved: Vec<usize> = (0..outcomes.len())
            .filter(|index| matches!(outcomes[*index], Ok(Outcome::Moved)))
            .collect();
        if moved.is_empty() {
            break;
        }
        match again(kernel, moved.iter().map(|index| &jobs[*index])).await {
            Ok(done) => {
                for (index, outcome) in moved.into_iter().zip(done) {
                    outcomes[index] = outcome;
                }
            }
            Err(error) => {
                tracing::warn!(%error, "jobs of moved conversations failed");
                break;
            }
        }
    }
    Ok(outcomes)
}

async fn again(kernel: &Kernel, jobs: impl Iterator<Item = &Job>) -> Result<Vec<Result<Outcome>>> {
    let mut jobs: Vec<Job> = jobs.cloned().collect();
    let owners = owners(kernel, &jobs).await?;
    for job in &mut jobs {
        // A conversation that is gone keeps its contact here; the rules find it absent.
        if let Some(owner) = owners.get(&job.conversation_id) {
            job.contact_id = *owner;
        }
    }
    run_jobs(kernel, &jobs).await
}

async fn owners(kernel: &Kernel, jobs: &[Job]) -> Result<HashMap<ConversationId, ContactId>> {
    let ids = jobs.iter().map(|job| job.conversation_id.get());
    let rows: Vec<(i64, i64)> = conversations::Entity::find()
        .select_only()
        .columns([conversations::Column::Id, conversations::Column::ContactId])
        .filter(conversations::Column::Id.is_in(ids))
        .into_tuple()
        .all(kernel.db.read())
        .await?;
    let owners = rows.into_iter();
    Ok(owners
        .map(|(id, contact)| (ConversationId(id), ContactId(contact)))
        .collect())
}

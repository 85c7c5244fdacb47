//! `Idempotency-Key`: a request that is sent twice has one effect, and gets its first answer.
//!
//! The answer is written in the transaction of the effect itself. So whoever finds no answer may
//! carry the request out: of two that do so at the same time, the unique key lets one commit, and
//! the other finds the answer of the first.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use gatewright_store::entity::idempotency_records as records;
use gatewright_store::hot::row::IdempotencyRow;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use serde::Serialize;

use crate::error::{Error, Result};
use crate::ids::TokenId;
use crate::kernel::Kernel;

/// What a caller sends along so that a request has one effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestKey {
    /// The key, as sent.
    pub key: String,
    /// Hash that tells another request under the same key.
    pub request_hash: String,
}

/// The right to carry out a request, held while it runs.
#[derive(Debug, Clone)]
pub struct Claim {
    token_id: TokenId,
    request: RequestKey,
    /// What the request makes, for whoever looks at the table.
    resource: &'static str,
    _running: Arc<Running>,
}

/// What became of a request's key.
#[derive(Debug)]
pub enum Begun {
    /// Nobody has carried it out.
    Fresh(Claim),
    /// It was carried out; this was the answer's body.
    Answered(String),
}

/// The kept answers.
#[derive(Clone)]
pub struct Idempotency {
    kernel: Arc<Kernel>,
}

impl Idempotency {
    /// The kept answers of this gateway.
    pub fn new(kernel: Arc<Kernel>) -> Self {
        Self { kernel }
    }

    /// Claims a key, or finds what was answered under it.
    ///
    /// # Errors
    /// [`Error::Unprocessable`] when the key came with another request; [`Error::Conflict`] while
    /// the request runs on this node.
    pub async fn begin(
        &self,
        token_id: TokenId,
        resource: &'static str,
        request: RequestKey,
    ) -> Result<Begun> {
        let running = self
            .kernel
            .running
            .enter(token_id, &request.key)
            .ok_or_else(|| {
                Error::Conflict(
                    "a request with this Idempotency-Key is being carried out; try again"
                        .to_owned(),
                )
            })?;
        let claim = Claim {
            token_id,
            request,
            resource,
            _running: Arc::new(running),
        };
        Ok(match self.answered(&claim).await? {
            Some(answer) => Begun::Answered(answer),
            None => Begun::Fresh(claim),
        })
    }

    /// What was answered to the claimed request, by whichever node.
    ///
    /// # Errors
    /// [`Error::Unprocessable`] when the key came with another request.
    pub async fn answered(&self, claim: &Claim) -> Result<Option<String>> {
        let key = (claim.token_id.get(), claim.request.key.clone());
        let found = records::Entity::find_by_id(key.clone())
            .one(self.kernel.db.read())
            .await?;
        let Some(found) = found else { return Ok(None) };
        if found.created_at <= oldest(&self.kernel) {
            records::Entity::delete_by_id(key)
                .filter(records::Column::CreatedAt.eq(found.created_at))
                .exec(self.kernel.db.write())
                .await?;
            return Ok(None);
        }
        if found.request_hash != claim.request.request_hash {
            return Err(Error::Unprocessable(
                "this Idempotency-Key was used with another request: use a new key".to_owned(),
            ));
        }
        Ok(found.answer)
    }
}

impl Claim {
    /// The row that keeps `answer`.
    pub(crate) fn row(&self, kernel: &Kernel, answer: &impl Serialize) -> Result<IdempotencyRow> {
        Ok(IdempotencyRow {
            token_id: self.token_id.get(),
            key: self.request.key.clone(),
            request_hash: self.request.request_hash.clone(),
            resource: self.resource.to_owned(),
            answer: serde_json::to_string(answer)?,
            created_at: kernel.steady().0,
        })
    }

    /// Keeps `answer` in the transaction of the effect.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the request was carried out by another node meanwhile; the effect
    /// must then be rolled back.
    pub(crate) async fn keep(
        &self,
        kernel: &Kernel,
        tx: &DatabaseTransaction,
        answer: &impl Serialize,
    ) -> Result<()> {
        let row = self.row(kernel, answer)?;
        let row = records::ActiveModel {
            token_id: Set(row.token_id),
            key: Set(row.key),
            request_hash: Set(row.request_hash),
            resource: Set(row.resource),
            answer: Set(Some(row.answer)),
            created_at: Set(row.created_at),
        };
        let written = records::Entity::insert(row)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(tx)
            .await?;
        if written == 0 {
            return Err(Error::Conflict(
                "the request was carried out by another node".to_owned(),
            ));
        }
        Ok(())
    }
}

/// Removes some answers that are not kept any longer: how many, and whether there may be more.
///
/// # Errors
/// Database errors.
pub(crate) async fn prune_some(kernel: &Kernel) -> Result<(u64, bool)> {
    let oldest = oldest(kernel);
    let last: Option<i64> = records::Entity::find()
        .select_only()
        .column(records::Column::CreatedAt)
        .filter(records::Column::CreatedAt.lte(oldest))
        .order_by_asc(records::Column::CreatedAt)
        .offset(kernel.batch() - 1)
        .limit(1)
        .into_tuple()
        .one(kernel.db.read())
        .await?;
    let removed = records::Entity::delete_many()
        .filter(records::Column::CreatedAt.lte(last.unwrap_or(oldest)))
        .exec(kernel.db.write())
        .await?;
    Ok((removed.rows_affected, last.is_some()))
}

/// What is as old as this is not kept any longer: by the steady clock, because the time of day may
/// jump, or differ between nodes, by more than the time that answers are kept.
fn oldest(kernel: &Kernel) -> i64 {
    kernel.steady().minus(kernel.config.idempotency_ttl).0
}

/// The keys whose requests run on this node.
#[derive(Debug, Clone, Default)]
pub(crate) struct RunningKeys(Arc<Mutex<HashSet<(TokenId, String)>>>);

/// A request that runs.
#[derive(Debug)]
struct Running {
    keys: RunningKeys,
    key: (TokenId, String),
}

impl RunningKeys {
    fn enter(&self, token_id: TokenId, key: &str) -> Option<Running> {
        let key = (token_id, key.to_owned());
        let entered = self.lock().insert(key.clone());
        entered.then(|| Running {
            keys: self.clone(),
            key,
        })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashSet<(TokenId, String)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.keys.lock().remove(&self.key);
    }
}

use std::sync::Arc;

use gatewright_store::Dialect;
use gatewright_store::entity::installation;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ConnectionTrait, DatabaseTransaction, EntityTrait};

use super::repo;
use crate::error::{Error, Result};
use crate::kernel::Kernel;
use crate::model::{Account, Role, User};
use crate::transaction::transact;
use crate::user::{UserCreate, repo as users};

/// What is done once per installation.
#[derive(Clone)]
pub struct Setup {
    kernel: Arc<Kernel>,
}

/// What the first start made.
#[derive(Debug, Clone)]
pub struct FirstStart {
    /// The first account.
    pub account: Account,
    /// Its administrator.
    pub user: User,
    /// The administrator's token, in clear.
    pub token: String,
}

/// Any number will do, as long as nothing else in the database uses it.
const LOCK: &str = "SELECT pg_advisory_xact_lock(7308604759847134)";

impl Setup {
    /// The setup of this gateway.
    pub fn new(kernel: Arc<Kernel>) -> Self {
        Self { kernel }
    }

    /// Makes the first account, its administrator and its token; `None` when an account exists.
    /// Of several nodes that start together, one makes them.
    ///
    /// # Errors
    /// Database errors.
    pub async fn first_start(&self) -> Result<Option<FirstStart>> {
        if repo::any(self.kernel.db.read()).await? {
            return Ok(None);
        }
        transact!(self.kernel, |tx| self.make_first(tx).await).await
    }

    async fn make_first(&self, tx: &DatabaseTransaction) -> Result<Option<FirstStart>> {
        // A SQLite transaction that writes is alone from its start.
        if self.kernel.db.dialect() == Dialect::Postgres {
            tx.execute_unprepared(LOCK).await?;
        }
        if repo::any(tx).await? {
            return Ok(None);
        }
        let account = repo::insert(tx, self.kernel.now(), "Gatewright", "en").await?;
        let create = UserCreate {
            account_id: account.id,
            email: "admin@gatewright.local".to_owned(),
            name: "Administrator".to_owned(),
            password: None,
            role: Role::Administrator,
        };
        let created = users::create(&self.kernel, tx, &create, None).await?;
        Ok(Some(FirstStart {
            account,
            user: created.user,
            token: created.token,
        }))
    }

    /// The installation's id: 8 random base58 characters, made once.
    ///
    /// # Errors
    /// Database errors.
    pub async fn installation_id(&self) -> Result<String> {
        let mut candidate = self.kernel.random.token();
        candidate.truncate(8);
        self.remember("id", candidate).await
    }

    /// Checks that the stored secrets were sealed under this master key, and remembers the key's
    /// fingerprint the first time.
    ///
    /// # Errors
    /// [`Error::Unprocessable`] naming `secrets.master_key` when it is another key.
    pub async fn check_master_key(&self) -> Result<()> {
        let own = self.kernel.cipher.fingerprint();
        let stored = self
            .remember("master_key_fingerprint", own.to_owned())
            .await?;
        if stored == own {
            return Ok(());
        }
        Err(Error::Unprocessable(format!(
            "secrets.master_key is not the key that the secrets in this database were sealed \
             under (fingerprint {own} instead of {stored}): configure the earlier key"
        )))
    }

    /// The stored fact of this name; `candidate` becomes it when there is none.
    async fn remember(&self, name: &str, candidate: String) -> Result<String> {
        let stored = installation::Entity::find_by_id(name)
            .one(self.kernel.db.read())
            .await?;
        if let Some(row) = stored {
            return Ok(row.value);
        }
        let row = installation::ActiveModel {
            name: Set(name.to_owned()),
            value: Set(candidate),
        };
        transact!(self.kernel, |tx| {
            installation::Entity::insert(row.clone())
                .on_conflict(OnConflict::new().do_nothing().to_owned())
                .exec_without_returning(tx)
                .await?;
            let row = installation::Entity::find_by_id(name).one(tx).await?;
            row.map(|row| row.value)
                .ok_or_else(|| Error::internal("a fact was not stored"))
        })
        .await
    }
}

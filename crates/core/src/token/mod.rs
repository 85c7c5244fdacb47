//! Tokens of the API: one for each user, looked up by hash, kept sealed.

pub(crate) mod repo;

use crate::account::Operator;
use crate::error::{Error, Result};
use crate::ids::{TokenId, UserId};
use crate::time::Timestamp;
use crate::transaction::transact;
use crate::user;

/// A token, without the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its id; a reset keeps it.
    pub id: TokenId,
    /// Whose it is.
    pub user_id: UserId,
    /// When it was made or last reset.
    pub created_at: Timestamp,
}

impl Operator {
    /// The user's token, in clear; made when it has none.
    ///
    /// # Errors
    /// [`Error::NotFound`] without such a user.
    pub async fn token_create(&self, user: UserId) -> Result<String> {
        transact!(self.kernel, |tx| {
            user::repo::find(tx, user).await?.ok_or(Error::NotFound)?;
            repo::of_user_or_new(&self.kernel, tx, user).await
        })
        .await
    }

    /// Every user's token, by id.
    ///
    /// # Errors
    /// Database errors.
    pub async fn token_list(&self) -> Result<Vec<Token>> {
        repo::all(self.kernel.db.read()).await
    }

    /// Gives the user a new token, in clear. The old one is refused at once on this node, on others
    /// within [`crate::CoreConfig::cache_ttl`].
    ///
    /// # Errors
    /// [`Error::NotFound`] without such a user.
    pub async fn token_reset(&self, user: UserId) -> Result<String> {
        let token = transact!(self.kernel, |tx| {
            user::repo::find(tx, user).await?.ok_or(Error::NotFound)?;
            repo::of_user_or_new(&self.kernel, tx, user).await?;
            repo::reset(&self.kernel, tx, user).await
        })
        .await?;
        self.kernel.caches.principals.invalidate_all();
        Ok(token)
    }
}

//! Tokens of the API: one for each user, looked up by hash, kept sealed.

use crate::account::Operator;
use crate::error::{Error, Result};
use crate::ids::{TokenId, UserId};
use crate::time::Timestamp;

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
        let _ = user;
        Err(Error::internal("not written"))
    }

    /// Every user's token, by id.
    ///
    /// # Errors
    /// Database errors.
    pub async fn token_list(&self) -> Result<Vec<Token>> {
        Err(Error::internal("not written"))
    }

    /// Gives the user a new token, in clear. The old one is refused at once on this node, on others
    /// within [`crate::CoreConfig::cache_ttl`].
    ///
    /// # Errors
    /// [`Error::NotFound`] without such a user.
    pub async fn token_reset(&self, user: UserId) -> Result<String> {
        let _ = user;
        Err(Error::internal("not written"))
    }
}

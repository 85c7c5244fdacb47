//! Users: agents and administrators, and their own profile.

use std::sync::Arc;

use crate::account::Operator;
use crate::caller::Principal;
use crate::error::{Error, Result};
use crate::ids::{AccountId, UserId};
use crate::kernel::Kernel;
use crate::model::{Role, User};

/// A user to make.
#[derive(Debug, Clone)]
pub struct UserCreate {
    /// The account it works in.
    pub account_id: AccountId,
    /// Its address; a user who has it already is added to the account.
    pub email: String,
    /// Its name.
    pub name: String,
    /// Its password; without one it has only its token.
    pub password: Option<String>,
    /// What it may do in the account.
    pub role: Role,
}

/// A user that was made or added to an account.
#[derive(Debug, Clone)]
pub struct UserCreated {
    /// The user.
    pub user: User,
    /// Its token, in clear.
    pub token: String,
}

impl Operator {
    /// Makes a user with a token, or adds an existing one to the account.
    ///
    /// # Errors
    /// [`Error::NotFound`] without such an account; [`Error::Invalid`] with the contract's texts.
    pub async fn user_create(&self, create: UserCreate) -> Result<UserCreated> {
        let _ = create;
        Err(Error::internal("not written"))
    }

    /// The users of an account, by name.
    ///
    /// # Errors
    /// [`Error::NotFound`] without such an account.
    pub async fn user_list(&self, account: AccountId) -> Result<Vec<User>> {
        let _ = account;
        Err(Error::internal("not written"))
    }

    /// Gives a user a new password.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Invalid`] for a password that is too short or too long.
    pub async fn user_reset_password(&self, user: UserId, password: &str) -> Result<()> {
        let _ = (user, password);
        Err(Error::internal("not written"))
    }
}

/// A user's view of itself (contract, section 4.7).
#[derive(Debug, Clone)]
pub struct Profile {
    /// The user, with its accounts.
    pub user: User,
    /// Its token, in clear: the contract shows it.
    pub access_token: String,
}

/// Profiles.
#[derive(Clone)]
pub struct Profiles {
    kernel: Arc<Kernel>,
}

impl Profiles {
    /// The profiles of this gateway.
    pub fn new(kernel: Arc<Kernel>) -> Self {
        Self { kernel }
    }

    /// The caller's own profile, read fresh.
    ///
    /// # Errors
    /// Database errors.
    pub async fn show(&self, principal: &Principal) -> Result<Profile> {
        let _ = (&self.kernel, principal);
        Err(Error::internal("not written"))
    }
}

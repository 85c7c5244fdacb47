//! Users: agents and administrators, and their own profile.

mod agents;
mod password;
mod profile;
pub(crate) mod repo;
#[cfg(test)]
mod tests;

use crate::account::{self, Operator};
use crate::error::{Error, Result};
use crate::ids::{AccountId, UserId};
use crate::model::{Role, User};
use crate::transaction::transact;
use crate::validate::{Violations, is_email};

pub use agents::Agents;
pub use profile::{NewPassword, Profile, ProfileChange, Profiles};
pub(crate) use repo::{from_rows, membership, reference, require_member, set_active};

/// A user to make.
#[derive(Debug, Clone)]
pub struct UserCreate {
    /// The account it works in.
    pub account_id: AccountId,
    /// Its address; a user who has it already is added to the account.
    pub email: String,
    /// Its name.
    pub name: String,
    /// Its password, 6 to 128 characters; without one it has only its token.
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
    /// Makes a user with a token, or adds an existing one, unchanged, to the account.
    ///
    /// # Errors
    /// [`Error::NotFound`] without such an account; [`Error::Invalid`] with the contract's texts.
    pub async fn user_create(&self, create: UserCreate) -> Result<UserCreated> {
        let create = checked(create)?;
        let hash = match &create.password {
            Some(password) => Some(password::hash(&self.kernel, password).await?),
            None => None,
        };
        let created = transact!(self.kernel, |tx| {
            account::repo::find(tx, create.account_id)
                .await?
                .ok_or(Error::NotFound)?;
            repo::create(&self.kernel, tx, &create, hash.clone()).await
        })
        .await?;
        self.kernel.caches.principals.invalidate_all();
        Ok(created)
    }

    /// The users of an account, by name.
    ///
    /// # Errors
    /// [`Error::NotFound`] without such an account.
    pub async fn user_list(&self, account: AccountId) -> Result<Vec<User>> {
        let conn = self.kernel.db.read();
        account::repo::find(conn, account)
            .await?
            .ok_or(Error::NotFound)?;
        repo::of_account(conn, account).await
    }

    /// Gives a user a new password.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Invalid`] for a password that is too short or too long.
    pub async fn user_reset_password(&self, user: UserId, password: &str) -> Result<()> {
        let mut violations = Violations::default();
        password::check(&mut violations, password);
        violations.check()?;
        let hash = password::hash(&self.kernel, password).await?;
        let now = self.kernel.now();
        let found = transact!(self.kernel, |tx| {
            repo::set_password(tx, user, hash.clone(), now).await
        })
        .await?;
        if found { Ok(()) } else { Err(Error::NotFound) }
    }
}

fn checked(mut create: UserCreate) -> Result<UserCreate> {
    create.email = create.email.trim().to_lowercase();
    create.name = create.name.trim().to_owned();
    let mut violations = Violations::default();
    violations.required("email", &create.email);
    if !create.email.is_empty() && !is_email(&create.email) {
        violations.add("email", "is invalid");
    }
    violations.max_chars("email", &create.email, 255);
    violations.required("name", &create.name);
    violations.max_chars("name", &create.name, 255);
    if let Some(password) = &create.password {
        password::check(&mut violations, password);
    }
    violations.check()?;
    Ok(create)
}

use std::sync::Arc;

use gatewright_store::entity::{account_users, users};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, DatabaseTransaction};
use serde_json::{Map, Value};

use super::{password, repo};
use crate::caller::Principal;
use crate::error::{Error, Result};
use crate::ids::{AccountId, UserId};
use crate::kernel::Kernel;
use crate::model::User;
use crate::time::Timestamp;
use crate::token;
use crate::transaction::transact;
use crate::validate::{Violations, is_email, present};

/// Longest `ui_settings`, in bytes of JSON: they are read with every profile.
const UI_SETTINGS_MAX: usize = 65_536;

/// What a user may choose to show, by their stored numbers.
const AVAILABILITY: [&str; 3] = ["online", "offline", "busy"];

/// A user's view of itself (contract, section 4.7). It has no `hmac_identifier`: that is the hash
/// for the makers' own support widget.
#[derive(Debug, Clone)]
pub struct Profile {
    /// The user, with its accounts.
    pub user: User,
    /// Its token, in clear: the contract shows it.
    pub access_token: String,
}

/// What a user says of itself. Absent (`None`) leaves the value as it is; `Some(None)` clears it.
#[derive(Clone, Default)]
pub struct ProfileChange {
    /// Its name, at most 255 characters.
    pub name: Option<String>,
    /// The name shown to contacts.
    pub display_name: Option<Option<String>>,
    /// Its address; there is no mail that would confirm it, so it counts at once.
    pub email: Option<String>,
    /// Text under its messages.
    pub message_signature: Option<Option<String>>,
    /// Settings of its screens, in place of the earlier ones.
    pub ui_settings: Option<Map<String, Value>>,
    /// Kept among its own attributes.
    pub phone_number: Option<Option<String>>,
    /// A new password, 6 to 128 characters; its live stream gets a new credential, too.
    pub password: Option<NewPassword>,
}

/// A new password, and the proof that the user may set it.
#[derive(Clone)]
pub struct NewPassword {
    /// The new one.
    pub password: String,
    /// The new one once more, where the request has it.
    pub confirmation: Option<String>,
    /// The one that counted so far.
    pub current: String,
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
    /// [`Error::NotFound`] when the user or its token is gone meanwhile.
    pub async fn show(&self, principal: &Principal) -> Result<Profile> {
        let conn = self.kernel.db.read();
        let user = repo::find(conn, principal.user.id)
            .await?
            .ok_or(Error::NotFound)?;
        let token = token::repo::of_user(conn, user.id)
            .await?
            .ok_or(Error::NotFound)?;
        let access_token = token::repo::open(&self.kernel, &token)?;
        Ok(Profile { user, access_token })
    }

    /// Changes what is given.
    ///
    /// # Errors
    /// [`Error::Unprocessable`] `Invalid current password`; [`Error::Invalid`] names what is wrong.
    pub async fn update(&self, principal: &Principal, change: ProfileChange) -> Result<Profile> {
        let user = principal.user.id;
        self.prove(user, &change).await?;
        let change = change.checked()?;
        let hash = match &change.password {
            Some(new) => Some(password::hash(&self.kernel, &new.password).await?),
            None => None,
        };
        transact!(self.kernel, |tx| self
            .write(tx, user, &change, hash.as_ref())
            .await)
        .await?;
        // They carry the user's name.
        self.kernel.caches.principals.invalidate_all();
        self.show(principal).await
    }

    /// Sets what the user shows in an account: `online`, `offline` or `busy`.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an account that it is not in; [`Error::Unprocessable`] for another
    /// word.
    pub async fn set_availability(
        &self,
        principal: &Principal,
        account: AccountId,
        availability: &str,
    ) -> Result<Profile> {
        let code = code_of(availability)?;
        self.change_membership(principal, account, |row| row.availability = Set(code))
            .await?;
        self.show(principal).await
    }

    /// Sets whether the user shows offline in an account while it has no live stream.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an account that it is not in.
    pub async fn set_auto_offline(
        &self,
        principal: &Principal,
        account: AccountId,
        auto_offline: bool,
    ) -> Result<Profile> {
        self.change_membership(principal, account, |row| {
            row.auto_offline = Set(auto_offline);
        })
        .await?;
        self.show(principal).await
    }

    /// Remembers the account that the user works in now.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an account that it is not in.
    pub async fn set_active_account(
        &self,
        principal: &Principal,
        account: AccountId,
    ) -> Result<()> {
        let now = self.kernel.now();
        self.change_membership(principal, account, |row| row.active_at = Set(Some(now.0)))
            .await
    }

    /// Gives the user a new token. The old one is refused at once on this node, on others within
    /// [`crate::CoreConfig::cache_ttl`].
    ///
    /// # Errors
    /// [`Error::NotFound`] when the token is gone meanwhile.
    pub async fn reset_access_token(&self, principal: &Principal) -> Result<Profile> {
        let user = principal.user.id;
        transact!(self.kernel, |tx| {
            token::repo::reset(&self.kernel, tx, user).await
        })
        .await?;
        self.kernel.caches.principals.invalidate_all();
        self.show(principal).await
    }

    /// That the user knows its password, if it wants another one. Who has none cannot know it.
    async fn prove(&self, user: UserId, change: &ProfileChange) -> Result<()> {
        let Some(new) = &change.password else {
            return Ok(());
        };
        let stored = repo::password_hash(self.kernel.db.read(), user).await?;
        let known = match stored {
            Some(hash) => password::verify(hash, &new.current).await?,
            None => false,
        };
        if known {
            Ok(())
        } else {
            Err(Error::Unprocessable("Invalid current password".to_owned()))
        }
    }

    async fn write(
        &self,
        tx: &DatabaseTransaction,
        user: UserId,
        change: &ProfileChange,
        hash: Option<&String>,
    ) -> Result<()> {
        let row = repo::lock(tx, user).await?.ok_or(Error::NotFound)?;
        let mut row = change.apply(row, self.kernel.now());
        if let Some(hash) = hash {
            row.password_hash = Set(Some(hash.clone()));
            row.pubsub_token = Set(self.kernel.random.token());
        }
        match row.update(tx).await {
            Ok(_) => Ok(()),
            Err(error) if gatewright_store::unique_violation(&error).is_some() => {
                Err(Error::invalid("email", "has already been taken"))
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn change_membership(
        &self,
        principal: &Principal,
        account: AccountId,
        change: impl Fn(&mut account_users::ActiveModel) + Sync,
    ) -> Result<()> {
        let (user, now) = (principal.user.id, self.kernel.now());
        transact!(self.kernel, |tx| {
            let row = repo::lock_membership(tx, account, user).await?;
            let mut row: account_users::ActiveModel = row.into();
            change(&mut row);
            row.updated_at = Set(now.0);
            row.update(tx).await?;
            Ok(())
        })
        .await?;
        self.kernel.caches.principals.invalidate_all();
        Ok(())
    }
}

fn code_of(availability: &str) -> Result<i16> {
    let known = AVAILABILITY.iter().position(|name| *name == availability);
    known
        .and_then(|code| i16::try_from(code).ok())
        .ok_or_else(|| {
            let shown: String = availability.chars().take(100).collect();
            Error::Unprocessable(format!("'{shown}' is not a valid availability"))
        })
}

impl ProfileChange {
    fn checked(mut self) -> Result<Self> {
        self.name = self.name.map(|name| name.trim().to_owned());
        self.email = self.email.map(|email| email.trim().to_lowercase());
        let mut violations = Violations::default();
        if let Some(name) = &self.name {
            violations.required("name", name);
            violations.max_chars("name", name, 255);
        }
        if let Some(email) = &self.email {
            violations.required("email", email);
            if !email.is_empty() && !is_email(email) {
                violations.add("email", "is invalid");
            }
            violations.max_chars("email", email, 255);
        }
        for (name, given, max) in [
            ("display_name", &self.display_name, 255),
            ("message_signature", &self.message_signature, 20_000),
            ("phone_number", &self.phone_number, 255),
        ] {
            let text = given.as_ref().and_then(Option::as_deref);
            violations.max_chars(name, text.unwrap_or_default(), max);
        }
        self.check_settings(&mut violations);
        if let Some(new) = &self.password {
            new.check(&mut violations);
        }
        violations.check()?;
        Ok(self)
    }

    fn check_settings(&self, violations: &mut Violations) {
        let Some(settings) = &self.ui_settings else {
            return;
        };
        let length = Value::Object(settings.clone()).to_string().len();
        if length > UI_SETTINGS_MAX {
            violations.add(
                "ui_settings",
                format!("is too long (maximum is {UI_SETTINGS_MAX} bytes)"),
            );
        }
    }

    fn apply(&self, row: users::Model, now: Timestamp) -> users::ActiveModel {
        let mut attributes = row.custom_attributes.clone();
        let mut row: users::ActiveModel = row.into();
        if let Some(name) = &self.name {
            row.name = Set(name.clone());
        }
        if let Some(display_name) = &self.display_name {
            row.display_name = Set(present(display_name.clone()));
        }
        if let Some(email) = &self.email {
            row.email = Set(email.clone());
        }
        if let Some(signature) = &self.message_signature {
            row.message_signature = Set(signature.clone());
        }
        if let Some(settings) = &self.ui_settings {
            row.ui_settings = Set(Value::Object(settings.clone()));
        }
        if let (Some(phone), Some(map)) = (&self.phone_number, attributes.as_object_mut()) {
            match present(phone.clone()) {
                Some(phone) => drop(map.insert("phone_number".to_owned(), phone.into())),
                None => drop(map.remove("phone_number")),
            }
            row.custom_attributes = Set(attributes);
        }
        row.updated_at = Set(now.0);
        row
    }
}

impl NewPassword {
    fn check(&self, violations: &mut Violations) {
        password::check(violations, &self.password);
        let confirmation = self.confirmation.as_ref();
        if confirmation.is_some_and(|again| *again != self.password) {
            violations.add("password_confirmation", "doesn't match Password");
        }
    }
}

//! Who calls.

use crate::channel;
use crate::error::{Denied, Error, Result};
use crate::event::{Origin, OriginKind};
use crate::idempotency::Claim;
use crate::ids::{AccountId, TokenId};
use crate::model::{AccountRef, Membership, Role, User, UserRef};

/// A token's owner, before it enters an account.
#[derive(Debug, Clone)]
pub struct Principal {
    /// The token that was presented.
    pub token_id: TokenId,
    /// Whose it is.
    pub user: User,
}

/// A principal inside an account: what every tenant use case takes first.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The account.
    pub account: AccountRef,
    /// Language of its system texts.
    pub role: Role,
    /// The token that was presented.
    pub token_id: TokenId,
    /// The user.
    pub user: UserRef,
    /// The right to carry out this very request, when it came with an `Idempotency-Key`.
    pub claim: Option<Claim>,
}

impl Caller {
    /// Lets a principal into an account.
    ///
    /// # Errors
    /// [`Denied::Suspended`] and [`Denied::NotMember`]. That the account exists is checked before.
    pub fn enter(principal: &Principal, membership: &Membership) -> Result<Self> {
        if membership.account_status != crate::model::AccountStatus::Active {
            return Err(Error::Denied(Denied::Suspended));
        }
        Ok(Self {
            account: AccountRef {
                id: membership.account_id,
                name: membership.account_name.clone(),
            },
            role: membership.role,
            token_id: principal.token_id,
            user: principal.user.to_ref(),
            claim: None,
        })
    }

    /// The caller of a request that came with an `Idempotency-Key`.
    #[must_use]
    pub fn with_claim(self, claim: Option<Claim>) -> Self {
        Self { claim, ..self }
    }

    /// Lets a principal into one of its own accounts; others do not exist for it (contract,
    /// section 1.3).
    ///
    /// # Errors
    /// [`Error::NotFound`] and [`Denied::Suspended`].
    pub fn enter_own(principal: &Principal, account: AccountId) -> Result<Self> {
        let mut memberships = principal.user.memberships.iter();
        let membership = memberships.find(|membership| membership.account_id == account);
        Self::enter(principal, membership.ok_or(Error::NotFound)?)
    }

    /// The account's id.
    pub fn account_id(&self) -> AccountId {
        self.account.id
    }

    /// Whether the caller sees every inbox and may change the account.
    pub fn is_administrator(&self) -> bool {
        self.role == Role::Administrator
    }

    /// Lets administrators through.
    ///
    /// # Errors
    /// [`Denied::Policy`] for everybody else.
    pub fn require_administrator(&self) -> Result<()> {
        if self.is_administrator() {
            Ok(())
        } else {
            Err(Error::Denied(Denied::Policy))
        }
    }

    /// The origin of events that the caller makes happen.
    pub fn origin(&self, echo_id: Option<String>) -> Origin {
        Origin {
            kind: OriginKind::Api,
            token_id: Some(self.token_id),
            user_id: Some(self.user.id),
            echo_id,
        }
    }

    /// The caller as channels are told of it.
    pub fn to_channel(&self) -> channel::Principal {
        channel::Principal {
            kind: "user".to_owned(),
            id: self.user.id.get(),
            name: self.user.name.clone(),
        }
    }
}

//! Extractors: who calls.

use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use gatewright_core::access::Access;
use gatewright_core::ids::AccountId;
use gatewright_core::{Caller, Principal};
use http::request::Parts;
use serde::Deserialize;

use crate::error::ApiError;
use crate::params::Ids;
use crate::token::api_access_token;

/// The owner of the token, before it enters an account.
#[derive(Debug, Clone)]
pub(crate) struct Authenticated(pub(crate) Arc<Principal>);

impl<S> FromRequestParts<S> for Authenticated
where
    S: Send + Sync,
    Access: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let access = Access::from_ref(state);
        Ok(Self(
            access
                .authenticate(api_access_token(&parts.headers))
                .await?,
        ))
    }
}

/// The owner of the token inside the account of the path.
#[derive(Debug, Clone)]
pub(crate) struct InAccount(pub(crate) Caller);

#[derive(Deserialize)]
struct AccountPath {
    account_id: i64,
}

impl<S> FromRequestParts<S> for InAccount
where
    S: Send + Sync,
    Access: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Authenticated(principal) = Authenticated::from_request_parts(parts, state).await?;
        let Ids(path) = Ids::<AccountPath>::from_request_parts(parts, state).await?;
        let access = Access::from_ref(state);
        Ok(Self(
            access.enter(&principal, AccountId(path.account_id)).await?,
        ))
    }
}

/// The owner of the token inside one of its own accounts. Another account is not found, while
/// [`InAccount`] refuses it: so says the contract of the account itself.
#[derive(Debug, Clone)]
pub(crate) struct InOwnAccount(pub(crate) Caller);

impl<S> FromRequestParts<S> for InOwnAccount
where
    S: Send + Sync,
    Access: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Authenticated(principal) = Authenticated::from_request_parts(parts, state).await?;
        let Ids(path) = Ids::<AccountPath>::from_request_parts(parts, state).await?;
        Ok(Self(Caller::enter_own(
            &principal,
            AccountId(path.account_id),
        )?))
    }
}

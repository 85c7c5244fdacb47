//! Tokens and their rows.

use gatewright_store::entity::access_tokens;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
    QueryOrder,
};

use super::Token;
use crate::cipher::sha256_hex;
use crate::error::{Error, Result};
use crate::ids::{TokenId, UserId};
use crate::kernel::Kernel;
use crate::time::Timestamp;

/// The stored number of tokens that belong to users.
pub(crate) const OWNER_USER: i16 = 0;

const CONTEXT: &str = "access_token";

pub(crate) async fn of_user(
    conn: &impl ConnectionTrait,
    user: UserId,
) -> Result<Option<access_tokens::Model>> {
    let found = access_tokens::Entity::find()
        .filter(access_tokens::Column::OwnerKind.eq(OWNER_USER))
        .filter(access_tokens::Column::OwnerId.eq(user.get()))
        .one(conn)
        .await?;
    Ok(found)
}

/// The token in clear.
pub(crate) fn open(kernel: &Kernel, row: &access_tokens::Model) -> Result<String> {
    kernel.cipher.open(CONTEXT, &row.token_sealed)
}

/// The user's token in clear, made when it has none.
pub(crate) async fn of_user_or_new(
    kernel: &Kernel,
    conn: &impl ConnectionTrait,
    user: UserId,
) -> Result<String> {
    let token = kernel.random.token();
    let row = access_tokens::ActiveModel {
        owner_kind: Set(OWNER_USER),
        owner_id: Set(user.get()),
        token_hash: Set(sha256_hex(token.as_bytes())),
        token_sealed: Set(kernel.cipher.seal(CONTEXT, &token)),
        created_at: Set(kernel.now().0),
        ..Default::default()
    };
    access_tokens::Entity::insert(row)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(conn)
        .await?;
    let row = of_user(conn, user).await?;
    open(
        kernel,
        &row.ok_or_else(|| Error::internal("a token was not stored"))?,
    )
}

/// Replaces the user's token.
pub(crate) async fn reset(
    kernel: &Kernel,
    conn: &impl ConnectionTrait,
    user: UserId,
) -> Result<String> {
    let token = kernel.random.token();
    let row = of_user(conn, user).await?.ok_or(Error::NotFound)?;
    let mut row: access_tokens::ActiveModel = row.into();
    row.token_hash = Set(sha256_hex(token.as_bytes()));
    row.token_sealed = Set(kernel.cipher.seal(CONTEXT, &token));
    row.created_at = Set(kernel.now().0);
    row.update(conn).await?;
    Ok(token)
}

pub(super) async fn all(conn: &impl ConnectionTrait) -> Result<Vec<Token>> {
    let rows = access_tokens::Entity::find()
        .filter(access_tokens::Column::OwnerKind.eq(OWNER_USER))
        .order_by_asc(access_tokens::Column::Id)
        .all(conn)
        .await?;
    let token = |row: access_tokens::Model| Token {
        id: TokenId(row.id),
        user_id: UserId(row.owner_id),
        created_at: Timestamp(row.created_at),
    };
    Ok(rows.into_iter().map(token).collect())
}

use anyhow::Context;
use gatewright::Operations;
use gatewright::core::ids::UserId;
use serde_json::json;

use crate::cli::Token;
use crate::output;

pub(crate) async fn run(operations: &Operations, command: &Token) -> anyhow::Result<()> {
    let operator = operations.operator();
    let (token, user) = match command {
        Token::Create(of) => (operator.token_create(UserId(of.user)).await, of.user),
        Token::Reset(of) => (operator.token_reset(UserId(of.user)).await, of.user),
        Token::List(list) => {
            let tokens = operator.token_list().await?;
            let row = |token: &gatewright::core::token::Token| {
                vec![
                    json!(token.id),
                    json!(token.user_id),
                    json!(token.created_at.iso()),
                ]
            };
            let rows: Vec<_> = tokens.iter().map(row).collect();
            return output::rows(&["id", "user_id", "created_at"], &rows, list.json);
        }
    };
    output::line(&token.with_context(|| format!("user {user}"))?)
}

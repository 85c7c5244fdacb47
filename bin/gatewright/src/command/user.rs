use anyhow::Context;
use gatewright::Operations;
use gatewright::core::ids::{AccountId, UserId};
use gatewright::core::model::{self, Role};
use gatewright::core::user;
use serde_json::{Value, json};

use crate::cli::{RoleName, User, UserCreate};
use crate::output;

pub(crate) async fn run(operations: &Operations, command: &User) -> anyhow::Result<()> {
    let operator = operations.operator();
    match command {
        User::Create(create) => make(operations, create).await,
        User::List { account, list } => {
            let account = AccountId(*account);
            let users = operator.user_list(account).await;
            let users = users.with_context(|| format!("account {account}"))?;
            let rows: Vec<_> = users.iter().map(|user| row(user, account)).collect();
            output::rows(&["id", "name", "email", "role"], &rows, list.json)
        }
        User::Reset { id } => {
            let password = output::input_line()?;
            let reset = operator.user_reset_password(UserId(*id), &password).await;
            reset.with_context(|| format!("user {id}"))?;
            output::line(&format!("user {id} has a new password"))
        }
    }
}

async fn make(operations: &Operations, create: &UserCreate) -> anyhow::Result<()> {
    let password = create.password_stdin.then(output::input_line).transpose()?;
    let made = operations
        .operator()
        .user_create(user::UserCreate {
            account_id: AccountId(create.account),
            email: create.email.clone(),
            name: create.name.clone(),
            password,
            role: match create.role {
                RoleName::Agent => Role::Agent,
                RoleName::Administrator => Role::Administrator,
            },
        })
        .await?;
    output::line(&format!("user {} made, token {}", made.user.id, made.token))
}

fn row(user: &model::User, account: AccountId) -> Vec<Value> {
    let membership = user
        .memberships
        .iter()
        .find(|membership| membership.account_id == account);
    vec![
        json!(user.id),
        json!(user.name),
        json!(user.email),
        json!(membership.map(|membership| membership.role)),
    ]
}

use anyhow::Context;
use gatewright::Operations;
use gatewright::core::ids::AccountId;
use gatewright::core::model;
use serde_json::{Value, json};

use crate::cli::Account;
use crate::output;

pub(crate) async fn run(operations: &Operations, command: &Account) -> anyhow::Result<()> {
    let operator = operations.operator();
    match command {
        Account::Create { name, locale } => {
            let account = operator.account_create(name, locale).await?;
            output::line(&format!("account {} made", account.id))
        }
        Account::List(list) => {
            let accounts = operator.account_list().await?;
            let rows: Vec<_> = accounts.iter().map(row).collect();
            output::rows(
                &["id", "name", "locale", "status", "created_at"],
                &rows,
                list.json,
            )
        }
        Account::Suspend { id } => {
            let account = operator.account_suspend(AccountId(*id)).await;
            account.with_context(|| format!("account {id}"))?;
            output::line(&format!("account {id} suspended"))
        }
        Account::Activate { id } => {
            let account = operator.account_activate(AccountId(*id)).await;
            account.with_context(|| format!("account {id}"))?;
            output::line(&format!("account {id} active"))
        }
    }
}

fn row(account: &model::Account) -> Vec<Value> {
    vec![
        json!(account.id),
        json!(account.name),
        json!(account.locale),
        json!(account.status),
        json!(account.created_at.iso()),
    ]
}

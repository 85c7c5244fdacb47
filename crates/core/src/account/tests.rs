use std::sync::Arc;

use super::Setup;
use crate::error::Error;
use crate::model::{AccountStatus, Role};
use crate::testing::World;

#[tokio::test]
async fn accounts_are_made_listed_and_suspended() {
    let world = World::new().await;
    let operator = world.operator();
    let made = operator.account_create(" Acme ", "pt_BR").await.unwrap();
    assert_eq!(
        (made.name.as_str(), made.status),
        ("Acme", AccountStatus::Active)
    );
    let suspended = operator.account_suspend(made.id).await.unwrap();
    assert_eq!(suspended.status, AccountStatus::Suspended);
    assert_eq!(operator.account_list().await.unwrap(), [suspended]);
    let absent = operator.account_suspend(crate::ids::AccountId(77)).await;
    assert!(matches!(absent, Err(Error::NotFound)));
}

#[tokio::test]
async fn bad_names_and_locales_are_refused() {
    let world = World::new().await;
    let text = world
        .operator()
        .account_create(" ", "English")
        .await
        .unwrap_err()
        .to_string();
    assert!(
        text.contains("Name can't be blank") && text.contains("Locale must be"),
        "{text}"
    );
}

#[tokio::test]
async fn nodes_that_start_together_make_one_administrator() {
    let world = World::new().await;
    let mut starts = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let setup = Setup::new(world.second_node([7; 32]).await);
        starts.spawn(async move { setup.first_start().await.unwrap() });
    }
    let made: Vec<_> = starts.join_all().await.into_iter().flatten().collect();
    assert_eq!(made.len(), 1);
    let access = crate::access::Access::new(Arc::clone(&world.kernel));
    let principal = access.authenticate(Some(&made[0].token)).await.unwrap();
    let caller = access.enter(&principal, made[0].account.id).await.unwrap();
    assert_eq!(caller.role, Role::Administrator);
    assert_eq!(world.operator().account_list().await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_installation_has_one_id() {
    let world = World::new().await;
    let first = Setup::new(Arc::clone(&world.kernel))
        .installation_id()
        .await
        .unwrap();
    let second = Setup::new(world.second_node([7; 32]).await)
        .installation_id()
        .await
        .unwrap();
    assert_eq!(first.len(), 8);
    assert_eq!(first, second);
}

#[tokio::test]
async fn another_master_key_is_refused_by_its_setting() {
    let world = World::new().await;
    let setup = Setup::new(Arc::clone(&world.kernel));
    setup.check_master_key().await.unwrap();
    setup.check_master_key().await.unwrap();
    let other = Setup::new(world.second_node([8; 32]).await);
    let text = other.check_master_key().await.unwrap_err().to_string();
    assert!(text.starts_with("secrets.master_key"), "{text}");
}

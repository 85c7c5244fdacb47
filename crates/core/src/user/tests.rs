use std::sync::Arc;
use std::sync::atomic::Ordering;

use argon2::{Argon2, PasswordVerifier as _};
use gatewright_store::entity::users;
use sea_orm::EntityTrait;
use serde_json::json;

use super::{Agents, Profiles, UserCreate};
use crate::access::Access;
use crate::error::Error;
use crate::ids::{AccountId, UserId};
use crate::inbox::Inboxes;
use crate::label::{LabelChange, Labels};
use crate::model::Role;
use crate::testing::World;

fn ana(account_id: AccountId) -> UserCreate {
    UserCreate {
        account_id,
        email: " Ana@Example.com ".to_owned(),
        name: "Ana".to_owned(),
        password: None,
        role: Role::Agent,
    }
}

#[tokio::test]
async fn a_user_is_in_an_account_once() {
    let world = World::new().await;
    let account = world.account("Acme").await;
    let created = world.operator().user_create(ana(account.id)).await.unwrap();
    assert_eq!(created.user.email, "ana@example.com");
    let again = world
        .operator()
        .user_create(ana(account.id))
        .await
        .unwrap_err();
    assert_eq!(again.to_string(), "User has already been taken");
    let nowhere = world.operator().user_create(ana(AccountId(77))).await;
    assert!(matches!(nowhere, Err(Error::NotFound)));
    assert_eq!(
        world.operator().user_list(account.id).await.unwrap(),
        [created.user]
    );
    assert_eq!(world.operator().token_list().await.unwrap().len(), 1);
}

#[tokio::test]
async fn everything_wrong_with_a_user_is_named() {
    let world = World::new().await;
    let account = world.account("Acme").await;
    let create = UserCreate {
        email: "ana".to_owned(),
        name: String::new(),
        password: Some("short".to_owned()),
        ..ana(account.id)
    };
    assert_eq!(
        world
            .operator()
            .user_create(create)
            .await
            .unwrap_err()
            .to_string(),
        "Email is invalid, Name can't be blank, Password is too short (minimum is 6 characters)"
    );
}

#[tokio::test]
async fn passwords_are_kept_as_argon2id() {
    let world = World::new().await;
    let account = world.account("Acme").await;
    let created = world.operator().user_create(ana(account.id)).await.unwrap();
    world
        .operator()
        .user_reset_password(created.user.id, "correct horse")
        .await
        .unwrap();
    let absent = world
        .operator()
        .user_reset_password(UserId(77), "correct horse")
        .await;
    assert!(matches!(absent, Err(Error::NotFound)));

    let row = users::Entity::find_by_id(created.user.id.get())
        .one(world.kernel.db.read())
        .await
        .unwrap()
        .unwrap();
    let stored = row.password_hash.unwrap();
    assert!(stored.starts_with("$argon2id$"), "{stored}");
    Argon2::default()
        .verify_password(b"correct horse", stored.as_str())
        .unwrap();
    assert!(
        Argon2::default()
            .verify_password(b"wrong horse", stored.as_str())
            .is_err()
    );
}

#[tokio::test]
async fn a_profile_shows_its_own_token() {
    let world = World::new().await;
    let account = world.account("Acme").await;
    let created = world.operator().user_create(ana(account.id)).await.unwrap();
    let access = Access::new(Arc::clone(&world.kernel));
    let principal = access.authenticate(Some(&created.token)).await.unwrap();
    let profile = Profiles::new(Arc::clone(&world.kernel))
        .show(&principal)
        .await
        .unwrap();
    assert_eq!(profile.access_token, created.token);
    assert_eq!(profile.user, created.user);
}

#[tokio::test]
async fn people_and_labels_are_listed_by_one_query_each() {
    let world = World::new().await;
    let account = world.account("Acme").await;
    let owner = world.caller(&account, Role::Administrator).await;
    let inbox = world.inbox(&owner, "relay", json!({})).await.inbox;
    let (kernel, statements) = world.counting_node().await;
    let agents = Agents::new(Arc::clone(&kernel));
    let inboxes = Inboxes::new(Arc::clone(&kernel));
    let labels = Labels::new(kernel);
    inboxes.show(&owner, inbox.id).await.unwrap();
    for people in 2..4 {
        let agent = world.caller(&account, Role::Agent).await;
        world
            .inboxes()
            .add_members(&owner, inbox.id, &[agent.user.id])
            .await
            .unwrap();
        let label = LabelChange {
            title: Some(format!("label-{people}")),
            ..LabelChange::default()
        };
        let all = Labels::new(Arc::clone(&world.kernel));
        all.create(&owner, label).await.unwrap();
        statements.store(0, Ordering::SeqCst);
        assert_eq!(agents.list(&owner).await.unwrap().len(), people);
        assert_eq!(
            inboxes.members(&owner, inbox.id).await.unwrap().len(),
            people - 1
        );
        assert_eq!(labels.list(&owner).await.unwrap().len(), people - 1);
        assert_eq!(statements.load(Ordering::SeqCst), 3);
    }
}

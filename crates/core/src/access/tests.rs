use std::sync::Arc;

use super::Access;
use crate::error::{Denied, Error, Unauthenticated};
use crate::ids::AccountId;
use crate::model::Role;
use crate::testing::World;
use crate::user::UserCreate;

fn access(world: &World) -> Access {
    Access::new(Arc::clone(&world.kernel))
}

#[tokio::test]
async fn blank_and_unknown_tokens_are_told_apart() {
    let world = World::new().await;
    for blank in [None, Some(""), Some("  ")] {
        let refused = access(&world).authenticate(blank).await.unwrap_err();
        assert!(matches!(
            refused,
            Error::Unauthenticated(Unauthenticated::Missing)
        ));
    }
    let refused = access(&world)
        .authenticate(Some("nobody"))
        .await
        .unwrap_err();
    assert!(matches!(
        refused,
        Error::Unauthenticated(Unauthenticated::InvalidToken)
    ));
}

#[tokio::test]
async fn a_token_names_its_user_with_every_account() {
    let world = World::new().await;
    let (first, second) = (world.account("First").await, world.account("Second").await);
    let create = UserCreate {
        account_id: first.id,
        email: "ana@example.com".to_owned(),
        name: "Ana".to_owned(),
        password: None,
        role: Role::Administrator,
    };
    let created = world.operator().user_create(create.clone()).await.unwrap();
    let again = UserCreate {
        account_id: second.id,
        role: Role::Agent,
        ..create
    };
    let again = world.operator().user_create(again).await.unwrap();
    assert_eq!(again.token, created.token, "one user has one token");

    let principal = access(&world)
        .authenticate(Some(&created.token))
        .await
        .unwrap();
    let places: Vec<_> = principal
        .user
        .memberships
        .iter()
        .map(|m| (m.account_id, m.role))
        .collect();
    assert_eq!(
        places,
        [(first.id, Role::Administrator), (second.id, Role::Agent)]
    );
    let caller = access(&world).enter(&principal, second.id).await.unwrap();
    assert_eq!(
        (caller.account.name.as_str(), caller.role),
        ("Second", Role::Agent)
    );
}

#[tokio::test]
async fn the_door_checks_existence_then_suspension_then_membership() {
    let world = World::new().await;
    let (own, other) = (world.account("Own").await, world.account("Other").await);
    let caller = world.caller(&own, Role::Agent).await;
    let token = world.operator().token_create(caller.user.id).await.unwrap();
    let enter = async |account| {
        let principal = access(&world).authenticate(Some(&token)).await.unwrap();
        access(&world).enter(&principal, account).await
    };

    assert!(matches!(
        enter(AccountId(999_999)).await,
        Err(Error::NotFound)
    ));
    assert!(matches!(
        enter(other.id).await,
        Err(Error::Denied(Denied::NotMember))
    ));
    for account in [own.id, other.id] {
        world.operator().account_suspend(account).await.unwrap();
        assert!(matches!(
            enter(account).await,
            Err(Error::Denied(Denied::Suspended))
        ));
    }
    world.operator().account_activate(own.id).await.unwrap();
    assert_eq!(enter(own.id).await.unwrap().account_id(), own.id);
}

#[tokio::test]
async fn a_reset_refuses_the_old_token_at_once() {
    let world = World::new().await;
    let caller = world.administrator().await;
    let old = world.operator().token_create(caller.user.id).await.unwrap();
    access(&world).authenticate(Some(&old)).await.unwrap();

    let new = world.operator().token_reset(caller.user.id).await.unwrap();
    assert_ne!(old, new);
    let refused = access(&world).authenticate(Some(&old)).await.unwrap_err();
    assert!(matches!(
        refused,
        Error::Unauthenticated(Unauthenticated::InvalidToken)
    ));
    let principal = access(&world).authenticate(Some(&new)).await.unwrap();
    assert_eq!(
        principal.token_id, caller.token_id,
        "the token keeps its id"
    );
}

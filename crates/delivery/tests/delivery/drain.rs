//! How the engine stops.

use gatewright_core::ids::ReceiverId;

use crate::support::{World, on_each, seconds};

#[tokio::test]
async fn a_drain_finishes_what_runs_and_leaves_the_rest_queued() {
    on_each(|db| async move {
        let world = World::new(db).await;
        let (inbox, receiver) = world.inbox("messages").await;
        world.channel.shut(inbox);
        let running = world.queue(inbox, receiver, Some(1)).await;
        let waiting = world.queue(inbox, receiver, Some(1)).await;
        let engine = world.engine().await;
        engine.poke().await;
        world.channel.called(1).await;
        let draining = engine.drain(seconds(60));
        let opening = async {
            assert!(
                world.kernel.dispatch().reserve(ReceiverId(77)).is_none(),
                "no births"
            );
            world.channel.open(inbox, 1);
        };
        let (drained, ()) = tokio::join!(draining, opening);
        assert_eq!(drained.unfinished, 0);
        assert_eq!(world.states(&[running, waiting]).await, [2, 0]);
        assert_eq!(world.channel.calls().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_drain_that_takes_too_long_cuts_off_and_loses_nothing() {
    on_each(|db| async move {
        let world = World::new(db).await;
        let (inbox, receiver) = world.inbox("messages").await;
        world.channel.shut(inbox);
        let id = world.queue(inbox, receiver, Some(1)).await;
        let engine = world.engine().await;
        engine.poke().await;
        world.channel.called(1).await;
        assert_eq!(engine.drain(seconds(0)).await.unfinished, 1);
        assert_eq!(
            world.row(id).await.state,
            1,
            "its lease runs out, then it is sent again"
        );
        world
            .change(id, |row| row.lease_until = sea_orm::Set(Some(1)))
            .await;
        world.ledger.sweep().await.unwrap();
        assert_eq!(world.row(id).await.state, 0);
    })
    .await;
}

#[tokio::test]
async fn what_is_born_while_draining_is_given_back() {
    on_each(|db| async move {
        let world = World::new(db).await;
        let (inbox, receiver) = world.inbox("messages").await;
        let engine = world.engine().await;
        let slot = world.kernel.dispatch().reserve(receiver).unwrap();
        let id = world.queue(inbox, receiver, Some(1)).await;
        let claimed = world
            .ledger
            .claim(receiver, 1)
            .await
            .unwrap()
            .pop()
            .unwrap();
        let draining = engine.drain(seconds(60));
        let bearing = async {
            world
                .kernel
                .dispatch()
                .born(vec![gatewright_core::dispatch::Born {
                    id,
                    receiver_id: receiver,
                    event: claimed.event,
                    lane: Some(1),
                    lease_token: claimed.lease_token,
                    lease_until: claimed.lease_until,
                    slot,
                }]);
        };
        let (drained, ()) = tokio::join!(draining, bearing);
        assert_eq!(drained.unfinished, 0);
        assert_eq!(world.row(id).await.state, 0);
        assert!(world.channel.calls().is_empty());
    })
    .await;
}

//! Webhooks over real HTTP.

use gatewright_core::delivery::Deliveries;
use gatewright_core::ids::InboxId;
use gatewright_core::model::Role;
use gatewright_egress::{Client, ClientConfig, Scheme, Secret, verify};
use sea_orm::Set;

use crate::support::rows::SECRET;
use crate::support::{Sink, World, on_each, seconds};

const INBOX: InboxId = InboxId(1);

#[tokio::test]
async fn a_post_is_signed_and_names_what_it_carries() {
    on_each(|db| async move {
        let world = World::new(db).await;
        let sink = Sink::start().await;
        let receiver = world.webhook(&sink.url).await;
        let id = world.queue(INBOX, receiver, Some(1)).await;
        let engine = world.engine().await;
        engine.settle_all().await;
        let seen = sink.seen().pop().unwrap();
        assert_eq!(seen.header("content-type"), "application/json");
        assert_eq!(seen.header("accept"), "application/json");
        assert!(seen.header("user-agent").starts_with("Gatewright/"));
        assert_eq!(seen.header("webhook-id"), format!("dlv_local_{id}"));
        assert_eq!(seen.header("x-gatewright-event"), "message_created");
        assert_eq!(seen.header("x-gatewright-attempt"), "1");
        assert_eq!(seen.header("x-gatewright-late"), "");
        assert_eq!(seen.header("x-gatewright-replay"), "");
        let secret = Secret::parse(SECRET).unwrap();
        let now = world.now().unix();
        let mut headers = http::HeaderMap::new();
        for (name, value) in &seen.headers {
            let name: http::HeaderName = name.parse().unwrap();
            headers.insert(name, value.parse().unwrap());
        }
        let proved = verify(&secret, &headers, &seen.body, now, 300).unwrap();
        assert_eq!(proved, Scheme::StandardWebhooks);
        headers.remove("webhook-signature");
        let proved = verify(&secret, &headers, &seen.body, now, 300).unwrap();
        assert_eq!(proved, Scheme::Chatwoot);
        assert_eq!(world.row(id).await.last_status, Some(200));
        engine.drain(seconds(5)).await;
    })
    .await;
}

#[tokio::test]
async fn every_other_status_is_tried_again_with_the_same_bytes_under_the_same_id() {
    on_each(|db| async move {
        let world = World::new(db).await;
        let sink = Sink::start().await;
        let receiver = world.webhook(&sink.url).await;
        let id = world.queue(INBOX, receiver, Some(1)).await;
        for answer in [
            "500 Internal Server Error",
            "302 Found\r\nlocation: /x",
            "401 Unauthorized",
        ] {
            sink.answer(answer);
        }
        let engine = world.engine().await;
        for pause in [0, 5, 300, 1800] {
            world.advance(seconds(pause));
            engine.settle_all().await;
        }
        assert_eq!(world.row(id).await.state, 2);
        let seen = sink.seen();
        assert_eq!(seen.len(), 4);
        for (index, request) in seen.iter().enumerate() {
            assert_eq!(request.body, seen[0].body);
            assert_eq!(request.header("webhook-id"), seen[0].header("webhook-id"));
            assert_eq!(
                request.header("x-gatewright-attempt"),
                (index + 1).to_string()
            );
        }
        assert_ne!(
            seen[1].header("webhook-timestamp"),
            seen[2].header("webhook-timestamp")
        );
        let attempts = world.attempts(id).await;
        let errors: Vec<_> = attempts
            .iter()
            .map(|a| a.error.as_deref().unwrap())
            .collect();
        assert_eq!(
            errors,
            ["500 Internal Server Error", "302 Found", "401 Unauthorized"]
        );
        assert_eq!(attempts[0].response_excerpt.as_deref(), Some("hello"));
        assert_eq!(
            world.receiver_row(receiver).await.failures,
            0,
            "a success ends the row"
        );
        engine.drain(seconds(5)).await;
    })
    .await;
}

#[tokio::test]
async fn retry_after_is_obeyed_when_it_is_longer() {
    on_each(|db| async move {
        let world = World::new(db).await;
        let sink = Sink::start().await;
        let receiver = world.webhook(&sink.url).await;
        let id = world.queue(INBOX, receiver, Some(1)).await;
        sink.answer("503 Service Unavailable\r\nretry-after: 90");
        sink.answer("429 Too Many Requests\r\nretry-after: 1");
        let engine = world.engine().await;
        engine.settle_all().await;
        assert_eq!(world.row(id).await.due_at, world.now().plus(seconds(90)).0);
        world.advance(seconds(90));
        engine.settle_all().await;
        assert_eq!(world.row(id).await.due_at, world.now().plus(seconds(300)).0);
        engine.drain(seconds(5)).await;
    })
    .await;
}

#[tokio::test]
async fn a_410_switches_the_receiver_off() {
    on_each(|db| async move {
        let world = World::new(db).await;
        let sink = Sink::start().await;
        let receiver = world.webhook(&sink.url).await;
        let first = world.queue(INBOX, receiver, Some(1)).await;
        let second = world.queue(INBOX, receiver, Some(1)).await;
        sink.answer("410 Gone");
        let engine = world.engine().await;
        engine.settle_all().await;
        assert_eq!(world.states(&[first, second]).await, [3, 3]);
        let row = world.receiver_row(receiver).await;
        assert_eq!(
            (row.state, row.state_reason.as_deref()),
            (2, Some("the receiver is gone (410)"))
        );
        assert_eq!(sink.seen().len(), 1);
        assert!(
            world.failures.all().is_empty(),
            "account webhooks fail no message"
        );
        engine.drain(seconds(5)).await;
    })
    .await;
}

#[tokio::test]
async fn a_replay_has_the_same_id_and_bytes_and_says_that_it_is_one() {
    on_each(|db| async move {
        let world = World::new(db).await;
        let sink = Sink::start().await;
        let receiver = world.webhook(&sink.url).await;
        let id = world.queue(INBOX, receiver, Some(1)).await;
        let engine = world.engine().await;
        engine.settle_all().await;
        let stuck = world.queue(INBOX, receiver, Some(1)).await;
        world
            .change(stuck, |row| row.due_at = Set(world.now().0 + 1))
            .await;
        let administrator = World::caller(world.account, Role::Administrator);
        let deliveries = Deliveries::new(std::sync::Arc::clone(&world.kernel));
        deliveries.replay(&administrator, id).await.unwrap();
        engine.settle_all().await;
        let seen = sink.seen();
        assert_eq!(seen.len(), 2, "it holds nothing up and waits for nothing");
        assert_eq!(seen[0].body, seen[1].body);
        assert_eq!(seen[0].header("webhook-id"), seen[1].header("webhook-id"));
        assert_eq!(seen[1].header("x-gatewright-replay"), "true");
        assert_eq!(seen[1].header("x-gatewright-late"), "true");
        engine.drain(seconds(5)).await;
    })
    .await;
}

#[tokio::test]
async fn a_refused_address_is_a_visible_attempt_that_is_tried_again() {
    on_each(|db| async move {
        let world = World::new(db).await;
        let sink = Sink::start().await;
        let receiver = world.webhook(&sink.url).await;
        let id = world.queue(INBOX, receiver, Some(1)).await;
        let engine = world
            .engine_with(Client::new(ClientConfig::default()))
            .await;
        engine.settle_all().await;
        let row = world.row(id).await;
        assert_eq!((row.state, row.attempts), (0, 1));
        assert!(row.last_error.unwrap().starts_with("egress_refused: "));
        assert!(sink.seen().is_empty());
        engine.drain(seconds(5)).await;
    })
    .await;
}

#[tokio::test]
async fn a_rotated_secret_signs_beside_the_new_one_until_its_time_is_over() {
    on_each(|db| async move {
        let world = World::new(db).await;
        let sink = Sink::start().await;
        let receiver = world.webhook(&sink.url).await;
        let context = gatewright_core::delivery::SECRET_CONTEXT;
        let old = world
            .kernel
            .cipher
            .seal(context, "whsec_AAECAwQFBgcICQoLDA0ODw==");
        let until = world.now().plus(seconds(60)).0;
        world
            .change_receiver(receiver, |row| {
                row.previous_secret_sealed = Set(Some(old));
                row.previous_secret_until = Set(Some(until));
            })
            .await;
        let engine = world.engine().await;
        for _ in 0..2 {
            world.queue(INBOX, receiver, None).await;
            engine.settle_all().await;
            world.advance(seconds(60));
        }
        let signatures: Vec<usize> = sink
            .seen()
            .iter()
            .map(|seen| seen.header("webhook-signature").split(' ').count())
            .collect();
        assert_eq!(signatures, [2, 1]);
        engine.drain(seconds(5)).await;
    })
    .await;
}

use super::*;

const MANY: usize = 1 << 30;

const A: ReceiverId = ReceiverId(1);
const B: ReceiverId = ReceiverId(2);

#[test]
fn places_are_limited_per_receiver_and_for_all() {
    let desk = Desk::new(3, 2, MANY);
    let of_a = desk.take_all(A);
    assert_eq!(of_a.len(), 2);
    assert!(desk.take(A).is_none());
    let others: Vec<Slot> = (2..).map_while(|id| desk.take(ReceiverId(id))).collect();
    assert_eq!(others.len(), 3 * AHEAD - 2, "so many for all");
    drop(of_a);
    assert!(desk.take(A).is_some());
}

#[tokio::test]
async fn while_too_many_bytes_are_on_their_way_there_is_no_place() {
    let desk = Desk::new(9, 9, 100);
    let slot = desk.take(A).unwrap();
    let (some, more) = (desk.hold(60), desk.hold(60));
    assert!(desk.take(B).is_none());
    desk.starve(B);
    drop(some);
    assert_eq!(desk.work().await.into_keys().collect::<Vec<_>>(), [B]);
    assert!(desk.take(B).is_some());
    drop((slot, more));
}

#[test]
fn a_quick_receiver_has_more_places_and_loses_them_when_it_gets_slow() {
    let desk = Desk::new(8, 2, MANY);
    for _ in 0..100 {
        desk.waited(A, Duration::ZERO);
    }
    let of_a = desk.take_all(A);
    assert_eq!(of_a.len(), 8 * AHEAD / 2, "half of all");
    drop(of_a);
    desk.waited(A, QUICK);
    assert_eq!(desk.take_all(A).len(), 8 * AHEAD / 2);
    for _ in 0..100 {
        desk.waited(A, SLOW * 2);
    }
    assert_eq!(desk.take_all(A).len(), 2);
    assert_eq!(desk.take_all(B).len(), 2);
}

#[test]
fn what_may_be_dropped_takes_half_of_the_places_at_most() {
    let desk = Desk::new(8, 4, MANY);
    let spare: Vec<Slot> = std::iter::from_fn(|| desk.take_spare(A)).collect();
    assert_eq!(spare.len(), 2);
    assert_eq!(
        desk.take_all(A).len(),
        2,
        "the rest is for what must arrive"
    );
    desk.pause(B);
    assert!(
        desk.take_spare(B).is_none(),
        "a paused receiver is left alone"
    );
}

#[tokio::test]
async fn who_starved_is_looked_at_when_a_place_gets_free() {
    let desk = Desk::new(2, 1, MANY);
    let slot = desk.take(A).unwrap();
    desk.starve(A);
    drop(slot);
    assert_eq!(desk.work().await.into_keys().collect::<Vec<_>>(), [A]);
}

#[tokio::test]
async fn who_starves_after_the_place_got_free_is_looked_at_at_once() {
    let desk = Desk::new(2, 1, MANY);
    drop(desk.take(A).unwrap());
    desk.starve(A);
    assert_eq!(desk.work().await.into_keys().collect::<Vec<_>>(), [A]);
}

#[test]
fn a_paused_receiver_has_places_for_its_probe_only() {
    let desk = Desk::new(2, 2, MANY);
    desk.pause(A);
    assert!(desk.take(A).is_none());
    assert!(desk.take_for_probe(A).is_some());
    desk.resume(A);
    assert!(desk.take(A).is_some());
}

#[tokio::test]
async fn a_closed_desk_gives_no_places_and_gets_empty() {
    let desk = Desk::new(2, 2, MANY);
    let slot = desk.take(A).unwrap();
    desk.close();
    assert!(desk.take(A).is_none() && desk.take_for_probe(A).is_none());
    assert_eq!(desk.in_use(), 1);
    drop(slot);
    desk.empty().await;
}

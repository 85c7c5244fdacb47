//! Rows of the labels that a batch changed.

use gatewright_store::hot::row::{LabelGone, LabelRow};

use super::state::{State, States};

/// Every label of the conversations whose labels changed.
pub(super) fn all(states: &States) -> Vec<LabelRow> {
    changed(states)
        .flat_map(|(state, _)| {
            state
                .labels
                .iter()
                .zip(0..)
                .map(|(title, position)| LabelRow {
                    conversation_id: state.conversation.id.get(),
                    title: title.clone(),
                    position,
                })
        })
        .collect()
}

/// The labels that conversations had before and have no more.
pub(super) fn gone(states: &States) -> Vec<LabelGone> {
    changed(states)
        .flat_map(|(state, before)| {
            let gone = before.iter().filter(|title| !state.labels.contains(title));
            gone.map(|title| LabelGone {
                conversation_id: state.conversation.id.get(),
                title: title.clone(),
            })
        })
        .collect()
}

/// Conversations whose labels changed, with those from before.
fn changed(states: &States) -> impl Iterator<Item = (&State, &[String])> {
    states
        .conversations
        .values()
        .filter_map(|state| Some((state, state.labels_before.as_deref()?)))
}

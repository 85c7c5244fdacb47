//! A conversation's labels are replaced.

use super::super::command::{Outcome, SetLabels};
use super::{Turn, activity};
use crate::event::Change;

pub(super) fn set(turn: &mut Turn<'_>, set: &SetLabels) -> Outcome {
    let previous = std::mem::replace(&mut turn.state.labels, set.labels.clone());
    let added = beyond(&set.labels, &previous);
    let removed = beyond(&previous, &set.labels);
    if added.is_empty() && removed.is_empty() {
        turn.state.labels = previous;
        return turn.outcome();
    }
    let change = Change::new("label_list", previous.clone(), set.labels.clone());
    turn.state
        .labels_before
        .get_or_insert_with(|| previous.clone());
    let lines = [
        (!added.is_empty()).then(|| activity::labels_added(&set.by, &added)),
        (!removed.is_empty()).then(|| activity::labels_removed(&set.by, &removed)),
    ];
    turn.updated(vec![change], lines.into_iter().flatten());
    turn.outcome()
}

/// The labels that are not among the others.
fn beyond<'a>(labels: &'a [String], others: &[String]) -> Vec<&'a str> {
    labels
        .iter()
        .filter(|label| !others.contains(label))
        .map(String::as_str)
        .collect()
}

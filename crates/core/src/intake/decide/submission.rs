//! A contact answers a message: a form, a choice, a rating (contract, section 5).

use std::collections::HashMap;

use super::super::command::{Outcome, Submission};
use super::{Turn, message_status};
use crate::error::{Error, Result};
use crate::ids::MessageId;
use crate::model::{Message, MessageType};
use crate::time::Timestamp;

/// A survey can be answered until so many dates after its own.
const SURVEY_DAYS: i64 = 14;

pub(super) fn keep(
    turn: &mut Turn<'_>,
    messages: &mut HashMap<MessageId, Message>,
    answer: &Submission,
) -> Result<Outcome> {
    let message = message_status::find(turn, messages, answer.message_id)?;
    if message.private || message.message_type == MessageType::Activity {
        return Err(Error::NotFound);
    }
    if message.content_type == "input_csat"
        && days(message.created_at, turn.rules.now) > SURVEY_DAYS
    {
        return Err(Error::Unprocessable(
            "You cannot update the CSAT survey after 14 days".to_owned(),
        ));
    }
    let mut changed = message.clone();
    changed.content_attributes = message.content_attributes.merged(&answer.attributes);
    message_status::store(turn, messages, changed, None)
}

/// Dates from one to the other, in UTC.
fn days(from: Timestamp, to: Timestamp) -> i64 {
    let date = |at: Timestamp| at.unix().div_euclid(86_400);
    date(to) - date(from)
}

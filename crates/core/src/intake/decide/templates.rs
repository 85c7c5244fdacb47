//! Answers without a person: greeting, out of office, and the question for satisfaction (contract,
//! section 8).

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::{Turn, liquid, message};
use crate::attributes::Attributes;
use crate::event::{EventName, Origin, OriginKind};
use crate::inbox::hours;
use crate::intake::state::Answers;
use crate::model::{InboxPreferences, MessageType};

/// What asks for satisfaction when the inbox says nothing else.
pub(crate) const CSAT: &str = "Please rate the conversation";

/// How long a person's answer keeps the inbox from saying that nobody is there.
const ANSWERED: Duration = Duration::from_mins(5);

const SYSTEM: &Origin = &Origin {
    kind: OriginKind::System,
    token_id: None,
    user_id: None,
    echo_id: None,
};

/// Answers the contact's message. Who is told that nobody is there is not greeted, too.
pub(super) fn answer(turn: &mut Turn<'_>) {
    let Some(answers) = turn.state.answers else {
        return;
    };
    let inbox = Arc::clone(&turn.state.inbox);
    let preferences = &inbox.preferences;
    let text = if is_out_of_office(turn, preferences, &answers) {
        present(preferences.out_of_office_message.as_deref())
    } else {
        None
    };
    let greets = preferences.greeting_enabled && !answers.answered;
    let text = text.or_else(|| present(preferences.greeting_message.as_deref()).filter(|_| greets));
    if let Some(text) = text {
        send(turn, text, "text", Attributes::default());
    }
}

fn is_out_of_office(turn: &Turn<'_>, preferences: &InboxPreferences, answers: &Answers) -> bool {
    let now = turn.rules.now;
    let said_today =
        (answers.last_template_at).is_some_and(|at| hours::same_day(preferences, at, now));
    let answered = (answers.last_public_outgoing_at).is_some_and(|at| now.since(at) < ANSWERED);
    !said_today && !answered && hours::is_closed(preferences, now)
}

/// Asks the contact of a resolved conversation once how it was.
pub(super) fn ask_for_satisfaction(turn: &mut Turn<'_>) {
    let inbox = Arc::clone(&turn.state.inbox);
    let asked = turn.state.answers.is_none_or(|answers| answers.csat_asked);
    let wrote = turn.state.conversation.last_incoming_at.is_some();
    if asked || !wrote || !inbox.preferences.csat_survey_enabled {
        return;
    }
    let config = inbox.preferences.csat_config.to_map();
    if !labels_pass(&config, &turn.state.labels) || !turn.state.can_reply(turn.rules.now) {
        return;
    }
    let text = present(config.get("message").and_then(Value::as_str)).unwrap_or(CSAT);
    let display = config.get("display_type").and_then(Value::as_str);
    let attributes = json!({ "display_type": display.unwrap_or("emoji") });
    send(turn, text, "input_csat", attributes.into());
}

/// Whether the inbox asks about conversations with these labels.
fn labels_pass(config: &Map<String, Value>, labels: &[String]) -> bool {
    let rules = config.get("survey_rules");
    let values = rules.and_then(|rules| rules.get("values"));
    let Some(values) = values
        .and_then(Value::as_array)
        .filter(|values| !values.is_empty())
    else {
        return true;
    };
    let named = labels
        .iter()
        .any(|label| values.iter().any(|value| value.as_str() == Some(label)));
    let operator = rules.and_then(|rules| rules.get("operator"));
    named != (operator.and_then(Value::as_str) == Some("does_not_contain"))
}

fn present(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.trim().is_empty())
}

fn send(turn: &mut Turn<'_>, text: &str, content_type: &str, attributes: Attributes) {
    let scope = message::scope(turn, None);
    // A text that would grow beyond bounds goes out as it was written.
    let text = liquid::expand(text, &scope)
        .ok()
        .flatten()
        .unwrap_or_else(|| text.to_owned());
    let mut template = turn.new_message(MessageType::Template, Some(text));
    content_type.clone_into(&mut template.content_type);
    template.content_attributes = attributes;
    let template = turn.push_message(template);
    let asking = std::mem::replace(&mut turn.origin, SYSTEM);
    turn.message_event(EventName::MessageCreated, template, None);
    turn.origin = asking;
}

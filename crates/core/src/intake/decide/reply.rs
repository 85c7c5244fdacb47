//! What a message answers: named by its id or by the provider's, and both are filled.

use std::collections::HashMap;

use serde_json::Value;

use crate::attributes::Attributes;
use crate::ids::{ContactInboxId, ConversationId, MessageId};
use crate::model::Message;

const ID: &str = "in_reply_to";
const EXTERNAL_ID: &str = "in_reply_to_external_id";

/// What a new message says that it answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::intake) enum ReplyTo {
    /// The message with this id.
    Message(MessageId),
    /// The message with this source id.
    External(String),
    /// Something that can be no message.
    Nothing,
}

impl ReplyTo {
    /// Reads the content attributes; `None` when they name no message. The id wins.
    pub(in crate::intake) fn of(attributes: &Attributes) -> Option<Self> {
        if !attributes.as_str().contains(ID) {
            return None;
        }
        let map = attributes.to_map();
        let given = |key: &str| map.get(key).filter(|value| !is_blank(value));
        if let Some(id) = given(ID) {
            let number = id.as_i64().or_else(|| id.as_str()?.trim().parse().ok());
            return Some(
                number
                    .filter(|id| *id > 0)
                    .map_or(Self::Nothing, |id| Self::Message(MessageId(id))),
            );
        }
        given(EXTERNAL_ID).map(|id| match id {
            Value::String(id) => Self::External(id.clone()),
            Value::Number(id) => Self::External(id.to_string()),
            _ => Self::Nothing,
        })
    }
}

fn is_blank(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

/// Where a message may be found.
pub(super) struct Among<'a> {
    pub(super) conversation_id: ConversationId,
    pub(super) contact_inbox_id: ContactInboxId,
    pub(super) messages: &'a HashMap<MessageId, Message>,
    pub(super) sources: &'a HashMap<(i64, String), Message>,
}

/// The attributes with both names of the message that is answered, or with null for both when the
/// conversation has no such message.
pub(super) fn filled(attributes: &Attributes, among: &Among<'_>) -> Attributes {
    let Some(reply_to) = ReplyTo::of(attributes) else {
        return attributes.clone();
    };
    let found = match reply_to {
        ReplyTo::Message(id) => among.messages.get(&id),
        ReplyTo::External(id) => among.sources.get(&(among.contact_inbox_id.get(), id)),
        ReplyTo::Nothing => None,
    };
    let found = found.filter(|message| message.conversation_id == among.conversation_id);
    let mut map = attributes.to_map();
    let id = found.map(|message| message.id.get());
    map.insert(ID.to_owned(), id.into());
    let source_id = found.and_then(|message| message.source_id.clone());
    map.insert(EXTERNAL_ID.to_owned(), source_id.into());
    map.into()
}

/// The attributes under drawn ids, when they name a message of the same batch.
pub(in crate::intake) fn bound(
    attributes: &Attributes,
    drawn: impl Fn(MessageId) -> MessageId,
) -> Option<Attributes> {
    if !attributes.as_str().contains("\"in_reply_to\":-") {
        return None;
    }
    let mut map = attributes.to_map();
    let id = map.get(ID)?.as_i64().filter(|id| *id < 0)?;
    map.insert(ID.to_owned(), drawn(MessageId(id)).get().into());
    Some(map.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_id_wins_and_blanks_name_nothing() {
        let cases = [
            (json!({}), None),
            (json!({ ID: null, EXTERNAL_ID: "" }), None),
            (json!({ ID: 7 }), Some(ReplyTo::Message(MessageId(7)))),
            (
                json!({ ID: "7", EXTERNAL_ID: "x" }),
                Some(ReplyTo::Message(MessageId(7))),
            ),
            (json!({ ID: -7 }), Some(ReplyTo::Nothing)),
            (json!({ ID: [7] }), Some(ReplyTo::Nothing)),
            (
                json!({ EXTERNAL_ID: "x" }),
                Some(ReplyTo::External("x".to_owned())),
            ),
            (
                json!({ EXTERNAL_ID: 5 }),
                Some(ReplyTo::External("5".to_owned())),
            ),
        ];
        for (attributes, expected) in cases {
            assert_eq!(
                ReplyTo::of(&attributes.clone().into()),
                expected,
                "{attributes}"
            );
        }
    }

    #[test]
    fn an_id_of_the_same_batch_is_drawn_later() {
        let draw = |id: MessageId| MessageId(100 - id.get());
        let attributes = json!({ ID: -2, EXTERNAL_ID: "x" }).into();
        let bound_attributes = bound(&attributes, draw).unwrap();
        assert_eq!(
            bound_attributes.to_value(),
            json!({ ID: 102, EXTERNAL_ID: "x" })
        );
        assert!(bound(&json!({ ID: 2 }).into(), draw).is_none());
    }
}

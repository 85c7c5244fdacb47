//! Variables in outgoing texts: `{{ contact.name }}` (contract, section 4.3).
//!
//! Liquid's outputs, with the filters that cannot make a text grow beyond bounds: `append`,
//! `capitalize`, `default`, `downcase`, `escape`, `lstrip`, `prepend`, `rstrip`, `size`, `strip`,
//! `truncate` and `upcase`. A text with tags (`{% .. %}`), with another filter or with broken
//! Liquid is left alone, as is what stands between backticks. Anybody who may write messages
//! writes these templates, so nothing in here recurses, loops by the text's word, or works on more
//! than [`WORK_MAX`] bytes.

mod markup;

use serde_json::Value;

use crate::model::{Contact, Conversation, UserRef};
use markup::{Filter, Operand, Output};

/// Longest text, in characters.
pub(super) const MAX: usize = 150_000;

/// Bytes of values that one text may have looked at.
const WORK_MAX: usize = 4 * 1024 * 1024;

/// What variables stand for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) contact: &'a Contact,
    pub(super) agent: Option<&'a UserRef>,
    pub(super) conversation: &'a Conversation,
    pub(super) inbox: &'a str,
    pub(super) account: &'a str,
}

/// The text would become longer than [`MAX`], or take too much work.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooLong;

/// The text with its variables filled in; `None` when it is left alone.
///
/// # Errors
/// [`TooLong`].
pub(super) fn expand(text: &str, scope: &Scope<'_>) -> Result<Option<String>, TooLong> {
    if !text.contains("{{") {
        return Ok(None);
    }
    let Some(pieces) = markup::pieces(text) else {
        return Ok(None);
    };
    let mut work = WORK_MAX;
    let mut expanded = String::with_capacity(text.len());
    for piece in pieces {
        match piece {
            markup::Piece::Text(text) => expanded.push_str(text),
            markup::Piece::Output(output) => {
                expanded.push_str(&evaluate(&output, scope, &mut work)?);
            }
        }
        if expanded.len() > 4 * MAX {
            return Err(TooLong);
        }
    }
    if expanded.chars().count() > MAX {
        return Err(TooLong);
    }
    Ok(Some(expanded))
}

/// Fills in every text within a value; `None` when nothing changed.
///
/// # Errors
/// [`TooLong`].
pub(super) fn expand_value(value: &Value, scope: &Scope<'_>) -> Result<Value, TooLong> {
    Ok(match value {
        Value::String(text) => expand(text, scope)?.map_or_else(|| value.clone(), Value::String),
        Value::Array(items) => Value::Array(
            items
                .iter()
                .map(|item| expand_value(item, scope))
                .collect::<Result<_, _>>()?,
        ),
        Value::Object(map) => Value::Object(
            map.iter()
                .map(|(key, item)| Ok((key.clone(), expand_value(item, scope)?)))
                .collect::<Result<_, _>>()?,
        ),
        other => other.clone(),
    })
}

fn evaluate(output: &Output<'_>, scope: &Scope<'_>, work: &mut usize) -> Result<String, TooLong> {
    let mut value = resolve(&output.value, scope);
    for filter in &output.filters {
        *work = work.checked_sub(value.len() + 1).ok_or(TooLong)?;
        value = apply(value, filter, scope);
    }
    *work = work.checked_sub(value.len() + 1).ok_or(TooLong)?;
    Ok(value)
}

fn apply(value: String, filter: &Filter<'_>, scope: &Scope<'_>) -> String {
    let argument = |index: usize| filter.arguments.get(index).map(|it| resolve(it, scope));
    match filter.name {
        "append" => value + &argument(0).unwrap_or_default(),
        "prepend" => argument(0).unwrap_or_default() + &value,
        "default" if value.is_empty() => argument(0).unwrap_or_default(),
        "upcase" => value.to_uppercase(),
        "downcase" => value.to_lowercase(),
        "capitalize" => capitalized(&value),
        "strip" => value.trim().to_owned(),
        "lstrip" => value.trim_start().to_owned(),
        "rstrip" => value.trim_end().to_owned(),
        "size" => value.chars().count().to_string(),
        "escape" => escaped(&value),
        "truncate" => truncated(&value, argument(0), argument(1)),
        _ => value,
    }
}

fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first
            .to_uppercase()
            .chain(chars.flat_map(char::to_lowercase))
            .collect()
    })
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

/// At most so many characters (50), the mark of what is missing among them.
fn truncated(text: &str, length: Option<String>, mark: Option<String>) -> String {
    let length = length
        .and_then(|text| text.parse().ok())
        .unwrap_or(50_usize);
    let mark = mark.unwrap_or_else(|| "...".to_owned());
    if text.chars().count() <= length {
        return text.to_owned();
    }
    let kept = length.saturating_sub(mark.chars().count());
    text.chars().take(kept).chain(mark.chars()).collect()
}

/// What a variable stands for; an unknown one for nothing.
fn resolve(operand: &Operand<'_>, scope: &Scope<'_>) -> String {
    let path = match operand {
        Operand::Literal(text) => return (*text).to_owned(),
        Operand::Path(path) => path.as_slice(),
    };
    match path {
        ["contact", "custom_attribute", key] => {
            attribute(&scope.contact.custom_attributes.to_map(), key)
        }
        ["conversation", "custom_attribute", key] => {
            attribute(&scope.conversation.custom_attributes.to_map(), key)
        }
        ["contact", field] => contact(scope.contact, field),
        ["agent", field] => scope
            .agent
            .map_or_else(String::new, |user| agent(user, field)),
        ["conversation", "display_id"] => scope.conversation.display_id.to_string(),
        ["inbox", "name"] => scope.inbox.to_owned(),
        ["account", "name"] => scope.account.to_owned(),
        _ => String::new(),
    }
}

fn contact(contact: &Contact, field: &str) -> String {
    match field {
        "name" => contact.name.clone(),
        "email" => contact.email.clone().unwrap_or_default(),
        "phone_number" => contact.phone_number.clone().unwrap_or_default(),
        "first_name" => first_name(&contact.name),
        "last_name" => last_name(&contact.name),
        _ => String::new(),
    }
}

fn agent(user: &UserRef, field: &str) -> String {
    match field {
        "name" => user.name.clone(),
        "available_name" => user.available_name.clone(),
        "email" => user.email.clone(),
        "first_name" => first_name(&user.name),
        "last_name" => last_name(&user.name),
        _ => String::new(),
    }
}

fn first_name(name: &str) -> String {
    name.split_whitespace()
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// The last word of a name that has more than one.
fn last_name(name: &str) -> String {
    name.split_whitespace()
        .skip(1)
        .last()
        .unwrap_or_default()
        .to_owned()
}

fn attribute(attributes: &serde_json::Map<String, Value>, key: &str) -> String {
    match attributes.get(key) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

#[cfg(test)]
mod tests;

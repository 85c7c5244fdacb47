use gatewright_channel::SourceIdRule;

use crate::error::{Error, Result};
use crate::kernel::Kernel;
use crate::model::{Contact, Inbox};

/// How source ids are made in the inbox.
pub(super) fn rule(kernel: &Kernel, inbox: &Inbox) -> SourceIdRule {
    let descriptor = kernel.registry.descriptor(&inbox.channel);
    descriptor
        .map(|descriptor| descriptor.source_id)
        .unwrap_or_default()
}

/// The given source id, or the one that the channel's rule makes of the contact.
///
/// # Errors
/// [`Error::Invalid`] for one that the rule does not know, [`Error::Missing`] when the contact has
/// nothing to make one of (contract, section 8).
pub(super) fn of(
    kernel: &Kernel,
    rule: SourceIdRule,
    contact: &Contact,
    given: Option<&str>,
) -> Result<String> {
    match given {
        Some(given) => check(rule, given).map(|()| given.to_owned()),
        None => made(kernel, rule, contact),
    }
}

fn check(rule: SourceIdRule, given: &str) -> Result<()> {
    if given.chars().count() > 255 {
        return Err(Error::invalid(
            "source_id",
            "is too long (maximum is 255 characters)",
        ));
    }
    let digits = |text: &str| {
        (1..=15).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    match rule {
        SourceIdRule::PhoneDigits if !digits(given) => Err(Error::invalid(
            "source_id",
            "must be the 1 to 15 digits of a phone number",
        )),
        SourceIdRule::PhoneNumber => {
            let number = given.strip_prefix("whatsapp:").unwrap_or(given);
            if number.strip_prefix('+').is_some_and(digits) {
                Ok(())
            } else {
                Err(Error::invalid(
                    "source_id",
                    "must be + and the 1 to 15 digits of a phone number",
                ))
            }
        }
        SourceIdRule::PhoneDigits | SourceIdRule::Email | SourceIdRule::Random => Ok(()),
    }
}

fn made(kernel: &Kernel, rule: SourceIdRule, contact: &Contact) -> Result<String> {
    let no_phone_number = || Error::Missing("contact phone number".to_owned());
    match rule {
        SourceIdRule::Random => Ok(kernel.random.uuid()),
        SourceIdRule::Email => contact
            .email
            .clone()
            .ok_or_else(|| Error::Missing("contact email".to_owned())),
        SourceIdRule::PhoneNumber => contact.phone_number.clone().ok_or_else(no_phone_number),
        SourceIdRule::PhoneDigits => {
            let phone_number = contact
                .phone_number
                .as_deref()
                .ok_or_else(no_phone_number)?;
            Ok(phone_number
                .rsplit('+')
                .next()
                .unwrap_or_default()
                .to_owned())
        }
    }
}

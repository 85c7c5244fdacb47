//! Rules that several resources share, with the contract's words (section 1.3).

use serde_json::Value;

use crate::check::{CheckError, check_value};
use crate::error::{Attribute, Error, Result};

/// Collects what is wrong, so that a caller hears of everything at once.
#[derive(Debug, Default)]
pub(crate) struct Violations(Vec<Attribute>);

impl Violations {
    /// Adds an attribute and what is wrong with it.
    pub(crate) fn add(&mut self, name: &str, message: impl Into<String>) {
        self.0.push(Attribute {
            name: name.to_owned(),
            message: message.into(),
        });
    }

    /// The attribute must not be blank.
    pub(crate) fn required(&mut self, name: &str, text: &str) {
        if text.trim().is_empty() {
            self.add(name, "can't be blank");
        }
    }

    /// The attribute must not be longer than `max` characters.
    pub(crate) fn max_chars(&mut self, name: &str, text: &str, max: usize) {
        if text.chars().count() > max {
            self.add(name, format!("is too long (maximum is {max} characters)"));
        }
    }

    /// The attribute must be one of `allowed`.
    pub(crate) fn one_of(&mut self, name: &str, text: &str, allowed: &[&str]) {
        if !allowed.contains(&text) {
            self.add(name, "is not included in the list");
        }
    }

    /// Passes when nothing was added.
    ///
    /// # Errors
    /// [`Error::Invalid`] with everything that was added.
    pub(crate) fn check(self) -> Result<()> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Error::Invalid(self.0))
        }
    }
}

/// One `@` with something on both sides, and no spaces.
pub(crate) fn is_email(text: &str) -> bool {
    let mut parts = text.split('@');
    let filled = |part: Option<&str>| part.is_some_and(|part| !part.is_empty());
    filled(parts.next())
        && filled(parts.next())
        && parts.next().is_none()
        && !text.contains(char::is_whitespace)
}

/// Whether the text ends with `+`, a digit from 1 to 9 and 1 to 14 more digits. What stands before
/// is not looked at (contract, section 8).
pub(crate) fn is_phone_number(text: &str) -> bool {
    let Some((_, digits)) = text.rsplit_once('+') else {
        return false;
    };
    (2..=15).contains(&digits.len())
        && !digits.starts_with('0')
        && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The text, unless it is absent or blank.
pub(crate) fn present(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

/// Refuses in what did not pass the checks of a request's parameters, such as JSON within a text,
/// what they refuse.
///
/// # Errors
/// [`Error::Unprocessable`] naming `name`.
pub(crate) fn storable(name: &str, value: &Value) -> Result<()> {
    check_value(name, value).map_err(|fault| {
        Error::Unprocessable(match fault {
            CheckError::TooLarge => format!("{name} is nested too deeply, or has too many values"),
            CheckError::Nul(_) => fault.to_string(),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emails_have_one_at_sign_and_no_spaces() {
        for good in ["a@b", "a.b+c@d.example"] {
            assert!(is_email(good), "{good}");
        }
        for bad in ["", "a", "@b", "a@", "a@b@c", "a b@c", "a@b\n"] {
            assert!(!is_email(bad), "{bad}");
        }
    }

    #[test]
    fn phone_numbers_end_in_e164() {
        for good in ["+12", "+123456789012345", "tel:+4930123456"] {
            assert!(is_phone_number(good), "{good}");
        }
        for bad in [
            "",
            "12",
            "+1",
            "+0123",
            "+1234567890123456",
            "+12a",
            "+12 ",
            "+1٢",
        ] {
            assert!(!is_phone_number(bad), "{bad}");
        }
    }

    #[test]
    fn violations_are_told_together() {
        let mut violations = Violations::default();
        violations.required("name", " ");
        violations.max_chars("email", &"x".repeat(256), 255);
        violations.one_of("role", "boss", &["agent"]);
        let text = violations.check().unwrap_err().to_string();
        assert_eq!(
            text,
            "Name can't be blank, Email is too long (maximum is 255 characters), \
             Role is not included in the list"
        );
    }
}

use serde_json::{Map, Value};

use crate::attributes::Attributes;
use crate::channel::ContactRef;
use crate::error::Result;
use crate::model::ContactKind;
use crate::validate::{Violations, is_email, is_phone_number, present};

/// A contact to write, in stored form (contract, section 8).
#[derive(Debug, Clone, Default)]
pub(super) struct Draft {
    pub(super) name: String,
    pub(super) identifier: Option<String>,
    pub(super) email: Option<String>,
    pub(super) phone_number: Option<String>,
    pub(super) blocked: bool,
    pub(super) additional_attributes: Attributes,
    pub(super) custom_attributes: Attributes,
}

impl Draft {
    /// Brings the texts into stored form.
    ///
    /// # Errors
    /// [`crate::Error::Invalid`] names everything that breaks a rule.
    pub(super) fn checked(self) -> Result<Self> {
        let email = present(self.email).map(|email| email.trim().to_lowercase());
        let draft = Self {
            email,
            phone_number: present(self.phone_number),
            identifier: present(self.identifier),
            ..self
        };
        draft.violations().check()?;
        Ok(draft)
    }

    fn violations(&self) -> Violations {
        let mut violations = Violations::default();
        violations.max_chars("name", &self.name, 255);
        if let Some(email) = &self.email {
            violations.max_chars("email", email, 255);
            if !is_email(email) {
                violations.add("email", "Invalid email");
            }
        }
        if let Some(phone_number) = &self.phone_number {
            violations.max_chars("phone_number", phone_number, 255);
            if !is_phone_number(phone_number) {
                violations.add("phone_number", "should be in e164 format");
            }
        }
        let identifier = self.identifier.as_deref().unwrap_or_default();
        violations.max_chars("identifier", identifier, 255);
        violations
    }

    /// How much is known of the contact.
    pub(super) fn kind(&self) -> ContactKind {
        let social =
            |(name, value): (&String, &Value)| name.starts_with("social_") && filled(value);
        if self.email.is_some()
            || self.phone_number.is_some()
            || self.additional_attributes.to_map().iter().any(social)
        {
            ContactKind::Lead
        } else {
            ContactKind::Visitor
        }
    }
}

impl From<&ContactRef> for Draft {
    fn from(reference: &ContactRef) -> Self {
        Self {
            name: reference.name.clone().unwrap_or_default(),
            identifier: reference.identifier.clone(),
            email: reference.email.clone(),
            phone_number: reference.phone_number.clone(),
            ..Self::default()
        }
    }
}

/// The attributes that a request gave, or none.
pub(super) fn attributes(given: Option<Map<String, Value>>) -> Attributes {
    given.map(Attributes::from).unwrap_or_default()
}

fn filled(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.trim().is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(map) => !map.is_empty(),
        Value::Bool(true) | Value::Number(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn emails_are_lower_case_and_blanks_are_null() {
        let draft = Draft {
            email: Some(" Ana@Example.COM ".to_owned()),
            phone_number: Some(String::new()),
            identifier: Some(" ".to_owned()),
            ..Draft::default()
        };
        let draft = draft.checked().unwrap();
        assert_eq!(draft.email.as_deref(), Some("ana@example.com"));
        assert_eq!((draft.phone_number, draft.identifier), (None, None));
    }

    #[test]
    fn everything_wrong_is_named_in_the_contracts_words() {
        let draft = Draft {
            name: "x".repeat(256),
            email: Some("no".to_owned()),
            phone_number: Some("123".to_owned()),
            ..Draft::default()
        };
        assert_eq!(
            draft.checked().unwrap_err().to_string(),
            "Name is too long (maximum is 255 characters), Email Invalid email, \
             Phone number should be in e164 format"
        );
    }

    #[test]
    fn whoever_can_be_reached_is_a_lead() {
        let social = |value| Draft {
            additional_attributes: Attributes::from(json!({ "social_profiles": value })),
            ..Draft::default()
        };
        assert_eq!(Draft::default().kind(), ContactKind::Visitor);
        assert_eq!(social(json!({})).kind(), ContactKind::Visitor);
        assert_eq!(social(json!({ "github": "ana" })).kind(), ContactKind::Lead);
        let draft = Draft {
            email: Some("a@b".to_owned()),
            ..Draft::default()
        };
        assert_eq!(draft.kind(), ContactKind::Lead);
        let draft = Draft {
            identifier: Some("7".to_owned()),
            ..Draft::default()
        };
        assert_eq!(draft.kind(), ContactKind::Visitor);
    }
}

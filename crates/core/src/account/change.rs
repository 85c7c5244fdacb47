use gatewright_store::entity::accounts;
use sea_orm::ActiveValue::Set;
use serde_json::Value;

use super::is_locale;
use super::settings::AccountSettings;
use crate::error::Result;
use crate::validate::{Violations, present};

/// Minutes after which conversations may be resolved by themselves.
const AUTO_RESOLVE: std::ops::RangeInclusive<i64> = 10..=1_439_856;

/// Keys of attributes that may be required.
const REQUIRED_MAX: usize = 100;

/// What a request says of an account (contract, section 4.7). Absent (`None`) leaves the value as
/// it is; `Some(None)` clears it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AccountChange {
    /// Its name, at most 255 characters.
    pub name: Option<String>,
    /// Language of system texts, for example `en`.
    pub locale: Option<String>,
    /// Its own mail domain, at most 100 characters.
    pub domain: Option<Option<String>>,
    /// Address shown to contacts.
    pub support_email: Option<Option<String>>,
    /// What it does.
    pub industry: Option<Option<String>>,
    /// How large it is.
    pub company_size: Option<Option<String>>,
    /// Its time zone.
    pub timezone: Option<Option<String>>,
    /// See [`AccountSettings::auto_resolve_after`].
    pub auto_resolve_after: Option<Option<i64>>,
    /// See [`AccountSettings::auto_resolve_message`].
    pub auto_resolve_message: Option<Option<String>>,
    /// See [`AccountSettings::auto_resolve_ignore_waiting`].
    pub auto_resolve_ignore_waiting: Option<Option<bool>>,
    /// See [`AccountSettings::auto_resolve_label`].
    pub auto_resolve_label: Option<Option<String>>,
    /// See [`AccountSettings::audio_transcriptions`].
    pub audio_transcriptions: Option<Option<bool>>,
    /// See [`AccountSettings::conversation_required_attributes`].
    pub conversation_required_attributes: Option<Option<Vec<String>>>,
}

impl AccountChange {
    /// Checks everything that is given.
    ///
    /// # Errors
    /// [`crate::Error::Invalid`] names what is wrong.
    pub(super) fn checked(mut self) -> Result<Self> {
        self.name = self.name.map(|name| name.trim().to_owned());
        let mut violations = Violations::default();
        if let Some(name) = &self.name {
            violations.required("name", name);
            violations.max_chars("name", name, 255);
        }
        if self.locale.as_deref().is_some_and(|code| !is_locale(code)) {
            violations.add("locale", "must be a language code like en or pt_BR");
        }
        for (name, given, max) in [
            ("domain", &self.domain, 100),
            ("support_email", &self.support_email, 255),
            ("industry", &self.industry, 255),
            ("company_size", &self.company_size, 255),
            ("timezone", &self.timezone, 255),
            ("auto_resolve_message", &self.auto_resolve_message, 20_000),
            ("auto_resolve_label", &self.auto_resolve_label, 255),
        ] {
            let text = given.as_ref().and_then(Option::as_deref);
            violations.max_chars(name, text.unwrap_or_default(), max);
        }
        self.check_settings(&mut violations);
        violations.check()?;
        Ok(self)
    }

    fn check_settings(&self, violations: &mut Violations) {
        let minutes = self.auto_resolve_after.flatten();
        if minutes.is_some_and(|minutes| !AUTO_RESOLVE.contains(&minutes)) {
            violations.add("auto_resolve_after", "must be 10 to 1439856 minutes");
        }
        let keys = self.conversation_required_attributes.iter().flatten();
        for keys in keys {
            if keys.len() > REQUIRED_MAX {
                violations.add(
                    "conversation_required_attributes",
                    format!("has too many items (maximum is {REQUIRED_MAX})"),
                );
            }
            for key in keys {
                violations.max_chars("conversation_required_attributes", key, 255);
            }
        }
    }

    /// Lays what is given over a row.
    pub(super) fn apply(self, row: accounts::Model) -> Result<accounts::ActiveModel> {
        let mut settings = AccountSettings::from_stored(row.settings.clone());
        let mut facts = row.custom_attributes.clone();
        let mut row: accounts::ActiveModel = row.into();
        for (key, given) in [
            ("industry", &self.industry),
            ("company_size", &self.company_size),
            ("timezone", &self.timezone),
        ] {
            if let Some(fact) = given {
                set_fact(&mut facts, key, fact.clone());
            }
        }
        if let Some(name) = &self.name {
            row.name = Set(name.clone());
        }
        if let Some(locale) = &self.locale {
            row.locale = Set(locale.clone());
        }
        if let Some(domain) = &self.domain {
            row.domain = Set(present(domain.clone()));
        }
        if let Some(support_email) = &self.support_email {
            row.support_email = Set(present(support_email.clone()));
        }
        self.apply_settings(&mut settings);
        row.settings = Set(serde_json::to_value(settings)?);
        row.custom_attributes = Set(facts);
        Ok(row)
    }

    fn apply_settings(self, settings: &mut AccountSettings) {
        if let Some(minutes) = self.auto_resolve_after {
            settings.auto_resolve_after = minutes;
        }
        if let Some(message) = self.auto_resolve_message {
            settings.auto_resolve_message = message;
        }
        if let Some(ignore) = self.auto_resolve_ignore_waiting {
            settings.auto_resolve_ignore_waiting = ignore;
        }
        if let Some(label) = self.auto_resolve_label {
            settings.auto_resolve_label = label;
        }
        if let Some(transcribe) = self.audio_transcriptions {
            settings.audio_transcriptions = transcribe;
        }
        if let Some(keys) = self.conversation_required_attributes {
            settings.conversation_required_attributes = keys;
        }
    }
}

fn set_fact(facts: &mut Value, key: &str, fact: Option<String>) {
    let Some(map) = facts.as_object_mut() else {
        return;
    };
    match present(fact) {
        Some(text) => drop(map.insert(key.to_owned(), text.into())),
        None => drop(map.remove(key)),
    }
}

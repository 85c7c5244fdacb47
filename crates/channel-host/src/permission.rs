//! Which hosts a channel may send to.

use gatewright_channel::SettingPtr;
use gatewright_egress::HostPattern;
use serde_json::Value;
use url::Url;

/// Whether the declared hosts allow the URL: names and `*.` patterns, or `$settings/pointer` for
/// the host of the URL that the setting holds.
///
/// # Errors
/// The rule and what the channel declares, for a person.
pub(crate) fn check(declared: &[String], settings: &Value, url: &Url) -> Result<(), String> {
    let host = url.host_str().ok_or("the URL has no host")?;
    if declared.iter().any(|entry| allows(entry, settings, host)) {
        return Ok(());
    }
    Err(format!(
        "the channel may not send to {host}: its permissions allow {}",
        if declared.is_empty() {
            "no host".to_owned()
        } else {
            declared.join(", ")
        }
    ))
}

fn allows(entry: &str, settings: &Value, host: &str) -> bool {
    match entry.strip_prefix("$settings") {
        Some(pointer) => SettingPtr::from(pointer)
            .text(settings)
            .and_then(|text| Url::parse(text).ok())
            .is_some_and(|url| url.host_str() == Some(host)),
        None => entry
            .parse::<HostPattern>()
            .is_ok_and(|pattern| pattern.matches(host)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn allowed(declared: &[&str], url: &str) -> bool {
        let declared: Vec<String> = declared.iter().map(|&entry| entry.to_owned()).collect();
        let settings = json!({"api": {"base": "https://Hooks.Example:8443/a?b"}, "blank": "",
            "odd": 7, "text": "no url"});
        check(&declared, &settings, &Url::parse(url).unwrap()).is_ok()
    }

    #[test]
    fn names_patterns_and_settings_are_understood() {
        assert!(allowed(
            &["api.telegram.org"],
            "https://API.telegram.org/bot1/x"
        ));
        assert!(allowed(&["*.example"], "https://a.b.example/"));
        assert!(allowed(
            &["$settings/api/base"],
            "http://hooks.example/other"
        ));
        assert!(allowed(
            &["other.test", "$settings/api/base"],
            "https://hooks.example/"
        ));
    }

    #[test]
    fn everything_else_is_refused() {
        assert!(!allowed(&[], "https://api.telegram.org/"));
        assert!(!allowed(
            &["api.telegram.org"],
            "https://api.telegram.org.evil.test/"
        ));
        assert!(!allowed(
            &["api.telegram.org"],
            "https://evil.test/api.telegram.org"
        ));
        for entry in [
            "$settings/blank",
            "$settings/odd",
            "$settings/text",
            "$settings/none",
            "*",
        ] {
            assert!(!allowed(&[entry], "https://hooks.example/"), "{entry}");
        }
    }
}

//! The configuration as the TOML that would make it.

use serde_json::Value;

use super::Config;

impl Config {
    /// Every key with its value, as TOML; secrets are redacted, keys without a value are left out.
    pub fn to_toml(&self) -> String {
        let value = serde_json::to_value(self).unwrap_or_default();
        let sections = value.as_object().into_iter().flatten();
        let sections: Vec<String> = sections.map(|(name, keys)| section(name, keys)).collect();
        sections.join("\n")
    }
}

fn section(name: &str, keys: &Value) -> String {
    let lines = keys
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| {
            let value = scalar(value)?;
            Some(format!("{key} = {value}\n"))
        });
    std::iter::once(format!("[{name}]\n"))
        .chain(lines)
        .collect()
}

/// A TOML value; JSON's and TOML's texts, numbers and booleans are written alike, except for the
/// delete character, which no value of ours contains unescaped.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::Null | Value::Object(_) => None,
        Value::Array(items) => {
            let items: Vec<String> = items.iter().filter_map(scalar).collect();
            Some(format!("[{}]", items.join(", ")))
        }
        Value::String(text) => Some(
            Value::from(text.as_str())
                .to_string()
                .replace('\u{7f}', "\\u007f"),
        ),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{SecretText, Source};

    fn load(text: &str) -> Config {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("gatewright.toml");
        std::fs::write(&file, text).unwrap();
        Config::load(&Source {
            file: Some(file),
            ..Source::default()
        })
        .unwrap()
    }

    #[test]
    fn what_is_printed_is_read_back() {
        let mut config = Config::default();
        config.server.public_url = Some("https://a.example".to_owned());
        config.egress.allow_hosts = vec!["*.example".parse().unwrap()];
        config.egress.allow_cidrs = vec!["10.0.0.0/8".parse().unwrap()];
        config.http.cors_api = true;
        config.secrets.master_key_file = Some("C:\\keys\\\"master\"".into());
        assert_eq!(load(&config.to_toml()), config);
    }

    #[test]
    fn secrets_are_not_printed() {
        let mut config = Config::default();
        config.secrets.master_key = Some(SecretText::new("hush"));
        config.database.url = "postgres://u:hush@h/db".to_owned();
        let printed = config.to_toml();
        assert!(!printed.contains("hush"), "{printed}");
        assert!(printed.contains("master_key = \"[redacted]\""), "{printed}");
    }
}

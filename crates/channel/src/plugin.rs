use std::marker::PhantomData;
use std::sync::Arc;

use schemars::generate::SchemaSettings;
use serde_json::Value;

use crate::{Channel, ChannelDescriptor, ChannelError, ChannelType, FieldError};

/// A [`ChannelType`] whose settings type is erased: what registries hold.
pub trait Plugin: Send + Sync {
    /// The descriptor, with `settings_schema` filled in.
    fn descriptor(&self) -> &ChannelDescriptor;

    /// Checks settings and opens an inbox. No I/O.
    ///
    /// # Errors
    /// [`ChannelError::InvalidSettings`] names each field and the fix.
    fn open(&self, settings: &Value) -> Result<Box<dyn Channel>, ChannelError>;

    /// Brings older settings forward.
    ///
    /// # Errors
    /// [`ChannelError::InvalidSettings`] when that is not possible.
    fn migrate(&self, from: u32, settings: Value) -> Result<Value, ChannelError>;

    /// The settings in full form: every declared field is present, unknown ones are gone.
    ///
    /// # Errors
    /// [`ChannelError::InvalidSettings`] names the field.
    fn normalize(&self, settings: &Value) -> Result<Value, ChannelError>;
}

/// Wraps a channel type for a registry.
pub fn plugin<T: ChannelType>() -> Arc<dyn Plugin> {
    let mut descriptor = T::descriptor();
    descriptor.settings_schema = SchemaSettings::draft2020_12()
        .into_generator()
        .into_root_schema_for::<T::Settings>()
        .to_value();
    Arc::new(Typed::<T> {
        descriptor,
        of: PhantomData,
    })
}

struct Typed<T> {
    descriptor: ChannelDescriptor,
    of: PhantomData<fn() -> T>,
}

impl<T: ChannelType> Plugin for Typed<T> {
    fn descriptor(&self) -> &ChannelDescriptor {
        &self.descriptor
    }

    fn open(&self, settings: &Value) -> Result<Box<dyn Channel>, ChannelError> {
        T::open(parse::<T>(settings)?)
    }

    fn migrate(&self, from: u32, settings: Value) -> Result<Value, ChannelError> {
        T::migrate(from, settings)
    }

    fn normalize(&self, settings: &Value) -> Result<Value, ChannelError> {
        serde_json::to_value(parse::<T>(settings)?).map_err(|error| ChannelError::Protocol {
            reason: error.to_string(),
        })
    }
}

fn parse<T: ChannelType>(settings: &Value) -> Result<T::Settings, ChannelError> {
    serde_path_to_error::deserialize(settings).map_err(|error| {
        let path = error.path().to_string();
        let path = if path == "." { "" } else { path.as_str() };
        ChannelError::InvalidSettings {
            fields: vec![explain(path, &error.inner().to_string())],
        }
    })
}

/// Turns serde's message into one for people. What was given is left out: it may be a secret.
fn explain(path: &str, message: &str) -> FieldError {
    if let Some(name) = message.strip_prefix("missing field `") {
        return FieldError::new(&join(path, name.trim_end_matches('`')), "is missing");
    }
    let quotes_the_value = ["invalid ", "unknown variant "]
        .iter()
        .any(|start| message.starts_with(start));
    match message.rsplit_once(", expected ") {
        Some((_, expected)) if quotes_the_value => {
            FieldError::new(path, format!("must be {expected}"))
        }
        _ => FieldError::new(path, message),
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::explain;
    use crate::FieldError;

    #[test]
    fn a_missing_field_is_named_below_its_parent() {
        assert_eq!(
            explain("bot", "missing field `token`"),
            FieldError::new("bot.token", "is missing")
        );
    }

    #[test]
    fn a_wrong_value_is_not_repeated() {
        assert_eq!(
            explain(
                "port",
                "invalid type: string \"s3cret, expected x\", expected u16"
            ),
            FieldError::new("port", "must be u16")
        );
        assert_eq!(
            explain("mode", "unknown variant `s3cret`, expected `a` or `b`"),
            FieldError::new("mode", "must be `a` or `b`")
        );
    }
}

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
        let field = if path == "." { String::new() } else { path };
        ChannelError::InvalidSettings {
            fields: vec![FieldError {
                field,
                message: error.into_inner().to_string(),
            }],
        }
    })
}

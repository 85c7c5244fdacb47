//! Schemas of the types that bodies are made of but that are defined elsewhere.

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::attributes::Attributes;
use crate::event::EventName;
use crate::model::{
    AccountStatus, ContactKind, ConversationStatus, FileType, MessageStatus, MessageType, Priority,
    Role, SenderKind,
};

impl ToSchema for Attributes {}

impl PartialSchema for Attributes {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .additional_properties(Some(AdditionalProperties::FreeForm(true)))
            .description(Some("Any JSON object."))
            .into()
    }
}

macro_rules! names {
    ($($name:ident $text:literal),* $(,)?) => {$(
        impl ToSchema for $name {}

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .enum_values(Some($name::ALL.iter().map(|value| value.as_str())))
                    .description(Some($text))
                    .into()
            }
        }
    )*};
}

names! {
    AccountStatus "Whether an account is in use.",
    ContactKind "How much is known of a contact.",
    ConversationStatus "State of a conversation.",
    EventName "What happened.",
    FileType "What is attached.",
    MessageStatus "How far a message has come.",
    MessageType "Who made a message, and for whom.",
    Priority "How urgent a conversation is.",
    Role "What a user may do in an account.",
    SenderKind "What kind of being wrote or answers.",
}

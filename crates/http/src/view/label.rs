use gatewright_core::label::Label;
use serde::Serialize;
use utoipa::ToSchema;

/// A label that the account offers (contract, section 4.5).
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Label)]
pub struct LabelView {
    /// Its id.
    pub id: i64,
    /// In lower case, unique per account.
    #[schema(example = "billing")]
    pub title: String,
    /// What it is for.
    #[schema(required)]
    pub description: Option<String>,
    /// Its color.
    #[schema(example = "#1f93ff")]
    pub color: String,
    /// Whether clients list it on their sidebar; null when nobody said.
    #[schema(required)]
    pub show_on_sidebar: Option<bool>,
}

impl From<Label> for LabelView {
    fn from(label: Label) -> Self {
        Self {
            id: label.id.get(),
            title: label.title,
            description: label.description,
            color: label.color,
            show_on_sidebar: label.show_on_sidebar,
        }
    }
}

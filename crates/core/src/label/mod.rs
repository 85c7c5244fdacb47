//! Labels that an account offers (contract, section 4.5). What hangs on a conversation or
//! contact is a free tag with the same title: a label need not exist to be given, and its end takes
//! no tag away.

mod repo;

use std::sync::Arc;

use gatewright_store::entity::labels;
use sea_orm::ActiveModelTrait;
use sea_orm::ActiveValue::Set;

use crate::account::repo as account_rows;
use crate::caller::Caller;
use crate::error::{Error, Result};
use crate::ids::LabelId;
use crate::kernel::Kernel;
use crate::transaction::transact;
use crate::validate::{Violations, present};

/// The color of a label whose maker chose none.
pub const DEFAULT_COLOR: &str = "#1f93ff";

/// A label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Its id.
    pub id: LabelId,
    /// Unique per account, in lower case.
    pub title: String,
    /// What it is for.
    pub description: Option<String>,
    /// Its color, as clients wrote it.
    pub color: String,
    /// Whether clients list it on their sidebar; unknown when nobody said.
    pub show_on_sidebar: Option<bool>,
}

/// What a request says of a label. Absent (`None`) leaves the value as it is; `Some(None)` clears
/// it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LabelChange {
    /// Letters, digits, `_` and `-`, at least two, the first a letter or digit; required in a new
    /// label.
    pub title: Option<String>,
    /// What it is for.
    pub description: Option<Option<String>>,
    /// Its color; [`DEFAULT_COLOR`] when cleared.
    pub color: Option<Option<String>>,
    /// Whether clients list it on their sidebar.
    pub show_on_sidebar: Option<Option<bool>>,
}

/// The labels.
#[derive(Clone)]
pub struct Labels {
    kernel: Arc<Kernel>,
}

impl Labels {
    /// The labels of this gateway.
    pub fn new(kernel: Arc<Kernel>) -> Self {
        Self { kernel }
    }

    /// The account's labels, by title.
    ///
    /// # Errors
    /// Database errors.
    pub async fn list(&self, caller: &Caller) -> Result<Vec<Label>> {
        repo::all(self.kernel.db.read(), caller.account_id()).await
    }

    /// One label.
    ///
    /// # Errors
    /// [`crate::error::Denied::Policy`] for agents; [`Error::NotFound`].
    pub async fn show(&self, caller: &Caller, label: LabelId) -> Result<Label> {
        caller.require_administrator()?;
        let found = repo::find(self.kernel.db.read(), caller.account_id(), label).await?;
        found.ok_or(Error::NotFound)
    }

    /// Makes a label.
    ///
    /// # Errors
    /// [`crate::error::Denied::Policy`] for agents; [`Error::Invalid`] with the contract's texts.
    pub async fn create(&self, caller: &Caller, create: LabelChange) -> Result<Label> {
        caller.require_administrator()?;
        let draft = Draft::new(&create, None)?;
        let (account, now) = (caller.account_id(), self.kernel.now());
        transact!(self.kernel, |tx| {
            let label = repo::insert(tx, account, &draft, now).await?;
            account_rows::labels_changed(tx, account, now).await?;
            label.ok_or_else(taken)
        })
        .await
    }

    /// Changes a label. A new title is also given to the conversations and contacts that have the
    /// old one.
    ///
    /// # Errors
    /// As [`Self::create`], and [`Error::NotFound`].
    pub async fn update(
        &self,
        caller: &Caller,
        label: LabelId,
        change: LabelChange,
    ) -> Result<Label> {
        caller.require_administrator()?;
        let (account, now) = (caller.account_id(), self.kernel.now());
        transact!(self.kernel, |tx| {
            let row = repo::lock(tx, account, label)
                .await?
                .ok_or(Error::NotFound)?;
            let before = row.title.clone();
            let draft = Draft::new(&change, Some(&row))?;
            let mut row: labels::ActiveModel = row.into();
            row.title = Set(draft.title.clone());
            row.description = Set(draft.description);
            row.color = Set(draft.color);
            row.show_on_sidebar = Set(draft.show_on_sidebar);
            row.updated_at = Set(now.0);
            let after = row.update(tx).await.map_err(taken_or)?;
            if draft.title != before {
                repo::retag(tx, account, &before, &draft.title).await?;
            }
            account_rows::labels_changed(tx, account, now).await?;
            Ok(repo::from_row(after))
        })
        .await
    }

    /// Removes a label. Conversations keep their tags.
    ///
    /// # Errors
    /// [`crate::error::Denied::Policy`] for agents; [`Error::NotFound`].
    pub async fn delete(&self, caller: &Caller, label: LabelId) -> Result<()> {
        caller.require_administrator()?;
        let (account, now) = (caller.account_id(), self.kernel.now());
        transact!(self.kernel, |tx| {
            if !repo::delete(tx, account, label).await? {
                return Err(Error::NotFound);
            }
            account_rows::labels_changed(tx, account, now).await
        })
        .await
    }
}

/// A label as it shall be.
struct Draft {
    title: String,
    description: Option<String>,
    color: String,
    show_on_sidebar: Option<bool>,
}

impl Draft {
    fn new(change: &LabelChange, before: Option<&labels::Model>) -> Result<Self> {
        let stored = |of: fn(&labels::Model) -> Option<String>| before.and_then(of);
        let title = match &change.title {
            Some(title) => title.to_lowercase(),
            None => stored(|row| Some(row.title.clone())).unwrap_or_default(),
        };
        let description = match &change.description {
            Some(description) => description.clone(),
            None => stored(|row| row.description.clone()),
        };
        let color = match &change.color {
            Some(color) => present(color.clone()),
            None => stored(|row| Some(row.color.clone())),
        };
        let show_on_sidebar = match change.show_on_sidebar {
            Some(show) => show,
            None => before.and_then(|row| row.show_on_sidebar),
        };
        let draft = Self {
            title,
            description,
            color: color.unwrap_or_else(|| DEFAULT_COLOR.to_owned()),
            show_on_sidebar,
        };
        draft.check()?;
        Ok(draft)
    }

    fn check(&self) -> Result<()> {
        let mut violations = Violations::default();
        violations.required("title", &self.title);
        if !self.title.trim().is_empty() && !is_title(&self.title) {
            violations.add(
                "title",
                "must be at least two letters, digits, _ or -, the first a letter or digit",
            );
        }
        violations.max_chars("title", &self.title, 255);
        let description = self.description.as_deref().unwrap_or_default();
        violations.max_chars("description", description, 20_000);
        violations.max_chars("color", &self.color, 255);
        violations.check()
    }
}

fn is_title(text: &str) -> bool {
    text.chars().count() >= 2
        && text.starts_with(char::is_alphanumeric)
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
}

fn taken() -> Error {
    Error::invalid("title", "has already been taken")
}

fn taken_or(error: sea_orm::DbErr) -> Error {
    if gatewright_store::unique_violation(&error).is_some() {
        taken()
    } else {
        error.into()
    }
}

#[cfg(test)]
mod tests {
    use super::is_title;

    #[test]
    fn titles_are_two_letters_or_more_and_begin_with_one() {
        for good in ["ab", "a1", "1a", "a_", "a-b", "größe", "ラベル"] {
            assert!(is_title(good), "{good}");
        }
        for bad in ["", "a", "_a", "-a", "a b", "a.b", " ab", "ab\n", "a😀"] {
            assert!(!is_title(bad), "{bad}");
        }
    }
}

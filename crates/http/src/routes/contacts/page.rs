//! What the lists of contacts have in common.

use gatewright_core::contact::{ContactPage, ContactQuery, Sort};
use gatewright_core::registry::Registry;
use gatewright_core::wire::ContactView;

use super::{listed, presences};
use crate::Json200;
use crate::error::ApiError;
use crate::view::{ContactsMeta, Page, PageNumber};

/// A page of contacts.
pub(super) type Contacts200 = Json200<Page<ContactsMeta, ContactView>>;

/// How a page is asked for.
pub(super) struct Asked {
    pub(super) page: Option<PageNumber>,
    pub(super) sort: Option<String>,
    pub(super) include_contact_inboxes: Option<String>,
}

impl Asked {
    /// The question, without labels.
    pub(super) fn query(&self) -> Result<ContactQuery, ApiError> {
        Ok(ContactQuery {
            sort: Sort::parse(self.sort.as_deref().unwrap_or_default())?,
            page: self.page.as_ref().map_or(1, PageNumber::get),
            labels: Vec::new(),
            presences: listed(self.include_contact_inboxes.as_deref()),
        })
    }

    /// The answer.
    pub(super) fn answer(self, registry: &Registry, page: &ContactPage) -> Contacts200 {
        let with = listed(self.include_contact_inboxes.as_deref());
        let contacts = page.contacts.iter();
        let payload = contacts.map(|found| {
            let inboxes = with.then(|| presences(registry, &found.presences));
            ContactView::new(&found.contact, inboxes)
        });
        Json200(Page {
            payload: payload.collect(),
            meta: ContactsMeta::new(page, self.page),
        })
    }
}

//! Contacts (contract, section 4.1).

mod contact_active_list;
mod contact_avatar_delete;
mod contact_contactable_inbox_list;
mod contact_conversation_list;
mod contact_create;
mod contact_custom_attributes_destroy;
mod contact_delete;
mod contact_filter;
mod contact_inbox_create;
mod contact_inbox_filter;
mod contact_label_list;
mod contact_label_replace;
mod contact_list;
mod contact_merge;
mod contact_search;
mod contact_show;
mod contact_update;
mod page;

use gatewright_core::contact::presence_views as presences;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(lists())
        .routes(routes!(
            contact_show::contact_show,
            contact_update::contact_update
        ))
        .routes(routes!(
            contact_update::contact_replace,
            contact_delete::contact_delete
        ))
        .routes(routes!(
            contact_conversation_list::contact_conversation_list
        ))
        .routes(routes!(
            contact_label_list::contact_label_list,
            contact_label_replace::contact_label_replace
        ))
        .routes(routes!(contact_avatar_delete::contact_avatar_delete))
        .routes(routes!(contact_inbox_create::contact_inbox_create))
        .routes(routes!(
            contact_contactable_inbox_list::contact_contactable_inbox_list
        ))
        .routes(routes!(
            contact_custom_attributes_destroy::contact_custom_attributes_destroy
        ))
        .routes(routes!(contact_merge::contact_merge))
}

fn lists() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(
            contact_list::contact_list,
            contact_create::contact_create
        ))
        .routes(routes!(contact_search::contact_search))
        .routes(routes!(contact_active_list::contact_active_list))
        .routes(routes!(contact_filter::contact_filter))
        .routes(routes!(contact_inbox_filter::contact_inbox_filter))
}

/// Whether presences are listed: when nothing is said of them, or `true`.
fn listed(include_contact_inboxes: Option<&str>) -> bool {
    include_contact_inboxes.is_none_or(|text| text == "true")
}

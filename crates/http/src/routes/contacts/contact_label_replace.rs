use axum::extract::State;
use gatewright_core::contact::Contacts;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::contact_show::ContactPath;
use crate::caller::InAccount;
use crate::error::ApiError;
use crate::view::{AppErrors, Payload};
use crate::{Ids, Json200, Params, Root};

/// The labels that a contact is to have.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = ContactLabelsParams)]
pub(super) struct LabelsParams {
    /// The whole set; whatever is no list clears it.
    #[schema(value_type = Option<Vec<String>>, example = json!(["vip"]))]
    labels: Value,
}

impl Root for LabelsParams {}

impl LabelsParams {
    fn titles(self) -> Vec<String> {
        let Value::Array(labels) = self.labels else {
            return Vec::new();
        };
        let text = |label| match label {
            Value::String(text) => Some(text),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(value) => Some(value.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        };
        labels.into_iter().filter_map(text).collect()
    }
}

/// Gives the contact these labels in place of those it has.
#[utoipa::path(post, path = "/api/v1/accounts/{account_id}/contacts/{contact_id}/labels",
    tag = "contacts", params(("account_id" = i64, Path), ("contact_id" = i64, Path)),
    request_body = LabelsParams,
    responses((status = 200, body = Payload<Vec<String>>), AppErrors))]
pub(super) async fn contact_label_replace(
    InAccount(caller): InAccount,
    Ids(path): Ids<ContactPath>,
    State(contacts): State<Contacts>,
    Params(params): Params<LabelsParams>,
) -> Result<Json200<Payload<Vec<String>>>, ApiError> {
    let payload = contacts
        .set_labels(&caller, path.id(), params.titles())
        .await?;
    Ok(Json200(Payload { payload }))
}

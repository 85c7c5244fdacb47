//! A condition of a filter, as bodies carry it (contract, section 4.1).

use gatewright_core::filter::Condition;
use serde::Deserialize;
use utoipa::ToSchema;

/// One condition of a filter.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = FilterCondition)]
pub(crate) struct ConditionParams {
    /// What is compared.
    #[schema(example = "status")]
    attribute_key: String,
    /// How it is compared.
    #[schema(example = "equal_to")]
    filter_operator: String,
    /// With what; not needed by `is_present` and `is_not_present`.
    values: Option<Vec<String>>,
    /// How it joins to the next condition: `and` or `or`.
    #[schema(example = "and")]
    query_operator: Option<String>,
}

impl From<ConditionParams> for Condition {
    fn from(params: ConditionParams) -> Self {
        Self {
            attribute_key: params.attribute_key,
            filter_operator: params.filter_operator,
            values: params.values.unwrap_or_default(),
            query_operator: params.query_operator,
        }
    }
}

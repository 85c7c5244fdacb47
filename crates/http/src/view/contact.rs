use gatewright_core::contact::ContactPage;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

/// About a list of contacts.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ContactsMeta {
    /// How many there are over all pages; null when nothing was searched for.
    #[schema(required)]
    pub count: Option<i64>,
    /// The page as it was asked for: a text from a query, a number from a JSON body; 1 when it was
    /// left out.
    pub current_page: PageNumber,
}

impl ContactsMeta {
    /// About a page that was asked for in this way.
    pub fn new(page: &ContactPage, asked: Option<PageNumber>) -> Self {
        Self {
            count: page.count,
            current_page: asked.unwrap_or(PageNumber::Number(1)),
        }
    }
}

/// The number of a page, given back in the form in which it came (contract, section 1.6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(untagged)]
pub enum PageNumber {
    /// A number of JSON.
    Number(i64),
    /// A text, as queries carry it.
    Text(String),
}

impl PageNumber {
    /// The page from 1; whatever is no such number is the first.
    pub fn get(&self) -> u64 {
        let number = match self {
            Self::Number(number) => u64::try_from(*number).unwrap_or(1),
            Self::Text(text) => text.trim().parse().unwrap_or(1),
        };
        number.max(1)
    }
}

impl<'de> Deserialize<'de> for PageNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number;
        impl Visitor<'_> for Number {
            type Value = PageNumber;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("the number of a page")
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<PageNumber, E> {
                Ok(PageNumber::Number(number))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<PageNumber, E> {
                Ok(PageNumber::Number(
                    i64::try_from(number).unwrap_or(i64::MAX),
                ))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<PageNumber, E> {
                Ok(PageNumber::Text(text.to_owned()))
            }
        }
        deserializer.deserialize_any(Number)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_page_is_given_back_as_it_came_and_is_at_least_the_first() {
        for (given, page) in [
            (json!(2), 2),
            (json!("3"), 3),
            (json!(0), 1),
            (json!(-1), 1),
            (json!("x"), 1),
            (json!(""), 1),
            (json!(i64::MAX), 9_223_372_036_854_775_807),
        ] {
            let read: PageNumber = serde_json::from_value(given.clone()).unwrap();
            assert_eq!(read.get(), page, "{given}");
            assert_eq!(serde_json::to_value(&read).unwrap(), given);
        }
        assert!(serde_json::from_value::<PageNumber>(json!([1])).is_err());
    }
}

//! What a contact sends as its answer to a message.

use serde_json::{Map, Value};

use crate::error::{Error, Result};

/// Entries of one answer.
const ITEMS_MAX: usize = 100;

/// Characters of one text.
const TEXT_MAX: usize = 20_000;

const SHAPE: &str = "submitted_values must be a list of objects with name, title and value, \
                     or an object with csat_survey_response";

/// An answer, checked. Keys that the contract does not name are dropped (contract, section 5).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Submitted {
    values: Option<Value>,
    email: Option<String>,
    rating: Option<Rating>,
}

/// The rating of a survey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rating {
    /// 1 to 5.
    pub(super) rating: i16,
    pub(super) feedback_message: Option<String>,
}

impl Submitted {
    /// Reads `submitted_values` and `submitted_email`.
    ///
    /// # Errors
    /// [`Error::Unprocessable`] for another shape or too much of it; [`Error::Invalid`] for a
    /// rating that is not from 1 to 5.
    pub fn new(values: Option<Value>, email: Option<String>) -> Result<Self> {
        let values = values.filter(|value| !value.is_null() && value.as_str() != Some(""));
        let (values, rating) = match values {
            None => (None, None),
            Some(Value::Array(items)) => (Some(list(items)?), None),
            Some(Value::Object(object)) => {
                let (object, rating) = one(object)?;
                (Some(object), rating)
            }
            Some(_) => return Err(Error::Unprocessable(SHAPE.to_owned())),
        };
        if let Some(email) = &email {
            bounded("submitted_email", email)?;
        }
        Ok(Self {
            values,
            email,
            rating,
        })
    }

    /// The content attributes that change.
    pub(super) fn attributes(&self) -> Map<String, Value> {
        let email = self.email.clone().map(Value::String);
        [
            ("submitted_values", self.values.clone()),
            ("submitted_email", email),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
    }

    pub(super) fn rating(&self) -> Option<&Rating> {
        self.rating.as_ref()
    }
}

fn list(items: Vec<Value>) -> Result<Value> {
    if items.len() > ITEMS_MAX {
        return Err(Error::Unprocessable(format!(
            "submitted_values has too many entries (maximum is {ITEMS_MAX})"
        )));
    }
    let item = |item| match item {
        Value::Object(object) => Ok(Value::Object(permitted(
            object,
            &["name", "title", "value"],
        )?)),
        _ => Err(Error::Unprocessable(SHAPE.to_owned())),
    };
    items.into_iter().map(item).collect()
}

fn one(mut object: Map<String, Value>) -> Result<(Value, Option<Rating>)> {
    let survey = object.remove("csat_survey_response");
    let mut kept = permitted(object, &["name", "title", "value"])?;
    let Some(Value::Object(survey)) = survey else {
        return Ok((Value::Object(kept), None));
    };
    let mut survey = permitted(survey, &["rating", "feedback_message"])?;
    let feedback_message = match survey.get("feedback_message") {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Null) | None => None,
        Some(other) => Some(other.to_string()),
    };
    let rating = rating(survey.get("rating"))?;
    if let Some(rating) = rating {
        survey.insert("rating".to_owned(), rating.into());
    }
    kept.insert("csat_survey_response".to_owned(), survey.into());
    let rating = rating.map(|rating| Rating {
        rating,
        feedback_message,
    });
    Ok((Value::Object(kept), rating))
}

/// A number from 1 to 5, also as text; none when it is blank.
fn rating(value: Option<&Value>) -> Result<Option<i16>> {
    let number = match value {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) if text.trim().is_empty() => return Ok(None),
        Some(Value::String(text)) => text.trim().parse().ok(),
        Some(other) => other.as_i64(),
    };
    number
        .and_then(|number: i64| i16::try_from(number).ok())
        .filter(|number| (1..=5).contains(number))
        .map(Some)
        .ok_or_else(|| Error::invalid("rating", "is not included in the list"))
}

/// Those of the keys whose values are texts, numbers, booleans or null.
fn permitted(object: Map<String, Value>, keys: &[&str]) -> Result<Map<String, Value>> {
    let mut kept = Map::new();
    for (key, value) in object {
        if let Value::String(text) = &value {
            bounded("submitted_values", text)?;
        }
        if keys.contains(&key.as_str()) && !value.is_object() && !value.is_array() {
            kept.insert(key, value);
        }
    }
    Ok(kept)
}

fn bounded(name: &str, text: &str) -> Result<()> {
    if text.chars().count() > TEXT_MAX {
        return Err(Error::Unprocessable(format!(
            "{name} is too long (maximum is {TEXT_MAX} characters)"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn kept(values: Value) -> Value {
        let submitted = Submitted::new(Some(values), None).unwrap();
        Value::Object(submitted.attributes())
    }

    #[test]
    fn only_what_the_contract_names_is_kept() {
        let items = json!([{ "title": "A", "value": "a", "more": 1, "name": { "x": 1 } }]);
        assert_eq!(
            kept(items),
            json!({ "submitted_values": [{ "title": "A", "value": "a" }] })
        );
        let survey = json!({ "csat_survey_response": {
            "rating": "4", "feedback_message": "Good", "more": 1 }, "x": 1 });
        assert_eq!(
            kept(survey),
            json!({ "submitted_values": { "csat_survey_response": {
                "rating": 4, "feedback_message": "Good" } } })
        );
        assert_eq!(kept(Value::Null), json!({}));
    }

    #[test]
    fn a_rating_is_from_one_to_five() {
        let rated = |rating: Value| {
            let values = json!({ "csat_survey_response": { "rating": rating } });
            Submitted::new(Some(values), None).map(|submitted| submitted.rating)
        };
        assert_eq!(rated(json!(5)).unwrap().unwrap().rating, 5);
        assert_eq!(rated(json!("")).unwrap(), None);
        for wrong in [json!(0), json!(6), json!("x"), json!(1.5), json!(true)] {
            let error = rated(wrong.clone()).unwrap_err();
            assert_eq!(
                error.to_string(),
                "Rating is not included in the list",
                "{wrong}"
            );
        }
    }

    #[test]
    fn other_shapes_and_too_much_are_refused() {
        let long = "x".repeat(TEXT_MAX + 1);
        let many = vec![json!({}); ITEMS_MAX + 1];
        for wrong in [
            json!(1),
            json!("x"),
            json!([1]),
            json!([{ "value": long }]),
            json!(many),
        ] {
            let error = Submitted::new(Some(wrong), None).unwrap_err();
            assert!(matches!(error, Error::Unprocessable(_)), "{error}");
        }
    }
}

//! The keys that name a contact (contract, section 8).

use serde_json::Value;

use super::fields::Fields;

const MAX_CHARS: usize = 255;

/// The gateway's own id: a number above 0, or its digits as text.
pub(super) fn contact_id(fields: &mut Fields<'_>) -> Option<i64> {
    let id = match fields.value("contact_id")? {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    let id = id.filter(|id| *id > 0);
    if id.is_none() {
        fields.wrong(
            "contact_id",
            "must be the contact's id, a whole number above 0",
        );
    }
    id
}

/// A phone number that ends with `+` and 2 to 15 digits.
pub(super) fn phone_number(fields: &mut Fields<'_>) -> Option<String> {
    const EXAMPLE: &str = r#"for example "+4915112345678""#;
    if fields.value("phone_number")?.is_number() {
        fields.wrong(
            "phone_number",
            format!("must be text, {EXAMPLE}: a number loses its +"),
        );
        return None;
    }
    let phone = fields.text("phone_number", MAX_CHARS)?;
    if !ends_in_e164(&phone) {
        fields.wrong(
            "phone_number",
            format!("must be + and 2 to 15 digits (E.164), {EXAMPLE}"),
        );
        return None;
    }
    Some(phone)
}

/// An email address: one `@` and no spaces.
pub(super) fn email(fields: &mut Fields<'_>) -> Option<String> {
    let email = fields.text("email", MAX_CHARS)?;
    let around = email.split_once('@');
    let right = around.is_some_and(|(local, domain)| {
        !local.is_empty() && !domain.is_empty() && !domain.contains('@')
    });
    if !right || email.contains(char::is_whitespace) {
        fields.wrong(
            "email",
            "must have one @ and no spaces, for example jane@example.com",
        );
        return None;
    }
    Some(email)
}

/// `/\+[1-9]\d{1,14}\z/`: the contract lets anything stand before the `+`.
fn ends_in_e164(phone: &str) -> bool {
    let Some((_, digits)) = phone.rsplit_once('+') else {
        return false;
    };
    (2..=15).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !digits.starts_with('0')
}

#[cfg(test)]
mod tests {
    use super::ends_in_e164;

    #[test]
    fn phone_numbers_end_with_a_plus_and_digits() {
        for right in [
            "+12",
            "+123456789012345",
            "tel:+4915112345678",
            "++12",
            "1+23",
        ] {
            assert!(ends_in_e164(right), "{right}");
        }
        let wrong = [
            "",
            "+",
            "+1",
            "+1234567890123456",
            "+0123",
            "4915112345678",
            "+12 ",
            "+1 23",
            "+12\n",
        ];
        for wrong in wrong {
            assert!(!ends_in_e164(wrong), "{wrong:?}");
        }
        assert!(
            !ends_in_e164("+\u{0661}\u{0662}"),
            "only ASCII digits count"
        );
    }
}

//! Where a request carries its access token.

use http::{HeaderMap, header::AUTHORIZATION};

/// The header names that carry a token. Proxies that drop names with an underscore let the second
/// one pass (contract §1.1).
const NAMES: [&str; 2] = ["api_access_token", "api-access-token"];

/// The access token of a request, or `None` when there is none or it is blank.
///
/// Reads `api_access_token`, `api-access-token` (any case), and then, as our addition to the
/// contract, `Authorization: Bearer <token>`. A query parameter is never read.
pub fn api_access_token(headers: &HeaderMap) -> Option<&str> {
    NAMES
        .iter()
        .find_map(|name| present(headers.get(*name)?.to_str().ok()?))
        .or_else(|| {
            let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
            scheme
                .eq_ignore_ascii_case("bearer")
                .then_some(token)
                .and_then(present)
        })
}

fn present(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderName;

    fn token_of(name: &str, value: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(
            HeaderName::from_bytes(name.as_bytes()).unwrap(),
            value.parse().unwrap(),
        );
        api_access_token(&headers).map(str::to_owned)
    }

    #[test]
    fn every_spelling_of_the_header_is_read() {
        for name in ["api_access_token", "API_ACCESS_TOKEN", "Api-Access-Token"] {
            assert_eq!(
                token_of(name, " secret ").as_deref(),
                Some("secret"),
                "{name}"
            );
        }
        assert_eq!(
            token_of("authorization", "bearer secret").as_deref(),
            Some("secret")
        );
    }

    #[test]
    fn blank_and_foreign_values_are_no_token() {
        assert_eq!(token_of("api_access_token", "  "), None);
        assert_eq!(token_of("authorization", "Basic c2VjcmV0"), None);
        assert_eq!(token_of("authorization", "Bearer "), None);
        assert_eq!(token_of("x-token", "secret"), None);
    }

    #[test]
    fn a_blank_header_falls_through_to_the_next_place() {
        let mut headers = HeaderMap::new();
        headers.insert("api_access_token", "".parse().unwrap());
        headers.insert("api-access-token", "second".parse().unwrap());
        assert_eq!(api_access_token(&headers), Some("second"));
    }
}

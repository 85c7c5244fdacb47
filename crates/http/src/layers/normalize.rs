//! Every route also answers with a `.json` suffix or a trailing slash (contract §1.4).

use axum::body::Body;
use http::{Request, Uri, uri::PathAndQuery};

/// Cuts one trailing `/` and then `.json` from the path, and keeps the query. `/docs`,
/// `/openapi.json` and what is attached are left alone: they are files, not operations.
pub(super) fn normalize(mut request: Request<Body>) -> Request<Body> {
    if let Some(uri) = normalized(request.uri()) {
        *request.uri_mut() = uri;
    }
    request
}

fn normalized(uri: &Uri) -> Option<Uri> {
    let path = uri.path();
    let short = shortened(path);
    if short.len() == path.len() {
        return None;
    }
    let path_and_query = match uri.query() {
        Some(query) => PathAndQuery::try_from(format!("{short}?{query}")),
        None => PathAndQuery::try_from(short),
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(path_and_query.ok()?);
    Uri::from_parts(parts).ok()
}

fn shortened(path: &str) -> &str {
    let file = path == "/docs" || path == "/openapi.json";
    if file || path.starts_with("/docs/") || path.starts_with("/rails/") {
        return path;
    }
    let path = path
        .strip_suffix('/')
        .filter(|rest| !rest.is_empty())
        .unwrap_or(path);
    let named = |rest: &&str| !rest.is_empty() && !rest.ends_with('/');
    path.strip_suffix(".json").filter(named).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path_of(uri: &str) -> String {
        let request = Request::get(uri).body(Body::empty()).unwrap();
        normalize(request).uri().to_string()
    }

    #[test]
    fn suffixes_are_cut_and_the_query_kept() {
        for (uri, expected) in [
            ("/api/v1/profile", "/api/v1/profile"),
            ("/api/v1/profile.json", "/api/v1/profile"),
            ("/api/v1/profile/", "/api/v1/profile"),
            ("/api/v1/profile.json/", "/api/v1/profile"),
            (
                "/api/v1/profile.json?page=2&a=/",
                "/api/v1/profile?page=2&a=/",
            ),
            ("/api/v1/profile/?", "/api/v1/profile?"),
            ("/api/v1/profile//", "/api/v1/profile/"),
            ("/", "/"),
            ("/.json", "/.json"),
            ("/a.jsonx", "/a.jsonx"),
            ("/openapi.json", "/openapi.json"),
            ("/docs/", "/docs/"),
            ("/docs/x.json", "/docs/x.json"),
            ("http://host/a/?b", "http://host/a?b"),
        ] {
            assert_eq!(path_of(uri), expected, "{uri}");
        }
    }
}

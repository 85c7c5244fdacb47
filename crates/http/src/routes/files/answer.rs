//! A file as an answer.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use gatewright_core::Error;
use gatewright_core::attachment::{Attachments, StoredFile};
use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE,
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderName, IF_NONE_MATCH, IF_RANGE, RANGE,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::range::{Wish, wish};

/// The file, the range of it that is asked for, or word that the caller has it already.
pub(super) async fn answer(
    attachments: &Attachments,
    file: &StoredFile,
    asked: &HeaderMap,
) -> Result<Response, Error> {
    let tag = format!("\"{}\"", file.checksum);
    let text = |name: HeaderName| asked.get(name).and_then(|value| value.to_str().ok());
    let mut headers = headers_of(file, &tag);
    if text(IF_NONE_MATCH).is_some_and(|tags| names(tags, &tag)) {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    let size = file.byte_size;
    let range = text(RANGE).filter(|_| text(IF_RANGE).is_none_or(|known| known == tag));
    let (status, range) = match wish(range, size) {
        Wish::Whole => (StatusCode::OK, 0..size),
        Wish::Part(range) => {
            let shown = format!("bytes {}-{}/{size}", range.start, range.end - 1);
            set(&mut headers, CONTENT_RANGE, &shown);
            (StatusCode::PARTIAL_CONTENT, range)
        }
        Wish::Beyond => {
            set(&mut headers, CONTENT_RANGE, &format!("bytes */{size}"));
            return Ok((StatusCode::RANGE_NOT_SATISFIABLE, headers).into_response());
        }
    };
    headers.insert(
        CONTENT_LENGTH,
        HeaderValue::from(range.end.saturating_sub(range.start)),
    );
    let bytes = attachments.read(file, range).await?;
    Ok((status, headers, Body::from_stream(bytes)).into_response())
}

/// What a browser may do with a stranger's file: show a picture, sound or video, and save the rest.
fn headers_of(file: &StoredFile, tag: &str) -> HeaderMap {
    let how = if file.in_place {
        "inline"
    } else {
        "attachment"
    };
    let mut headers = HeaderMap::new();
    for (name, value) in [
        (ACCEPT_RANGES, "bytes"),
        // Asked again each time, since a link can be revoked; the tag spares the bytes.
        (CACHE_CONTROL, "private, no-cache"),
        (CONTENT_DISPOSITION, &disposition(how, &file.filename)),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
        (CONTENT_TYPE, &file.content_type),
        (ETAG, tag),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        set(&mut headers, name, value);
    }
    headers
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    let unknown = HeaderValue::from_static("application/octet-stream");
    headers.insert(name, HeaderValue::from_str(value).unwrap_or(unknown));
}

/// RFC 6266: a name for everybody, and the whole name for those who read the extended form.
fn disposition(how: &str, filename: &str) -> String {
    let plain: String = filename
        .chars()
        .map(|c| match c {
            '"' | '\\' | '%' => '_',
            c if c.is_ascii_graphic() || c == ' ' => c,
            _ => '_',
        })
        .collect();
    let whole = utf8_percent_encode(filename, NON_ALPHANUMERIC);
    format!("{how}; filename=\"{plain}\"; filename*=UTF-8''{whole}")
}

/// Whether a list of tags has this one. Weak tags count: the bytes are equal all the same.
fn names(list: &str, tag: &str) -> bool {
    list.split(',')
        .map(str::trim)
        .any(|one| one == "*" || one.trim_start_matches("W/") == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_leave_their_header() {
        let shown = disposition("attachment", "a\"b\r\nx: y жук%.html");
        assert!(HeaderValue::from_str(&shown).is_ok(), "{shown}");
        assert!(shown.starts_with(
            "attachment; filename=\"a_b__x: y ____.html\"; filename*=UTF-8''a%22b%0D%0A"
        ));
    }

    #[test]
    fn tags_are_found_in_lists() {
        let tag = "\"abc\"";
        for list in ["\"abc\"", "W/\"abc\"", "\"x\", \"abc\"", "*"] {
            assert!(names(list, tag), "{list}");
        }
        for list in ["", "abc", "\"x\""] {
            assert!(!names(list, tag), "{list}");
        }
    }
}

//! Filters, sorts, pages and cursors. Input: a line with the list and its query, the body of a
//! filter as JSON.

#![no_main]

use axum::http::Method;
use gatewright_fuzz::{Subject, line};
use libfuzzer_sys::{Corpus, fuzz_target};

/// The lists, each by a letter.
const LISTS: &[(&str, &str)] = &[
    ("a", "/contacts"),
    ("b", "/contacts/active"),
    ("c", "/contacts/search"),
    ("d", "/conversations"),
    ("e", "/conversations/meta"),
    ("f", "/conversations/1/messages"),
    ("g", "/conversations/1/attachments"),
    ("h", "/deliveries"),
    ("i", "/events"),
    ("j", "/contacts/filter"),
    ("k", "/conversations/filter"),
];

fuzz_target!(|input: &[u8]| -> Corpus {
    let Some((first, body)) = line(input) else {
        return Corpus::Reject;
    };
    let (letter, query) = first.split_once(' ').unwrap_or((first, ""));
    let Some((_, list)) = LISTS.iter().find(|(name, _)| *name == letter) else {
        return Corpus::Reject;
    };
    let filter = list.ends_with("/filter");
    let (method, body) = if filter {
        (Method::POST, body)
    } else {
        (Method::GET, &[][..])
    };
    let headers = [("content-type", "application/json")];
    let path = format!("{list}?{query}");
    let Some(answer) = Subject::get().send(method, &path, &headers, body) else {
        return Corpus::Reject;
    };
    if answer.status == 200 {
        assert!(answer.json().is_object(), "{path}: {}", answer.text);
    }
    Corpus::Keep
});

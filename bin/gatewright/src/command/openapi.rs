use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use serde_json::{Map, Value};

use crate::cli::Openapi;
use crate::output;

/// Where the document is committed.
const FILE: &str = "openapi/gatewright.json";

/// Writes the document, or compares it with a file.
pub(crate) fn run(spec: &Value, options: &Openapi) -> anyhow::Result<ExitCode> {
    let text = canonical(spec)?;
    if options.check {
        return check(
            &text,
            options
                .output
                .clone()
                .unwrap_or_else(|| PathBuf::from(FILE)),
        );
    }
    match &options.output {
        None => output::write(&text)?,
        Some(file) => std::fs::write(file, text).with_context(|| file.display().to_string())?,
    }
    Ok(ExitCode::SUCCESS)
}

fn check(text: &str, file: PathBuf) -> anyhow::Result<ExitCode> {
    let committed = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    let Some(difference) = first_difference(&committed, text, &file) else {
        return Ok(ExitCode::SUCCESS);
    };
    output::complain(&difference);
    Ok(ExitCode::FAILURE)
}

/// Keys sorted, two spaces, a newline at the end: the same document is always the same bytes.
fn canonical(spec: &Value) -> anyhow::Result<String> {
    Ok(format!(
        "{}\n",
        serde_json::to_string_pretty(&sorted(spec))?
    ))
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut pairs: Vec<_> = map.iter().collect();
            pairs.sort_by_key(|(key, _)| *key);
            let pairs = pairs
                .into_iter()
                .map(|(key, value)| (key.clone(), sorted(value)));
            Value::Object(pairs.collect::<Map<_, _>>())
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

fn first_difference(committed: &str, generated: &str, file: &Path) -> Option<String> {
    if committed == generated {
        return None;
    }
    let file = file.display();
    let again = format!("write it again: gatewright openapi --output {file}");
    let (mut old, mut new) = (committed.lines(), generated.lines());
    for number in 1.. {
        match (old.next(), new.next()) {
            (None, None) => break,
            (old, new) if old == new => {}
            (old, new) => {
                let show = |line: Option<&str>| line.unwrap_or("(the end)").to_owned();
                let (old, new) = (show(old), show(new));
                return Some(format!(
                    "{file} is stale at line {number}\n  committed: {old}\n  generated: {new}\n{again}"
                ));
            }
        }
    }
    Some(format!("{file} differs in its line ends; {again}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_same_document_is_always_the_same_bytes() {
        let text = canonical(&json!({ "b": [{ "d": 1, "c": 2 }], "a": null })).unwrap();
        assert_eq!(
            text,
            "{\n  \"a\": null,\n  \"b\": [\n    {\n      \"c\": 2,\n      \"d\": 1\n    }\n  ]\n}\n"
        );
    }

    #[test]
    fn the_first_difference_is_shown_with_its_line() {
        let difference = |old, new| first_difference(old, new, Path::new("f.json"));
        assert_eq!(difference("a\nb\n", "a\nb\n"), None);
        let told = difference("a\nb\nc\n", "a\nx\nc\n").unwrap();
        assert!(told.starts_with("f.json is stale at line 2\n  committed: b\n  generated: x\n"));
        assert!(
            difference("a\n", "a\nb\n")
                .unwrap()
                .contains("committed: (the end)")
        );
        assert!(difference("a\r\n", "a\n").unwrap().contains("line ends"));
    }
}

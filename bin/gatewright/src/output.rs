//! What a command says.

use std::io::{self, Read, Write};

use anyhow::Context;
use serde_json::Value;

/// Writes a line to standard output.
///
/// # Errors
/// When nobody reads it any more.
pub(crate) fn line(text: &str) -> anyhow::Result<()> {
    write(&format!("{text}\n"))
}

/// Writes a text to standard output as it is.
///
/// # Errors
/// When nobody reads it any more.
pub(crate) fn write(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .context("standard output")
}

/// Writes a line to standard error; when that fails there is nobody left to tell.
pub(crate) fn complain(text: &str) {
    drop(writeln!(io::stderr().lock(), "{text}"));
}

/// Writes rows as an aligned table, or as a JSON array of objects under the same names.
///
/// # Errors
/// When nobody reads it any more.
pub(crate) fn rows(names: &[&str], rows: &[Vec<Value>], json: bool) -> anyhow::Result<()> {
    if json {
        let objects: Vec<Value> = rows
            .iter()
            .map(|row| {
                let pairs = names.iter().zip(row);
                pairs
                    .map(|(name, value)| ((*name).to_owned(), value.clone()))
                    .collect()
            })
            .collect();
        return line(&serde_json::to_string_pretty(&objects)?);
    }
    write(&table(names, rows))
}

fn table(names: &[&str], rows: &[Vec<Value>]) -> String {
    let head: Vec<String> = names.iter().map(|name| name.to_uppercase()).collect();
    let lines: Vec<Vec<String>> = std::iter::once(head)
        .chain(rows.iter().map(|row| row.iter().map(cell).collect()))
        .collect();
    let width = |column: usize| {
        lines
            .iter()
            .filter_map(|line| line.get(column))
            .map(|cell| cell.chars().count())
            .max()
    };
    let widths: Vec<usize> = (0..names.len())
        .map(|column| width(column).unwrap_or(0))
        .collect();
    let mut text = String::new();
    for line in &lines {
        let cells: Vec<String> = line
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

/// One line, whatever is in it: names and errors come from outside.
fn cell(value: &Value) -> String {
    let text = match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// The first line of standard input, without its end.
///
/// # Errors
/// When it cannot be read or is not UTF-8.
pub(crate) fn input_line() -> anyhow::Result<String> {
    let mut text = String::new();
    io::stdin()
        .lock()
        .read_to_string(&mut text)
        .context("standard input")?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::table;

    #[test]
    fn a_table_is_aligned_and_each_row_is_one_line() {
        let rows = [
            vec![json!(1), json!("Ärger\nx")],
            vec![json!(22), json!(null)],
        ];
        assert_eq!(
            table(&["id", "name"], &rows),
            "ID  NAME\n1   Ärger x\n22  -\n"
        );
    }
}

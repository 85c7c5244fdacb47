//! Rows as a Markdown table.

use crate::row::Row;

const HEAD: [&str; 10] = [
    "measurement",
    "per second",
    "of limit",
    "p50 ms",
    "p99 ms",
    "CPU µs",
    "database µs",
    "load µs",
    "peak MiB",
    "others' CPU",
];

/// The table.
pub(crate) fn table(rows: &[Row]) -> String {
    let head = format!("| {} |\n|---|{}\n", HEAD.join(" | "), "---:|".repeat(9));
    let lines = rows
        .iter()
        .map(|row| format!("| {} |\n", cells(row).join(" | ")));
    std::iter::once(head).chain(lines).collect()
}

/// What rows write, and what their limits are; rows that say the same share a line.
pub(crate) fn legend(rows: &[Row]) -> String {
    let mut lines: Vec<(String, Vec<&str>)> = Vec::new();
    for row in rows {
        let limit = row.about.limit.as_ref();
        let limit = limit.map_or(String::new(), |limit| format!(" Limit: `{limit}`."));
        let text = format!("{}.{limit}", row.about.writes);
        match lines.iter_mut().find(|(known, _)| *known == text) {
            Some((_, keys)) => keys.push(&row.key),
            None => lines.push((text, vec![&row.key])),
        }
    }
    let lines = lines.into_iter().map(|(text, keys)| {
        let keys = keys.join("`, `");
        format!("- `{keys}`: {text}\n")
    });
    lines.collect()
}

/// The rows' figures of their own.
pub(crate) fn more(rows: &[Row]) -> String {
    let lines = rows.iter().filter(|row| !row.more.is_empty()).map(|row| {
        let figures: Vec<String> = row
            .more
            .iter()
            .map(|(name, figure)| format!("{name} {}", short(*figure)))
            .collect();
        format!("- `{}`: {}\n", row.key, figures.join(", "))
    });
    lines.collect()
}

fn cells(row: &Row) -> [String; 10] {
    let percent =
        |share: Option<f64>| share.map_or(String::new(), |share| format!("{:.0} %", share * 100.0));
    let figure = |figure: Option<f64>| figure.map_or(String::new(), short);
    [
        format!("`{}`", row.key),
        figure(row.per_second),
        percent(row.of_limit),
        figure(row.p50_ms),
        figure(row.p99_ms),
        figure(row.program_us),
        figure(row.database_us),
        figure(row.load_us),
        figure(row.memory_mib),
        percent(row.others_share),
    ]
}

/// Three digits are enough, and thousands are set apart.
pub(crate) fn short(figure: f64) -> String {
    match figure.abs() {
        size if size >= 1000.0 => thousands(figure),
        size if size >= 100.0 => format!("{figure:.0}"),
        size if size >= 10.0 => format!("{figure:.1}"),
        _ => format!("{figure:.2}"),
    }
}

fn thousands(figure: f64) -> String {
    let digits = format!("{figure:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) && !text.ends_with('-') {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn figures_have_three_digits() {
        let shown = [1_234_567.8, 1000.0, 123.4, 12.34, 1.234, 0.0].map(short);
        assert_eq!(shown, ["1,234,568", "1,000", "123", "12.3", "1.23", "0.00"]);
    }
}

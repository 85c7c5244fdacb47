//! Reads a text with `{{ outputs }}`: no recursion, one pass.

/// More filters than this behind one variable are broken Liquid.
const FILTERS_MAX: usize = 20;

/// The filters that are known.
const FILTERS: &[&str] = &[
    "append",
    "capitalize",
    "default",
    "downcase",
    "escape",
    "lstrip",
    "prepend",
    "rstrip",
    "size",
    "strip",
    "truncate",
    "upcase",
];

/// A piece of a text.
#[derive(Debug)]
pub(super) enum Piece<'a> {
    /// Stays as it is.
    Text(&'a str),
    /// Is filled in.
    Output(Output<'a>),
}

/// What stands between `{{` and `}}`.
#[derive(Debug)]
pub(super) struct Output<'a> {
    pub(super) value: Operand<'a>,
    pub(super) filters: Vec<Filter<'a>>,
}

/// A filter with its arguments.
#[derive(Debug)]
pub(super) struct Filter<'a> {
    pub(super) name: &'a str,
    pub(super) arguments: Vec<Operand<'a>>,
}

/// A literal, or the path of a variable.
#[derive(Debug)]
pub(super) enum Operand<'a> {
    Literal(&'a str),
    Path(Vec<&'a str>),
}

/// The pieces of a text; `None` when it has tags or broken markup and must be left alone.
pub(super) fn pieces(text: &str) -> Option<Vec<Piece<'_>>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find('`') {
        let Some(length) = rest[open + 1..].find('`') else {
            break;
        };
        outside(&rest[..open], &mut pieces)?;
        let behind = open + length + 2;
        pieces.push(Piece::Text(&rest[open..behind]));
        rest = &rest[behind..];
    }
    outside(rest, &mut pieces)?;
    Some(pieces)
}

/// Reads what does not stand between backticks.
fn outside<'a>(text: &'a str, pieces: &mut Vec<Piece<'a>>) -> Option<()> {
    if text.contains("{%") {
        return None;
    }
    let mut rest = text;
    let mut trim_next = false;
    loop {
        let (before, markup) = match rest.split_once("{{") {
            Some((before, after)) => (before, Some(after)),
            None => (rest, None),
        };
        let trim_before = markup.is_some_and(|markup| markup.starts_with('-'));
        pieces.push(Piece::Text(trimmed(before, trim_next, trim_before)));
        let Some(markup) = markup else {
            return Some(());
        };
        let (inner, after) = markup.split_once("}}")?;
        let inner = inner.strip_prefix('-').unwrap_or(inner);
        trim_next = inner.ends_with('-');
        let inner = inner.strip_suffix('-').unwrap_or(inner);
        if !inner.trim().is_empty() {
            pieces.push(Piece::Output(output(inner)?));
        }
        rest = after;
    }
}

/// A dash within the braces eats the blanks outside of them.
fn trimmed(text: &str, start: bool, end: bool) -> &str {
    let text = if start { text.trim_start() } else { text };
    if end { text.trim_end() } else { text }
}

fn output(markup: &str) -> Option<Output<'_>> {
    let mut parts = split(markup, '|')?.into_iter();
    let value = operand(parts.next()?)?;
    let filters = parts.map(filter).collect::<Option<Vec<_>>>()?;
    (filters.len() <= FILTERS_MAX).then_some(Output { value, filters })
}

fn filter(markup: &str) -> Option<Filter<'_>> {
    let (name, arguments) = match markup.split_once(':') {
        Some((name, arguments)) => (name.trim(), split(arguments, ',')?),
        None => (markup.trim(), Vec::new()),
    };
    let arguments = arguments.into_iter().map(operand).collect::<Option<_>>()?;
    FILTERS
        .contains(&name)
        .then_some(Filter { name, arguments })
}

/// Splits at a character outside of quotes; `None` when a quote does not close.
fn split(text: &str, at: char) -> Option<Vec<&str>> {
    let mut parts = Vec::new();
    let (mut start, mut quote) = (0, None);
    for (index, char) in text.char_indices() {
        match quote {
            Some(open) if open == char => quote = None,
            None if matches!(char, '"' | '\'') => quote = Some(char),
            None if char == at => {
                parts.push(&text[start..index]);
                start = index + at.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    quote.is_none().then_some(parts)
}

fn operand(text: &str) -> Option<Operand<'_>> {
    let text = text.trim();
    if let Some(literal) = quoted(text) {
        return Some(Operand::Literal(literal));
    }
    if text.parse::<f64>().is_ok() && text.starts_with(|c: char| c.is_ascii_digit() || c == '-') {
        return Some(Operand::Literal(text));
    }
    path(text).map(Operand::Path)
}

fn quoted(text: &str) -> Option<&str> {
    let mark = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let inner = text.strip_prefix(mark)?.strip_suffix(mark)?;
    (!inner.contains(mark)).then_some(inner)
}

/// `contact.custom_attribute.plan`, or with its last part as `["plan"]`.
fn path(text: &str) -> Option<Vec<&str>> {
    let (dotted, key) = match text.split_once('[') {
        Some((dotted, key)) => (dotted, Some(quoted(key.strip_suffix(']')?.trim())?)),
        None => (text, None),
    };
    let mut path: Vec<&str> = dotted.split('.').collect();
    path.extend(key);
    path.iter()
        .take(path.len() - usize::from(key.is_some()))
        .all(|name| is_name(name))
        .then_some(path)
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '?'))
}

//! What a file is called. A name is shown and stands in links; it is never a path in the store.

/// Longest name, in bytes.
const MAX_BYTES: usize = 255;
/// Longer is no extension.
const MAX_EXTENSION: usize = 20;

/// The last part of a name as clients send it, without what a header or a terminal would trip over.
pub(super) fn clean(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let shown: String = last
        .chars()
        .filter(|c| !c.is_control() && !is_invisible(*c))
        .collect();
    let shown = shown.trim();
    if shown.chars().all(|c| c == '.') {
        return "file".to_owned();
    }
    shorten(shown)
}

/// The extension in lower case, without its dot.
pub(super) fn extension(name: &str) -> Option<String> {
    let (stem, extension) = name.rsplit_once('.')?;
    let plain = extension.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let fits = (1..=MAX_EXTENSION).contains(&extension.len());
    (!stem.is_empty() && plain && fits).then(|| extension.to_ascii_lowercase())
}

/// Characters that turn the direction of what follows, by which `exe.txt` looks like `txt.exe`.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// At most [`MAX_BYTES`], with the extension kept.
fn shorten(name: &str) -> String {
    if name.len() <= MAX_BYTES {
        return name.to_owned();
    }
    let tail = extension(name).map_or(String::new(), |extension| format!(".{extension}"));
    let mut end = MAX_BYTES - tail.len();
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{tail}", &name[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_path() {
        for (given, name) in [
            ("report.pdf", "report.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\fakepath\\photo.PNG", "photo.PNG"),
            ("a\0b\r\nc\"d.txt", "abc\"d.txt"),
            ("\u{202e}gpj.exe", "gpj.exe"),
            ("..", "file"),
            ("/", "file"),
            ("  ", "file"),
            ("", "file"),
            ("жук.txt", "жук.txt"),
        ] {
            assert_eq!(clean(given), name, "{given:?}");
        }
    }

    #[test]
    fn a_long_name_keeps_its_extension() {
        let name = clean(&format!("{}.tar.gz", "ж".repeat(300)));
        assert_eq!(extension(&name).as_deref(), Some("gz"));
        assert!(name.len() <= MAX_BYTES, "{name}");
        assert_eq!(clean(&"x".repeat(300)).len(), MAX_BYTES);
    }

    #[test]
    fn extensions_are_lower_case_and_plain() {
        for (name, expected) in [
            ("a.PNG", Some("png")),
            ("a.tar.gz", Some("gz")),
            ("a", None),
            (".bashrc", None),
            ("a.", None),
            ("a.b c", None),
        ] {
            assert_eq!(extension(name).as_deref(), expected, "{name}");
        }
    }
}

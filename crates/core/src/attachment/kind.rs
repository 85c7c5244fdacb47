//! What a file is: pictures, sounds and videos by their first bytes, the rest as it was declared.

use crate::model::FileType;

/// So many first bytes are looked at: enough for the dimensions of a picture with a large profile
/// before them.
pub(super) const HEAD_BYTES: usize = 256 * 1024;

/// Of which nothing is known.
const UNKNOWN: &str = "application/octet-stream";

/// Contract, section 3.
const IMAGES: [&str; 5] = [
    "image/jpeg",
    "image/png",
    "image/gif",
    "image/bmp",
    "image/webp",
];
const VIDEOS: [&str; 4] = ["video/ogg", "video/mp4", "video/webm", "video/quicktime"];

/// The media type of a file that begins with `head`.
///
/// A picture, sound or video is what its bytes say; whether a container holds sound only is
/// believed of the declaration, since its first bytes do not tell. Something that only claims to be
/// a picture is not shown as one.
pub(super) fn content_type(head: &[u8], declared: Option<&str>) -> String {
    let declared = declared.and_then(plain);
    let found = infer::get(head).map(|kind| kind.mime_type());
    let media = |name: &str| is_sound(name) || name.starts_with("video/");
    let kept = match (found, declared.as_deref()) {
        (Some(found), Some(said)) if media(found) && media(said) => said,
        (Some(found), _) if media(found) || found.starts_with("image/") => found,
        (Some(found), Some(said)) if media(said) || said.starts_with("image/") => found,
        (None, Some(said)) if IMAGES.contains(&said) => UNKNOWN,
        (_, Some(said)) => said,
        (found, None) => found.unwrap_or(UNKNOWN),
    };
    kept.to_owned()
}

/// The contract's kind of an uploaded file.
pub(super) fn file_type(content_type: &str) -> FileType {
    if IMAGES.contains(&content_type) {
        FileType::Image
    } else if VIDEOS.contains(&content_type) {
        FileType::Video
    } else if is_sound(content_type) {
        FileType::Audio
    } else {
        FileType::File
    }
}

/// Whether a browser may show it in place. Nothing that can carry a script is among it.
pub(super) fn is_shown_in_place(content_type: &str) -> bool {
    file_type(content_type) != FileType::File
}

/// Width and height of a picture, in pixels.
pub(super) fn dimensions(head: &[u8], content_type: &str) -> Option<(i64, i64)> {
    if file_type(content_type) != FileType::Image {
        return None;
    }
    let size = imagesize::blob_size(head).ok()?;
    let pixels = |n: usize| i64::try_from(n).ok();
    Some((pixels(size.width)?, pixels(size.height)?))
}

fn is_sound(content_type: &str) -> bool {
    content_type.starts_with("audio/")
}

/// `type/subtype` in lower case, without parameters; `None` for anything else.
fn plain(declared: &str) -> Option<String> {
    let name = declared.split(';').next()?.trim().to_ascii_lowercase();
    let (kind, sub) = name.split_once('/')?;
    let token = |text: &str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte);
        (1..=127).contains(&text.len()) && text.bytes().all(allowed)
    };
    (token(kind) && token(sub)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x03\0\0\0\x02\x08\x02\0\0\0";
    const OGG: &[u8] = b"OggS\0\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    const PDF: &[u8] = b"%PDF-1.7\n";

    #[test]
    fn bytes_tell_media_and_the_declaration_tells_the_rest() {
        for (head, declared, expected) in [
            (PNG, Some("text/plain"), "image/png"),
            (PNG, None, "image/png"),
            (OGG, None, "audio/ogg"),
            (OGG, Some("audio/opus"), "audio/opus"),
            (OGG, Some("video/ogg"), "video/ogg"),
            (PDF, Some("image/png"), "application/pdf"),
            (PDF, Some("application/pdf"), "application/pdf"),
            (b"<html>", Some("image/png"), UNKNOWN_OR_HTML),
            (b"hello", Some("image/png"), UNKNOWN),
            (b"hello", Some("Text/Plain; charset=utf-8"), "text/plain"),
            (b"hello", Some("nonsense"), UNKNOWN),
            (b"hello", Some("a/b\r\nx: y"), UNKNOWN),
            (b"hello", Some("audio/basic"), "audio/basic"),
            (b"", Some("image/jpeg"), UNKNOWN),
            (b"", None, UNKNOWN),
        ] {
            assert_eq!(content_type(head, declared), expected, "{declared:?}");
        }
    }

    const UNKNOWN_OR_HTML: &str = "text/html";

    #[test]
    fn kinds_are_the_contracts() {
        for (content_type, expected, in_place) in [
            ("image/webp", FileType::Image, true),
            ("image/svg+xml", FileType::File, false),
            ("image/tiff", FileType::File, false),
            ("video/quicktime", FileType::Video, true),
            ("video/x-msvideo", FileType::File, false),
            ("audio/amr", FileType::Audio, true),
            ("text/html", FileType::File, false),
            ("application/pdf", FileType::File, false),
        ] {
            assert_eq!(file_type(content_type), expected, "{content_type}");
            assert_eq!(is_shown_in_place(content_type), in_place, "{content_type}");
        }
    }

    #[test]
    fn pictures_have_dimensions() {
        assert_eq!(dimensions(PNG, "image/png"), Some((3, 2)));
        assert_eq!(dimensions(&PNG[..12], "image/png"), None);
        assert_eq!(dimensions(PDF, "application/pdf"), None);
    }

    proptest! {
        #[test]
        fn any_head_is_judged(
            magic in prop::sample::select(vec![
                &b""[..], PNG, b"\xff\xd8\xff\xe0", b"GIF89a", b"BM", b"RIFF\0\0\0\0WEBPVP8X",
                b"RIFF\0\0\0\0WEBPVP8 ", b"RIFF\0\0\0\0WEBPVP8L", b"\0\0\0\x18ftypmp42", OGG,
            ]),
            tail in prop::collection::vec(any::<u8>(), 0..512),
        ) {
            let head = [magic, &tail].concat();
            let found = content_type(&head, None);
            prop_assert!(found.contains('/'));
            let area = dimensions(&head, &found).map(|(width, height)| (width >= 0, height >= 0));
            prop_assert!(area.is_none_or(|positive| positive == (true, true)));
        }
    }
}

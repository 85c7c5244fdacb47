//! `multipart/form-data`: texts go into the bag, files are streamed away or skipped.

mod pace;

use axum::body::Body;
use bytes::Bytes;
use gatewright_core::attachment::{Attachments, Upload, UploadedFile};
use http::Request;
use multer::{Field, Multipart};
use serde_json::{Map, Value};

use super::body::{BodyLimit, is_over_limit};
use super::nested::{self, MAX_PAIRS};
use crate::error::ApiError;
use crate::layers::memory::{self, Held};
use pace::Pace;

/// The name under which a part without one is known: nobody asks for it.
const NAMELESS: &str = "";

/// What a form held.
#[derive(Default)]
pub(super) struct Form {
    /// The texts, nested by their names.
    pub(super) fields: Map<String, Value>,
    /// The files that were wanted, in order; stored, without rows.
    pub(super) files: Vec<UploadedFile>,
}

/// Where files go, and those of which fields.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) uploads: &'a Attachments,
    /// Names without brackets: `message.attachments` is `message[attachments][]`.
    pub(super) names: &'a [&'a str],
}

/// Whether a body of this content type is such a form.
pub(crate) fn is_form(content_type: &str) -> bool {
    let mime = content_type.split(';').next().unwrap_or_default();
    mime.trim().eq_ignore_ascii_case("multipart/form-data")
}

/// Reads a form. Files that are not wanted are read and forgotten. Memory does not grow with the
/// size of files; texts may have as many bytes as the request's [`BodyLimit`] says.
///
/// # Errors
/// 400 for a form that is malformed or broken off, 413 for one that is too large, 503 when there is
/// no memory for its texts, and what storing a file is refused with. What was stored before is
/// removed then.
pub(super) async fn read(
    request: Request<Body>,
    content_type: &str,
    wanted: Option<Wanted<'_>>,
) -> Result<Form, ApiError> {
    let boundary = multer::parse_boundary(content_type).map_err(|_| ApiError::BadRequest)?;
    let BodyLimit(text_bytes) = request.extensions().get().copied().unwrap_or_default();
    let held = request.extensions().get::<Held>().cloned();
    let (stream, pace) = pace::paced(request.into_body().into_data_stream());
    let mut reader = Reader {
        form: Form::default(),
        pace,
        held,
        wanted,
        text_left: text_bytes,
        text_bytes,
        fields: 0,
    };
    let read = reader.run(&mut Multipart::new(stream, boundary)).await;
    match (read, wanted) {
        (Ok(()), _) => Ok(reader.form),
        (Err(error), Some(Wanted { uploads, .. })) => {
            uploads.discard(&reader.form.files).await;
            Err(error)
        }
        (Err(error), None) => Err(error),
    }
}

struct Reader<'a> {
    form: Form,
    pace: Pace,
    held: Option<Held>,
    wanted: Option<Wanted<'a>>,
    text_left: usize,
    text_bytes: usize,
    fields: usize,
}

impl Reader<'_> {
    async fn run(&mut self, parts: &mut Multipart<'_>) -> Result<(), ApiError> {
        loop {
            self.pace.begin();
            let Some(field) = parts.next_field().await.map_err(|error| broken(&error))? else {
                return Ok(());
            };
            self.fields += 1;
            if self.fields > MAX_PAIRS {
                return Err(ApiError::BadRequest);
            }
            self.field(field).await?;
        }
    }

    async fn field(&mut self, field: Field<'_>) -> Result<(), ApiError> {
        let name = field.name().unwrap_or(NAMELESS).to_owned();
        // A browser sends an input without a file as a file without a name.
        let file = field.file_name().map(str::to_owned);
        match (file, self.wanted) {
            (None, _) => self.text(&name, field).await,
            (Some(file), Some(wanted)) if !file.is_empty() && wants(wanted.names, &name) => {
                self.file(wanted.uploads, &file, field).await
            }
            (Some(_), _) => self.skip(field).await,
        }
    }

    async fn text(&mut self, name: &str, mut field: Field<'_>) -> Result<(), ApiError> {
        let mut text = Vec::new();
        while let Some(chunk) = self.chunk(&mut field).await? {
            self.text_left =
                self.text_left
                    .checked_sub(chunk.len())
                    .ok_or(ApiError::PayloadTooLarge {
                        limit_bytes: self.text_bytes,
                    })?;
            if let Some(held) = &self.held {
                held.take(chunk.len()).map_err(|_| memory::full())?;
            }
            text.extend_from_slice(&chunk);
        }
        let text = String::from_utf8(text).map_err(|_| ApiError::BadRequest)?;
        nested::insert(&mut self.form.fields, name, Value::String(text))
            .map_err(|_| ApiError::BadRequest)
    }

    async fn file(
        &mut self,
        uploads: &Attachments,
        name: &str,
        mut field: Field<'_>,
    ) -> Result<(), ApiError> {
        let max = uploads.max_files();
        if self.form.files.len() == max {
            return Err(ApiError::unprocessable(format!(
                "attachments: at most {max} files per message (the setting attachments.max_files)"
            )));
        }
        let kind = field.content_type().map(ToString::to_string);
        let mut upload = uploads.begin(name, kind.as_deref()).await?;
        if let Err(error) = self.copy(&mut field, &mut upload).await {
            upload.abort().await;
            return Err(error);
        }
        self.form.files.push(upload.finish().await?);
        Ok(())
    }

    async fn copy(&self, field: &mut Field<'_>, upload: &mut Upload) -> Result<(), ApiError> {
        while let Some(chunk) = self.chunk(field).await? {
            upload.write(chunk).await?;
        }
        Ok(())
    }

    async fn skip(&self, mut field: Field<'_>) -> Result<(), ApiError> {
        while self.chunk(&mut field).await?.is_some() {}
        Ok(())
    }

    async fn chunk(&self, field: &mut Field<'_>) -> Result<Option<Bytes>, ApiError> {
        self.pace.begin();
        let chunk = field.chunk().await.map_err(|error| broken(&error))?;
        self.pace.took(chunk.as_ref().map_or(0, Bytes::len));
        Ok(chunk)
    }
}

fn broken(error: &multer::Error) -> ApiError {
    if is_over_limit(error) {
        ApiError::UploadTooLarge
    } else if memory::is_full(error) {
        memory::full()
    } else {
        ApiError::BadRequest
    }
}

/// Whether the field is one of those, however it is written: `a[b][]` and `a[b][0]` are `a.b`.
fn wants(names: &[&str], field: &str) -> bool {
    let plain = nested::keys(field).join(".");
    names.contains(&plain.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_known_however_it_is_written() {
        let names = ["attachments", "message.attachments"];
        for field in [
            "attachments",
            "attachments[]",
            "attachments[0]",
            "message[attachments][]",
            "message[attachments]",
            "message[attachments][12]",
        ] {
            assert!(wants(&names, field), "{field}");
        }
        for field in ["avatar", "attachments[a]", "message", "message.x", ""] {
            assert!(!wants(&names, field), "{field}");
        }
    }

    async fn read_text(body: Vec<u8>) -> Result<Map<String, Value>, ApiError> {
        let pieces: Vec<Result<Bytes, std::io::Error>> = body
            .chunks(7)
            .map(|piece| Ok(Bytes::copy_from_slice(piece)))
            .collect();
        let stream = futures_util::stream::iter(pieces);
        let mut request = Request::new(Body::from_stream(stream));
        request.extensions_mut().insert(BodyLimit(1000));
        let form = read(request, "multipart/form-data; boundary=x", None).await?;
        Ok(form.fields)
    }

    fn part(head: &str, content: &str) -> String {
        format!("--x\r\nContent-Disposition: form-data; {head}\r\n\r\n{content}\r\n")
    }

    #[tokio::test]
    async fn texts_nest_and_unwanted_files_are_skipped() {
        let file = part("name=\"avatar\"; filename=\"a.png\"", &"z".repeat(5000));
        let body = part("name=\"message[content]\"", "Grüße\r\n--y no boundary")
            + &file
            + &part("name=\"labels[]\"", "a")
            + &part("name=\"labels[]\"", "b")
            + "--x--\r\n";
        let expected = serde_json::json!({
            "message": { "content": "Grüße\r\n--y no boundary" }, "labels": ["a", "b"] });
        let fields = read_text(body.into_bytes()).await.unwrap();
        assert_eq!(Value::Object(fields), expected);
    }

    #[tokio::test]
    async fn what_is_no_form_is_refused() {
        let cut = part("name=\"a\"", "b");
        let endless = format!("--x\r\nContent-Disposition: {}", "y".repeat(1 << 20));
        let many = part("name=\"a\"", "").repeat(MAX_PAIRS + 1) + "--x--";
        for body in [String::new(), "nonsense".to_owned(), cut, endless, many] {
            let start: String = body.chars().take(20).collect();
            let read = read_text(body.into_bytes()).await;
            assert_eq!(read, Err(ApiError::BadRequest), "{start}");
        }
        let long = part("name=\"a\"", &"y".repeat(1001)) + "--x--";
        let limit = ApiError::PayloadTooLarge { limit_bytes: 1000 };
        assert_eq!(read_text(long.into_bytes()).await, Err(limit));
    }
}

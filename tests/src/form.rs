/// A `multipart/form-data` body.
#[derive(Debug, Clone, Default)]
pub struct Form(Vec<u8>);

impl Form {
    /// What its requests say they carry.
    pub const CONTENT_TYPE: &'static str = "multipart/form-data; boundary=gatewright";

    /// A form without parts.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text.
    #[must_use]
    pub fn text(self, name: &str, value: &str) -> Self {
        let head = format!("Content-Disposition: form-data; name=\"{name}\"");
        self.part(&head, value.as_bytes())
    }

    /// Adds a file.
    #[must_use]
    pub fn file(self, name: &str, filename: &str, content_type: &str, bytes: &[u8]) -> Self {
        let head = format!(
            "Content-Disposition: form-data; name=\"{name}\"; filename=\"{filename}\"\r\n\
             Content-Type: {content_type}"
        );
        self.part(&head, bytes)
    }

    /// The whole body.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        let mut bytes = self.0;
        bytes.extend_from_slice(b"--gatewright--\r\n");
        bytes
    }

    fn part(mut self, head: &str, content: &[u8]) -> Self {
        let start = format!("--gatewright\r\n{head}\r\n\r\n");
        self.0.extend_from_slice(start.as_bytes());
        self.0.extend_from_slice(content);
        self.0.extend_from_slice(b"\r\n");
        self
    }
}

use std::io::{self, Write};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::error::Category;

use crate::{
    BlobRef, CallInfo, ChannelDescriptor, ChannelError, ConnectInfo, Delivery, DeliveryOutcome,
    Effect, EffectResult, Health, InboundRequest, LogLevel, MediaRef, PROTOCOL, Received,
};

/// Largest frame either side takes, in bytes. A body within it grows by a third: it is base64.
///
/// Nesting is limited, too: JSON deeper than about 110 levels within a frame does not cross.
pub const MAX_FRAME_BYTES: usize = 8 * 1024 * 1024;

/// One message across the border. Fields that the reader does not know are ignored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Frame {
    /// Host: what are you?
    Describe,
    /// Channel: this.
    Descriptor {
        /// What the channel declares.
        descriptor: Box<ChannelDescriptor>,
    },
    /// Host: open an inbox.
    Open {
        /// Its settings.
        settings: Value,
    },
    /// Channel: it is open.
    Opened,
    /// Host: bring settings to the current version.
    Migrate {
        /// The version they were stored under.
        from: u32,
        /// The settings.
        settings: Value,
    },
    /// Host: bring settings to their full form.
    Normalize {
        /// The settings.
        settings: Value,
    },
    /// Channel: the settings asked for.
    Settings {
        /// The settings.
        settings: Value,
    },
    /// Channel: no, to any of the frames above.
    Refused {
        /// Why.
        error: ChannelError,
    },
    /// Host: a call of an open inbox.
    Call {
        /// Number of the call, unique among those of the inbox.
        call: u64,
        /// What the channel may know of it.
        info: CallInfo,
        /// The method and its argument.
        method: Box<Call>,
    },
    /// Channel: the call ended well.
    Done {
        /// Number of the call.
        call: u64,
        /// Its result.
        answer: Box<Answer>,
    },
    /// Channel: the call failed.
    Failed {
        /// Number of the call.
        call: u64,
        /// Why.
        error: ChannelError,
    },
    /// Channel: an effect that the call wants.
    Effect {
        /// Number of the call.
        call: u64,
        /// Number of the effect, unique within the call.
        id: u64,
        /// The effect.
        effect: Box<Effect>,
    },
    /// Host: the effect ended.
    Resume {
        /// Number of the call.
        call: u64,
        /// Number of the effect.
        id: u64,
        /// How it ended.
        result: Box<EffectResult>,
    },
    /// Channel: a line for the host's log.
    Log {
        /// Number of the call.
        call: u64,
        /// How important it is.
        level: LogLevel,
        /// The line.
        message: String,
    },
    /// A frame of a newer protocol; the reader answers as if it had not come.
    #[serde(other)]
    Unknown,
}

/// A method of [`crate::Channel`] with its argument.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "snake_case")]
pub enum Call {
    /// `receive`
    Receive {
        /// The request.
        request: InboundRequest,
    },
    /// `deliver`
    Deliver {
        /// The delivery.
        delivery: Delivery,
    },
    /// `connect`
    Connect {
        /// Where the inbox is reachable.
        connection: ConnectInfo,
    },
    /// `disconnect`
    Disconnect,
    /// `health`
    Health,
    /// `media`
    Media {
        /// The file.
        media: MediaRef,
    },
    /// `run`
    Run,
    /// A method of a newer protocol; the channel answers [`ChannelError::Unsupported`].
    #[serde(other)]
    Unknown,
}

/// The result of a [`Call`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// Of `receive`.
    Received {
        /// What was understood.
        received: Received,
    },
    /// Of `deliver`.
    Outcome {
        /// How it ended.
        outcome: DeliveryOutcome,
    },
    /// Of `health`.
    Health {
        /// State of the connection.
        health: Health,
    },
    /// Of `media`.
    Blob {
        /// The stored file.
        blob: BlobRef,
    },
    /// Of `connect`, `disconnect` and `run`.
    Unit,
}

/// A frame as JSON bytes.
///
/// # Errors
/// [`ChannelError::Protocol`] when it is larger than [`MAX_FRAME_BYTES`].
pub fn encode(frame: &Frame) -> Result<Vec<u8>, ChannelError> {
    let mut bytes = Capped(Vec::new());
    serde_json::to_writer(&mut bytes, frame).map_err(|error| refuse(&error))?;
    Ok(bytes.0)
}

/// A frame from JSON bytes that may come from anywhere.
///
/// # Errors
/// [`ChannelError::Protocol`] when they are too many or no frame. It never repeats what was in
/// them: that may be a secret.
pub fn decode(bytes: &[u8]) -> Result<Frame, ChannelError> {
    if bytes.len() > MAX_FRAME_BYTES {
        return Err(too_large());
    }
    serde_json::from_slice(bytes).map_err(|error| refuse(&error))
}

fn refuse(error: &serde_json::Error) -> ChannelError {
    let what = match error.classify() {
        Category::Io => return too_large(),
        Category::Eof => "it ends too early",
        Category::Syntax => "it is not JSON, or nested too deeply",
        Category::Data => "a field is missing or of the wrong type",
    };
    let place = format!("line {} column {}", error.line(), error.column());
    ChannelError::Protocol {
        reason: format!("no frame of protocol {PROTOCOL}: {what}, {place}"),
    }
}

fn too_large() -> ChannelError {
    ChannelError::Protocol {
        reason: format!("the frame is larger than {MAX_FRAME_BYTES} bytes"),
    }
}

/// A buffer that fails before it grows beyond the largest frame.
struct Capped(Vec<u8>);

impl Write for Capped {
    fn write(&mut self, part: &[u8]) -> io::Result<usize> {
        if self.0.len() + part.len() > MAX_FRAME_BYTES {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(part);
        Ok(part.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Call, Frame, MAX_FRAME_BYTES, decode, encode};
    use crate::{ChannelError, Effect, EffectResult};

    #[test]
    fn unknown_fields_and_kinds_are_no_error() {
        assert_eq!(
            decode(br#"{"kind":"describe","later":[1]}"#),
            Ok(Frame::Describe)
        );
        assert_eq!(decode(br#"{"kind":"later","x":{}}"#), Ok(Frame::Unknown));
        let call = br#"{"kind":"call","call":1,"info":{"inbox_id":1,"kind":"run"},
            "method":{"method":"later","x":1}}"#;
        let Ok(Frame::Call { method, .. }) = decode(call) else {
            panic!("no call")
        };
        assert_eq!(*method, Call::Unknown);
    }

    #[test]
    fn an_unknown_effect_keeps_its_number() {
        let frame =
            decode(br#"{"kind":"effect","call":3,"id":7,"effect":{"effect":"teleport","to":1}}"#);
        assert_eq!(
            frame,
            Ok(Frame::Effect {
                call: 3,
                id: 7,
                effect: Box::new(Effect::Unknown)
            })
        );
    }

    #[test]
    fn a_frame_survives_the_border() {
        let result = EffectResult::Http {
            status: 200,
            headers: vec![("a".to_owned(), "b".to_owned())],
            body: vec![0, 255].into(),
        };
        let frame = Frame::Resume {
            call: 1,
            id: 2,
            result: Box::new(result),
        };
        assert_eq!(decode(&encode(&frame).unwrap()), Ok(frame));
    }

    #[test]
    fn garbage_is_refused_without_repeating_it() {
        let deep = "[".repeat(100_000);
        let bodies = [
            "",
            "s3cret",
            "{\"kind\":\"s3cret",
            r#"{"kind":"log","call":"s3cret"}"#,
            &deep,
        ];
        for body in bodies {
            let error = decode(body.as_bytes()).unwrap_err();
            assert!(matches!(error, ChannelError::Protocol { .. }), "{error:?}");
            assert!(!format!("{error:?}").contains("s3cret"), "{error:?}");
        }
    }

    #[test]
    fn frames_are_capped_both_ways() {
        let settings = Value::from("x".repeat(MAX_FRAME_BYTES));
        assert!(encode(&Frame::Open { settings }).is_err());
        let bytes = json!({"kind": "describe", "pad": "x".repeat(MAX_FRAME_BYTES)}).to_string();
        assert!(decode(bytes.as_bytes()).is_err());
    }
}

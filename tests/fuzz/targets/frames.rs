//! The frames between host and channel. Input: one frame.

#![no_main]

use gatewright_channel::ChannelError;
use gatewright_channel::loopback::{decode, encode};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    match decode(input) {
        Ok(frame) => match encode(&frame) {
            Ok(bytes) => assert_eq!(decode(&bytes), Ok(frame), "a frame survives the border"),
            // Only what grows beyond the largest frame, for example by its escapes.
            Err(error) => assert!(input.len() > 1 << 20, "{error:?}"),
        },
        Err(ChannelError::Protocol { .. }) => {}
        Err(other) => panic!("{other:?}"),
    }
});

//! Gzip for clients that accept it.

use http::{Extensions, HeaderMap, StatusCode, Version, header::ACCEPT_RANGES};
use tower_http::{
    CompressionLevel,
    compression::{CompressionLayer, DefaultPredicate, Predicate, predicate::SizeAbove},
};

/// Smaller bodies fit one packet either way.
const MIN_BYTES: u64 = 1024;

/// Fast gzip from 1 KiB on; never for event streams, images and what is answered in ranges, whose
/// length and tag are those of the bytes as they are stored.
pub(super) fn layer() -> CompressionLayer<impl Predicate> {
    let large = DefaultPredicate::new().and(SizeAbove::new(MIN_BYTES));
    CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(large.and(is_whole))
}

fn is_whole(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    !headers.contains_key(ACCEPT_RANGES)
}

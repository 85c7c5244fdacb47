//! Gzip for clients that accept it.

use tower_http::{
    CompressionLevel,
    compression::{
        CompressionLayer, DefaultPredicate, Predicate,
        predicate::{And, SizeAbove},
    },
};

/// Smaller bodies fit one packet either way.
const MIN_BYTES: u64 = 1024;

/// Fast gzip from 1 KiB on; never for event streams and images.
pub(super) fn layer() -> CompressionLayer<And<DefaultPredicate, SizeAbove>> {
    CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(DefaultPredicate::new().and(SizeAbove::new(MIN_BYTES)))
}

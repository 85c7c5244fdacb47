//! One unit of work: begin, do, commit, and all of it again when the database asks for it.

/// Runs a future in a transaction and commits it; answers what the future does, or why not, and
/// then nothing is written. A deadlock or serialization failure runs it again, so it must have no
/// effect but on the database.
///
/// ```ignore
/// let row = transact!(kernel, |tx| repo::insert(tx, &draft))?;
/// ```
///
/// A macro, because the future borrows the transaction: a function over such closures is not
/// provably `Send` for every lifetime, and handlers must be.
macro_rules! transact {
    ($kernel:expr, |$tx:ident| $work:expr) => {{
        let kernel: &$crate::kernel::Kernel = $kernel;
        let mut attempt = 1;
        loop {
            let once = async {
                let begun = kernel.db.begin_write().await?;
                let $tx = &begun;
                let done: $crate::error::Result<_> = $work.await;
                let done = done?;
                begun.commit().await?;
                Ok(done)
            };
            let done: $crate::error::Result<_> = once.await;
            match done {
                Err(error)
                    if attempt < $crate::intake::shard::ATTEMPTS
                        && $crate::intake::shard::is_retryable(&error) =>
                {
                    attempt += 1;
                }
                done => break done,
            }
        }
    }};
}

pub(crate) use transact;

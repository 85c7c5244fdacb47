use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

/// A future that is pending though nothing it waits for can ever happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stalled;

/// Runs a future of a channel to its end.
///
/// # Panics
/// When the future stalls: it waits for something that is not its host.
pub fn block_on<F: Future>(future: F) -> F::Output {
    match try_block_on(future) {
        Ok(output) => output,
        Err(Stalled) => panic!("the future stalled: it waits for something that is not its host"),
    }
}

/// Runs a future of a channel to its end.
///
/// # Errors
/// [`Stalled`] when it is pending and nothing has woken it.
pub fn try_block_on<F: Future>(future: F) -> Result<F::Output, Stalled> {
    let mut future = pin!(future);
    let flag = Arc::new(Flag::default());
    loop {
        if let Poll::Ready(output) = poll(future.as_mut(), &flag) {
            return Ok(output);
        }
        if !flag.0.swap(false, Ordering::AcqRel) {
            return Err(Stalled);
        }
    }
}

/// Polls a future at most `times` times and drops it: `None` when it was cancelled.
pub fn poll_times<F: Future>(future: F, times: usize) -> Option<F::Output> {
    let mut future = pin!(future);
    let flag = Arc::new(Flag::default());
    for _ in 0..times {
        if let Poll::Ready(output) = poll(future.as_mut(), &flag) {
            return Some(output);
        }
    }
    None
}

/// Pending once, so that every effect is a point where a call can be cancelled.
pub(crate) async fn yield_once() {
    let mut yielded = false;
    std::future::poll_fn(|context| {
        if yielded {
            return Poll::Ready(());
        }
        yielded = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

fn poll<F: Future>(future: Pin<&mut F>, flag: &Arc<Flag>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(&Waker::from(Arc::clone(flag))))
}

#[derive(Default)]
struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::{Stalled, poll_times, try_block_on, yield_once};

    #[test]
    fn a_future_that_nobody_wakes_has_stalled() {
        assert_eq!(try_block_on(std::future::pending::<()>()), Err(Stalled));
        assert_eq!(try_block_on(yield_once()), Ok(()));
    }

    #[test]
    fn a_future_is_dropped_after_its_polls() {
        assert_eq!(poll_times(yield_once(), 1), None);
        assert_eq!(poll_times(yield_once(), 2), Some(()));
    }
}

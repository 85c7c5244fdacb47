//! Keeps panics and hangs of a channel inside of its call.

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;
use tokio::time::{Instant, timeout_at};

/// How a call ended without an answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    /// It panicked with this text, which may hold secrets.
    Panicked(String),
    /// It did not end before its deadline.
    Late,
}

/// Runs a call to its end, its panic or its deadline. Panics of the call's destructors are caught,
/// too.
pub(crate) async fn contain<T>(until: Instant, call: BoxFuture<'_, T>) -> Result<T, Broken> {
    match timeout_at(until, Contained(Some(call))).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(payload)) => Err(Broken::Panicked(payload_text(payload))),
        Err(_) => Err(Broken::Late),
    }
}

/// [`contain`] for what neither waits nor blocks.
pub(crate) fn contain_now<T>(call: impl FnOnce() -> T) -> Result<T, Broken> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|payload| Broken::Panicked(payload_text(payload)))
}

/// Locks a mutex of ours; none of them is held over foreign code, so a poisoned one is whole.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Contained<'a, T>(Option<BoxFuture<'a, T>>);

impl<T> Future for Contained<'_, T> {
    type Output = Result<T, Box<dyn Any + Send>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(call) = self.0.as_mut() else {
            return Poll::Pending;
        };
        match catch_unwind(AssertUnwindSafe(|| call.as_mut().poll(context))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(value)) => Poll::Ready(Ok(value)),
            Err(payload) => Poll::Ready(Err(payload)),
        }
    }
}

impl<T> Drop for Contained<'_, T> {
    fn drop(&mut self) {
        let call = self.0.take();
        if let Err(Broken::Panicked(text)) = contain_now(|| drop(call)) {
            drop(text);
        }
    }
}

fn payload_text(payload: Box<dyn Any + Send>) -> String {
    match payload.downcast::<&'static str>() {
        Ok(text) => (*text).to_owned(),
        Err(payload) => match payload.downcast::<String>() {
            Ok(text) => *text,
            Err(payload) => {
                // The destructor of an unknown type may panic again, outside of any catch.
                std::mem::forget(payload);
                "a value that is not text".to_owned()
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    struct Grenade;

    impl Drop for Grenade {
        fn drop(&mut self) {
            panic!("dropped");
        }
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(1)
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_a_panic_and_a_hang_are_told_apart() {
        assert_eq!(contain(soon(), Box::pin(async { 7 })).await, Ok(7));
        let panics: BoxFuture<'_, ()> = Box::pin(async { panic!("{} lost", 3) });
        assert_eq!(
            contain(soon(), panics).await,
            Err(Broken::Panicked("3 lost".to_owned()))
        );
        let hangs: BoxFuture<'_, ()> = Box::pin(std::future::pending());
        assert_eq!(contain(soon(), hangs).await, Err(Broken::Late));
    }

    #[tokio::test(start_paused = true)]
    async fn panics_of_destructors_and_payloads_stay_inside() {
        let hangs: BoxFuture<'_, ()> = Box::pin(async {
            let _held = Grenade;
            std::future::pending::<()>().await;
        });
        assert_eq!(contain(soon(), hangs).await, Err(Broken::Late));
        let odd: BoxFuture<'_, ()> = Box::pin(async { std::panic::panic_any(Grenade) });
        let expected = Broken::Panicked("a value that is not text".to_owned());
        assert_eq!(contain(soon(), odd).await, Err(expected));
    }
}

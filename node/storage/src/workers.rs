//! The workers of a service: what becomes of one that panics.

use std::{any::Any, future::Future, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures::FutureExt;

use crate::context::Context;

/// Pause before a worker that panicked begins anew.
const PAUSE: Duration = Duration::from_secs(5);

/// Runs a worker to its end. One that panics is named on the status page and begins anew.
pub(crate) async fn keep_working<F: Future<Output = ()>>(
    context: Arc<Context>,
    worker: &'static str,
    work: impl Fn(Arc<Context>) -> F,
) {
    loop {
        let working = AssertUnwindSafe(work(Arc::clone(&context)));
        match working.catch_unwind().await {
            Ok(()) => return,
            Err(panic) => context.worker_failed(worker, words_of(&*panic)),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// What a panic said.
fn words_of(panic: &(dyn Any + Send)) -> &str {
    let owned = panic.downcast_ref::<String>().map(String::as_str);
    owned
        .or_else(|| panic.downcast_ref::<&'static str>().copied())
        .unwrap_or("no reason given")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_panic_are_kept() {
        let written: Box<dyn Any + Send> = Box::new("in the source");
        let formatted: Box<dyn Any + Send> = Box::new(format!("made {}", 1));
        assert_eq!(words_of(&*written), "in the source");
        assert_eq!(words_of(&*formatted), "made 1");
        assert_eq!(words_of(&7u8), "no reason given");
    }
}

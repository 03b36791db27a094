//! Threads that the service starts beside its tokio runtime.

use neurostore_prover::NICENESS;
use tokio::sync::oneshot;

/// Makes proofs.
const PROVER: &str = "prover";
/// Writes the index of the shards.
pub(crate) const INDEX_WRITER: &str = "shard-index";

/// Whether the current thread is one that a storage service starts beside its tokio runtime and
/// its rayon pools. For panic hooks: a panic there is the service's own matter, and no reason to
/// end the process.
pub fn is_storage_thread() -> bool {
    let thread = std::thread::current();
    thread
        .name()
        .is_some_and(|name| [PROVER, INDEX_WRITER].contains(&name))
}

/// Runs `work` on a thread of its own that gives way to others; threads that it starts, such as a
/// prover's pool, inherit that. `None` where the thread died.
pub(crate) async fn quietly<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let (reply, answer) = oneshot::channel();
    let started = std::thread::Builder::new()
        .name(PROVER.into())
        .spawn(move || {
            give_way();
            // Whoever asked may have turned to another challenge meanwhile.
            drop(reply.send(work()));
        });
    if let Err(error) = started {
        tracing::error!(%error, "no thread for proving");
        return None;
    }
    answer.await.ok()
}

/// Lowers the priority of the calling thread.
fn give_way() {
    #[cfg(unix)]
    if let Err(error) = rustix::process::setpriority_process(None, NICENESS) {
        tracing::debug!(%error, "proving runs at ordinary priority");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_of_the_service_are_known_by_their_names() {
        let known = |name: &str| {
            let thread = std::thread::Builder::new().name(name.into());
            thread.spawn(is_storage_thread).unwrap().join().unwrap()
        };
        assert!(known(PROVER) && known(INDEX_WRITER));
        assert!(!known("grandpa-voter"));
    }
}

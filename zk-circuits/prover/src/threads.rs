//! The threads that prove.

use std::{num::NonZeroUsize, thread::available_parallelism};

use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};

/// How much proving threads give way to everything else on the machine: 0 not at all, 19 most.
///
/// On Linux, where priority belongs to threads. A node serves shards meanwhile, and a proof that
/// takes a few seconds longer still is an hour early. Elsewhere priority belongs to processes, and
/// what a node does with its own is for the node to say.
pub const NICENESS: i32 = 10;

/// Starts the threads.
pub(crate) fn pool(threads: Option<NonZeroUsize>) -> Result<ThreadPool, ThreadPoolBuildError> {
    ThreadPoolBuilder::new()
        .num_threads(threads.map_or_else(all_but_one, NonZeroUsize::get))
        .thread_name(|number| format!("prove-{number}"))
        .start_handler(|_| give_way())
        .build()
}

/// One less than the machine has, so that a node stays responsive; at least one.
fn all_but_one() -> usize {
    available_parallelism().map_or(1, |cores| cores.get().saturating_sub(1).max(1))
}

/// Lowers the priority of the calling thread.
fn give_way() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{getpriority_process, setpriority_process};
        // A thread that gives way even more is left alone; where the system refuses, proving runs
        // at ordinary priority and is no less right.
        if getpriority_process(None).is_ok_and(|now| now < NICENESS) {
            setpriority_process(None, NICENESS).ok();
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use rustix::process::getpriority_process;

    #[test]
    fn proving_threads_give_way_and_the_caller_does_not() {
        let before = getpriority_process(None).unwrap();
        let pool = pool(NonZeroUsize::new(2)).unwrap();
        let inside = pool.broadcast(|_| getpriority_process(None).unwrap());
        assert!(inside.iter().all(|niceness| *niceness >= NICENESS));
        assert_eq!(getpriority_process(None).unwrap(), before);
    }

    #[test]
    fn the_number_of_threads_is_the_one_asked_for_and_never_zero() {
        assert_eq!(pool(NonZeroUsize::new(3)).unwrap().current_num_threads(), 3);
        assert!(pool(None).unwrap().current_num_threads() >= 1);
    }
}

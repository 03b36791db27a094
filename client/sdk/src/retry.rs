//! Trying again: with growing, jittered pauses, and a budget for the whole operation, so that
//! many small failures do not add up to a wait without end.

use std::{
    sync::{
        atomic::{AtomicU32, Ordering},
        Arc,
    },
    time::Duration,
};

use rand::Rng;

use crate::limits::MAX_PAUSE;

/// Pause before the first repetition.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// The repetitions that an operation has left; clones share it.
#[derive(Clone, Debug)]
pub(crate) struct RetryBudget(Arc<AtomicU32>);

impl RetryBudget {
    pub(crate) fn new(retries: u32) -> Self {
        Self(Arc::new(AtomicU32::new(retries)))
    }

    /// Takes one repetition; `false` where none is left.
    pub(crate) fn take(&self) -> bool {
        let one_less = |left: u32| left.checked_sub(1);
        self.0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less)
            .is_ok()
    }
}

/// The pause before repetition `attempt` (from zero): doubling, of which a random half.
pub(crate) fn pause(attempt: u32) -> Duration {
    let doubled = FIRST_PAUSE.saturating_mul(1u32.checked_shl(attempt).unwrap_or(u32::MAX));
    let longest = doubled.min(MAX_PAUSE);
    longest.mul_f64(rand::thread_rng().gen_range(0.5..1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_bound_and_differ() {
        for attempt in 0..40 {
            let pause = pause(attempt);
            assert!(pause >= FIRST_PAUSE / 2 && pause <= MAX_PAUSE);
        }
        let two: Vec<_> = (0..2).map(|_| pause(5)).collect();
        assert_ne!(two[0], two[1]);
    }

    #[test]
    fn a_budget_is_shared_and_ends() {
        let budget = RetryBudget::new(2);
        let other = budget.clone();
        assert!(budget.take() && other.take());
        assert!(!budget.take() && !other.take());
    }
}

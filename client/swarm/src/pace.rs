//! The least progress that a peer must make while bytes flow.

use std::{future::Future, pin::pin, time::Duration};

use tokio::time::{timeout, Instant};

use crate::limits::Limits;

/// The peer moved too few bytes in the time that was spent waiting for it.
#[derive(Debug)]
pub(crate) struct TooSlow;

/// Counts bytes against time spent waiting for the peer; what our own side takes is not counted.
#[derive(Debug)]
pub(crate) struct Pace {
    window: Duration,
    least: u64,
    waited: Duration,
    moved: u64,
}

impl Pace {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self::within(limits.progress_window, limits)
    }

    /// The pace of a shard that is uploaded to us.
    pub(crate) fn of_upload(limits: &Limits) -> Self {
        Self::within(limits.upload_window, limits)
    }

    fn within(window: Duration, limits: &Limits) -> Self {
        Self {
            window,
            least: limits.progress_bytes,
            waited: Duration::ZERO,
            moved: 0,
        }
    }

    /// How long the peer may still be waited for in this window.
    pub(crate) fn patience(&self) -> Duration {
        self.window.saturating_sub(self.waited)
    }

    /// Time passed waiting for the peer.
    pub(crate) fn waited(&mut self, time: Duration) -> Result<(), TooSlow> {
        self.waited = self.waited.saturating_add(time);
        if self.waited < self.window {
            return Ok(());
        }
        if self.moved < self.least {
            return Err(TooSlow);
        }
        self.waited = Duration::ZERO;
        self.moved = 0;
        Ok(())
    }

    /// The peer moved bytes.
    pub(crate) fn moved(&mut self, bytes: usize) {
        self.moved = self.moved.saturating_add(bytes as u64);
    }

    /// Waits for one step of the peer.
    pub(crate) async fn wait<F: Future>(&mut self, step: F) -> Result<F::Output, TooSlow> {
        let mut step = pin!(step);
        loop {
            let begun = Instant::now();
            let outcome = timeout(self.patience(), &mut step).await;
            let waited = begun.elapsed();
            match outcome {
                Ok(output) => {
                    // The step is done: a window that ends with it is judged at the next one,
                    // after its bytes were counted.
                    self.waited = self.waited.saturating_add(waited);
                    return Ok(output);
                }
                Err(_) => self.waited(waited.max(self.patience()))?,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::future::pending;

    fn limits() -> Limits {
        Limits {
            progress_window: Duration::from_secs(10),
            upload_window: Duration::from_secs(40),
            progress_bytes: 100,
            ..Limits::default()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn silence_ends_after_one_window() {
        let begun = Instant::now();
        let mut pace = Pace::new(&limits());
        assert!(pace.wait(pending::<()>()).await.is_err());
        assert_eq!(begun.elapsed().as_secs(), 10);
    }

    #[tokio::test(start_paused = true)]
    async fn an_upload_may_pause_longer() {
        let begun = Instant::now();
        let mut pace = Pace::of_upload(&limits());
        assert!(pace.wait(pending::<()>()).await.is_err());
        assert_eq!(begun.elapsed().as_secs(), 40);
    }

    #[tokio::test(start_paused = true)]
    async fn a_trickle_is_no_progress() {
        let mut pace = Pace::new(&limits());
        let mut seconds = 0;
        let outcome = loop {
            let step = tokio::time::sleep(Duration::from_secs(1));
            if let Err(slow) = pace.wait(step).await {
                break slow;
            }
            pace.moved(9);
            seconds += 1;
            assert!(seconds < 30);
        };
        let TooSlow = outcome;
        assert!((9..=11).contains(&seconds), "{seconds}");
    }

    #[tokio::test(start_paused = true)]
    async fn steady_bytes_may_take_for_ever() {
        let mut pace = Pace::new(&limits());
        for _ in 0..1_000 {
            let step = tokio::time::sleep(Duration::from_secs(1));
            pace.wait(step).await.unwrap();
            pace.moved(20);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn our_own_time_is_not_the_peers() {
        let mut pace = Pace::new(&limits());
        for _ in 0..20 {
            tokio::time::sleep(Duration::from_secs(100)).await;
            pace.wait(async {}).await.unwrap();
            pace.moved(1);
        }
    }
}

//! What a node earned: a stream of money that is proven for and not yet free.

use codec::{Decode, Encode, MaxEncodedLen};
use neurostore_primitives::{stream_released, Balance, TICK_BLOCKS};
use scale_info::TypeInfo;

/// Credits on their way to a node: `settled` is free, `credit` becomes free linearly.
///
/// No amount here can overflow: all of it lies in the pot, and the chain has one total issuance.
/// The arithmetic saturates all the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Stream {
    /// Free, not withdrawn.
    pub settled: Balance,
    /// What is released from `start_block` on, over `ticks`.
    pub credit: Balance,
    /// Block in which the release of `credit` began.
    pub start_block: u32,
    /// Ticks of [`TICK_BLOCKS`] blocks over which it is released.
    pub ticks: u32,
}

impl Stream {
    /// What is free in block `now`.
    pub fn withdrawable(&self, now: u32) -> Balance {
        self.settled.saturating_add(self.released(now))
    }

    /// What is not free yet in block `now`.
    pub fn streaming(&self, now: u32) -> Balance {
        self.credit.saturating_sub(self.released(now))
    }

    /// Everything in the stream, free or not.
    pub fn total(&self) -> Balance {
        self.settled.saturating_add(self.credit)
    }

    /// Moves what is released by block `now` into `settled`. The rest goes on as before, over the
    /// ticks that are left.
    pub fn settle(&mut self, now: u32) {
        let released = self.released(now);
        let elapsed = self.elapsed_ticks(now).min(self.ticks);
        self.settled = self.settled.saturating_add(released);
        self.credit = self.credit.saturating_sub(released);
        // By whole ticks, so that the part of a tick that has passed is not lost.
        let passed = elapsed.saturating_mul(TICK_BLOCKS);
        self.start_block = self.start_block.saturating_add(passed);
        self.ticks = self.ticks.saturating_sub(elapsed);
    }

    /// Adds a credit in block `now`: what is not released of the last one streams out with it,
    /// over `ticks` from now on.
    pub fn add(&mut self, amount: Balance, now: u32, ticks: u32) {
        self.settle(now);
        self.credit = self.credit.saturating_add(amount);
        self.start_block = now;
        self.ticks = ticks;
    }

    /// Takes everything that is free in block `now`.
    pub fn take_withdrawable(&mut self, now: u32) -> Balance {
        self.settle(now);
        core::mem::take(&mut self.settled)
    }

    fn released(&self, now: u32) -> Balance {
        stream_released(self.credit, self.elapsed_ticks(now), self.ticks)
    }

    fn elapsed_ticks(&self, now: u32) -> u32 {
        now.saturating_sub(self.start_block) / TICK_BLOCKS
    }
}

/// The account of one node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Earnings {
    /// Credited and not withdrawn.
    pub stream: Stream,
    /// All that was ever credited.
    pub credited_total: Balance,
    /// All that was ever withdrawn.
    pub withdrawn_total: Balance,
}

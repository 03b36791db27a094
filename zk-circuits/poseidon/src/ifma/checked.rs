//! The twin of the CPU's lanes that proves the bounds.
//!
//! A number comes with the most that it can be for any input. Every operation works out the most of
//! its result from the most of its operands, and panics where that passes 64 bits, or 52 where a
//! limb is said to be whole. So one run over any input proves for all inputs that nothing
//! overflows, as what is loaded is taken for anything. What is claimed rather than worked out, the
//! result of `settle`, is checked on the number at hand here and proven by a test of its own.
//!
//! One lane stands for all. It fits into two registers, and nothing here is inlined: the compiler
//! sees thousands of these operations in one function.

use super::lanes::{Lanes, LANES, LIMB_BITS, LIMB_MASK};

/// A number and the most that it can be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Checked {
    word: u64,
    most: u64,
}

impl Checked {
    fn new(word: u64, most: u64) -> Self {
        assert!(word <= most, "{word:x} above {most:x}");
        Self { word, most }
    }

    /// What a multiplication reads.
    fn limb(self) -> (u128, u128) {
        let (word, most) = (self.word & LIMB_MASK, self.most.min(LIMB_MASK));
        (word.into(), most.into())
    }

    fn add(self, word: u128, most: u128) -> Self {
        let most = u128::from(self.most) + most;
        let most = u64::try_from(most).expect("a column that can pass 64 bits");
        // Below `most`, and so below 2^64.
        let word = u64::try_from(u128::from(self.word) + word).expect("a column above its most");
        Self::new(word, most)
    }
}

impl Lanes for Checked {
    type Proof = ();

    #[inline(never)]
    fn splat((): (), word: u64) -> Self {
        Self::new(word, word)
    }

    /// Loaded are words of any value.
    #[inline(never)]
    fn load((): (), words: &[u64; LANES]) -> Self {
        Self::new(words[0], u64::MAX)
    }

    #[inline(never)]
    fn store(self) -> [u64; LANES] {
        assert!(self.most <= LIMB_MASK, "stored are limbs");
        [self.word; LANES]
    }

    #[inline(never)]
    fn plus(self, other: Self) -> Self {
        self.add(other.word.into(), other.most.into())
    }

    #[inline(never)]
    fn shifted<const BY: u32>(self) -> Self {
        Self::new(self.word >> BY, self.most >> BY)
    }

    #[inline(never)]
    fn masked<const BITS: u32>(self) -> Self {
        let mask = (1 << BITS) - 1;
        Self::new(self.word & mask, self.most.min(mask))
    }

    #[inline(never)]
    fn window(self, (): (), high: Self, from: u64) -> Self {
        let both = u128::from(high.word) << 64 | u128::from(self.word);
        let word = u64::try_from((both >> from) & u128::from(u64::MAX)).expect("64 bits");
        Self::new(word, u64::MAX)
    }

    #[inline(never)]
    fn add_low(self, a: Self, b: Self) -> Self {
        let ((a, a_most), (b, b_most)) = (a.limb(), b.limb());
        let mask = LIMB_MASK.into();
        self.add((a * b) & mask, (a_most * b_most).min(mask))
    }

    #[inline(never)]
    fn add_high(self, a: Self, b: Self) -> Self {
        let ((a, a_most), (b, b_most)) = (a.limb(), b.limb());
        self.add((a * b) >> LIMB_BITS, (a_most * b_most) >> LIMB_BITS)
    }

    #[inline(never)]
    fn carried(self) -> Self {
        self.low()
    }

    #[inline(never)]
    fn whole(self) -> Self {
        assert!(self.most <= LIMB_MASK, "a limb that can be {:x}", self.most);
        self
    }

    #[inline(never)]
    fn claim(self, most: u64) -> Self {
        Self::new(self.word, most.min(self.most))
    }
}

//! The twin of the CPU's lanes that proves the bounds.
//!
//! A number comes with the least and the most that it can be for any input. Every operation works
//! out the range of its result from the ranges of its operands, and panics where that leaves what
//! the operation can take: a sum above 64 bits, a difference below zero, a factor above 52 bits. So
//! one run over any input proves for all inputs that nothing overflows, as what is loaded is taken
//! for anything. What is claimed rather than worked out is checked on the number at hand here, and
//! proven where it is claimed.
//!
//! One lane stands for all. Nothing here is inlined: the compiler sees thousands of these operations
//! in one function.

// What leaves its range is to panic.
#![allow(clippy::expect_used, clippy::indexing_slicing)]

use crate::lanes::{Lanes, LANES, LIMB_BITS, LIMB_MASK};

/// A number, the least and the most that it can be.
#[derive(Clone, Copy, Debug)]
pub struct Checked {
    word: u64,
    least: u64,
    most: u64,
}

impl Checked {
    fn new(word: u64, least: u64, most: u64) -> Self {
        assert!(word <= most, "{word:x} above {most:x}");
        assert!(word >= least, "{word:x} below {least:x}");
        Self { word, least, most }
    }

    /// Any number from the first to the last.
    ///
    /// # Panics
    ///
    /// Where the first is above the last.
    pub fn between(least: u64, most: u64) -> Self {
        Self::new(most, least, most)
    }

    /// The most that the number can be.
    pub fn most(self) -> u64 {
        self.most
    }

    /// What a multiplication reads.
    fn assert_limb(self) {
        assert!(
            self.most <= LIMB_MASK,
            "a factor that can be {:x}",
            self.most
        );
    }
}

fn product(a: u64, b: u64) -> u128 {
    u128::from(a) * u128::from(b)
}

fn low_half(product: u128) -> u64 {
    u64::try_from(product & u128::from(LIMB_MASK)).expect("52 bits")
}

/// Of limbs, whose product has 104 bits.
fn high_half(product: u128) -> u64 {
    u64::try_from(product >> LIMB_BITS).expect("52 bits")
}

impl Lanes for Checked {
    type Proof = ();

    #[inline(never)]
    fn splat((): (), word: u64) -> Self {
        Self::new(word, word, word)
    }

    /// Loaded are words of any value.
    #[inline(never)]
    fn load((): (), words: &[u64; LANES]) -> Self {
        Self::new(words[0], 0, u64::MAX)
    }

    #[inline(never)]
    fn store(self) -> [u64; LANES] {
        assert!(self.most <= LIMB_MASK, "stored are limbs");
        [self.word; LANES]
    }

    #[inline(never)]
    fn plus(self, other: Self) -> Self {
        let most = self.most.checked_add(other.most);
        // Both below `most`.
        Self::new(
            self.word.wrapping_add(other.word),
            self.least.wrapping_add(other.least),
            most.expect("a sum that can pass 64 bits"),
        )
    }

    #[inline(never)]
    fn minus(self, other: Self) -> Self {
        let least = self.least.checked_sub(other.most);
        // All above `least`.
        Self::new(
            self.word.wrapping_sub(other.word),
            least.expect("a difference that can be negative"),
            self.most.wrapping_sub(other.least),
        )
    }

    #[inline(never)]
    fn right<const BY: u32>(self) -> Self {
        Self::new(self.word >> BY, self.least >> BY, self.most >> BY)
    }

    #[inline(never)]
    fn left<const BY: u32>(self) -> Self {
        Self::new(self.word << BY, 0, u64::MAX << BY)
    }

    #[inline(never)]
    fn or(self, other: Self) -> Self {
        assert_eq!(self.word & other.word, 0, "bits of both");
        let bits = u64::BITS - (self.most | other.most).leading_zeros();
        let most = u64::MAX.checked_shr(u64::BITS - bits).unwrap_or(0);
        Self::new(self.word | other.word, 0, most)
    }

    #[inline(never)]
    fn masked<const BITS: u32>(self) -> Self {
        let mask = u64::MAX >> (u64::BITS - BITS);
        if self.most <= mask {
            return self;
        }
        Self::new(self.word & mask, 0, mask)
    }

    #[inline(never)]
    fn window(self, (): (), high: Self, from: u64) -> Self {
        let both = u128::from(high.word) << 64 | u128::from(self.word);
        let word = u64::try_from((both >> from) & u128::from(u64::MAX)).expect("64 bits");
        Self::new(word, 0, u64::MAX)
    }

    #[inline(never)]
    fn add_low(self, a: Self, b: Self) -> Self {
        a.assert_limb();
        b.assert_limb();
        let most = product(a.most, b.most).min(LIMB_MASK.into());
        let word = low_half(product(a.word, b.word));
        self.plus(Self::new(word, 0, low_half(most)))
    }

    #[inline(never)]
    fn add_high(self, a: Self, b: Self) -> Self {
        a.assert_limb();
        b.assert_limb();
        self.plus(Self::new(
            high_half(product(a.word, b.word)),
            high_half(product(a.least, b.least)),
            high_half(product(a.most, b.most)),
        ))
    }

    #[inline(never)]
    fn look_up(self, table: &[u64; LANES]) -> Self {
        let place = |number: u64| usize::try_from(number).expect("a place");
        let (first, last) = (place(self.least), place(self.most));
        assert!(last < LANES, "the table has the number");
        let found = &table[first..=last];
        let (least, most) = (found.iter().min(), found.iter().max());
        Self::new(
            table[place(self.word)],
            *least.expect("one at least"),
            *most.expect("one at least"),
        )
    }

    #[inline(never)]
    fn replaced(self, lanes: u8, other: Self) -> Self {
        let word = if lanes & 1 == 0 {
            self.word
        } else {
            other.word
        };
        let (least, most) = (self.least.min(other.least), self.most.max(other.most));
        Self::new(word, least, most)
    }

    #[inline(never)]
    fn transpose(rows: [Self; LANES]) -> [Self; LANES] {
        let all = rows.into_iter().reduce(|a, b| a.replaced(0, b));
        [all.expect("eight rows"); LANES]
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
        let most = most.min(self.most);
        Self::new(self.word, self.least.min(most), most)
    }

    fn prefetch((): (), _: &[u64; LANES]) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "a sum that can pass 64 bits")]
    fn a_sum_of_what_can_be_too_large_is_found_whatever_it_is() {
        let _ = Checked::load((), &[1; LANES]).plus(Checked::splat((), 1));
    }

    #[test]
    #[should_panic(expected = "a difference that can be negative")]
    fn a_difference_that_can_be_negative_is_found() {
        let _ = Checked::between(3, 9).minus(Checked::between(0, 4));
    }

    #[test]
    #[should_panic(expected = "a factor that can be")]
    fn a_factor_above_52_bits_is_found() {
        let wide = Checked::load((), &[1; LANES]);
        let _ = wide.add_low(wide, Checked::splat((), 1));
    }

    #[test]
    #[should_panic(expected = "above")]
    fn a_claim_that_the_number_at_hand_breaks_is_found() {
        let _ = Checked::splat((), 9).claim(8);
    }

    #[test]
    fn a_number_stays_within_its_range() {
        let (a, b) = (Checked::between(2, 5), Checked::between(1, 3));
        assert_eq!((a.plus(b).least, a.plus(b).most), (3, 8));
        let difference = Checked::between(10, 20).minus(b);
        assert_eq!((difference.least, difference.most), (7, 19));
        let found = a.look_up(&[9, 8, 7, 6, 5, 4, 3, 2]);
        assert_eq!((found.least, found.most), (4, 7));
    }
}

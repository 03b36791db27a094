//! Eight numbers side by side, and the few operations that all else is made of.
//!
//! Arithmetic is written once, over [`Lanes`]. `vector` runs it on the CPU; a checked twin runs it in
//! the tests with the range of every limb, good for all inputs at once, and panics where one leaves
//! what its operation can take. Three operations do nothing on the CPU and speak to the twin alone:
//! [`Lanes::carried`], [`Lanes::whole`] and [`Lanes::claim`].

/// Numbers in one vector.
pub const LANES: usize = 8;
/// Bits of a limb: what a multiplication reads of each factor.
pub const LIMB_BITS: u32 = 52;
/// The largest limb.
pub const LIMB_MASK: u64 = (1 << LIMB_BITS) - 1;

/// Eight unsigned numbers of 64 bits.
pub trait Lanes: Copy {
    /// The permission to make them.
    type Proof: Copy;

    /// The same number eight times.
    fn splat(proof: Self::Proof, word: u64) -> Self;

    /// Eight numbers.
    fn load(proof: Self::Proof, words: &[u64; LANES]) -> Self;

    /// The eight numbers.
    fn store(self) -> [u64; LANES];

    /// The sums, which must fit into 64 bits.
    fn plus(self, other: Self) -> Self;

    /// The differences, none of which may be negative.
    fn minus(self, other: Self) -> Self;

    /// The bits from `BY` on.
    fn right<const BY: u32>(self) -> Self;

    /// Moves bits up; those that pass the 64th are lost.
    fn left<const BY: u32>(self) -> Self;

    /// Bits of both, none of which may be set in both.
    fn or(self, other: Self) -> Self;

    /// The low bits.
    fn masked<const BITS: u32>(self) -> Self;

    /// The low 52 bits.
    #[inline(always)]
    fn low(self) -> Self {
        self.masked::<LIMB_BITS>()
    }

    /// 64 bits of the numbers of 128 bits with the words `self` and `high`, from bit `from` on,
    /// which is below 64.
    fn window(self, proof: Self::Proof, high: Self, from: u64) -> Self;

    /// Adds the low 52 bits of the products of `a` and `b`, both below 2^52.
    fn add_low(self, a: Self, b: Self) -> Self;

    /// Adds the upper 52 bits of the products of `a` and `b`, both below 2^52.
    fn add_high(self, a: Self, b: Self) -> Self;

    /// What a table holds at these numbers, all below eight.
    fn look_up(self, table: &[u64; LANES]) -> Self;

    /// `other` in the lanes whose bits are set.
    fn replaced(self, lanes: u8, other: Self) -> Self;

    /// Lane i of vector j to lane j of vector i.
    fn transpose(rows: [Self; LANES]) -> [Self; LANES];

    /// Says that what is above the low 52 bits has gone to the next limb, or is meant to be lost:
    /// from here on only the low 52 are read.
    fn carried(self) -> Self;

    /// Says that the numbers are below 2^52 as they stand.
    fn whole(self) -> Self;

    /// Says that the numbers are at most `most`, for reasons that stand where it is said.
    fn claim(self, most: u64) -> Self;

    /// Asks for words that are soon going to be loaded.
    fn prefetch(proof: Self::Proof, words: &[u64; LANES]);
}

/// A computation over any lanes.
pub trait Work {
    /// What it gives.
    type Output;

    /// Computes it. To be inlined always, with all that it calls.
    fn run<L: Lanes>(self, proof: L::Proof) -> Self::Output;
}

//! [`Lanes`] on the CPU: the one place with unsafe code.
//!
//! All of it is sound for one reason: the instructions are there. An [`Ifma`] exists only where
//! the CPU was asked for them, and a [`Vector`] is made out of an [`Ifma`] or out of vectors.
#![allow(unsafe_code)]

use std::arch::x86_64::{
    __m512i, _mm512_add_epi64, _mm512_and_si512, _mm512_loadu_si512, _mm512_madd52hi_epu64,
    _mm512_madd52lo_epu64, _mm512_mask_mov_epi64, _mm512_or_si512, _mm512_permutexvar_epi64,
    _mm512_set1_epi64, _mm512_shuffle_i64x2, _mm512_slli_epi64, _mm512_sllv_epi64,
    _mm512_srli_epi64, _mm512_srlv_epi64, _mm512_storeu_si512, _mm512_sub_epi64,
    _mm512_unpackhi_epi64, _mm512_unpacklo_epi64, _mm_prefetch, _MM_HINT_T0,
};

use crate::lanes::{Lanes, Work, LANES};

/// The permission to use AVX-512 IFMA: whoever holds one runs on a CPU that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ifma(());

impl Ifma {
    /// Asks the CPU.
    pub fn detect() -> Option<Self> {
        let there = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512ifma");
        there.then_some(Self(()))
    }

    /// Works with the CPU's vectors.
    ///
    /// All that `work` calls is inlined here, so that it is compiled for these instructions.
    pub fn run<W: Work>(self, work: W) -> W::Output {
        #[target_feature(enable = "avx512f,avx512ifma")]
        fn run<W: Work>(proof: Ifma, work: W) -> W::Output {
            work.run::<Vector>(proof)
        }
        // SAFETY: there is an `Ifma`, so the CPU has both features.
        unsafe { run(self, work) }
    }
}

/// Eight numbers in one register.
#[derive(Clone, Copy, Debug)]
pub struct Vector(__m512i);

impl Lanes for Vector {
    type Proof = Ifma;

    #[inline(always)]
    fn splat(_: Ifma, word: u64) -> Self {
        // SAFETY: there is an `Ifma`, so the CPU has AVX-512F.
        Self(unsafe { _mm512_set1_epi64(word.cast_signed()) })
    }

    #[inline(always)]
    fn load(_: Ifma, words: &[u64; LANES]) -> Self {
        // SAFETY: there is an `Ifma`, so the CPU has AVX-512F; the 64 bytes that are read are
        // those of `words`, and any alignment will do.
        Self(unsafe { _mm512_loadu_si512(words.as_ptr().cast()) })
    }

    #[inline(always)]
    fn store(self) -> [u64; LANES] {
        let mut words = [0; LANES];
        // SAFETY: there is a `Vector`, so the CPU has AVX-512F; the 64 bytes that are written are
        // those of `words`, and any alignment will do.
        unsafe { _mm512_storeu_si512(words.as_mut_ptr().cast(), self.0) };
        words
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        // SAFETY: there is a `Vector`, so the CPU has AVX-512F.
        Self(unsafe { _mm512_add_epi64(self.0, other.0) })
    }

    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        // SAFETY: there is a `Vector`, so the CPU has AVX-512F.
        Self(unsafe { _mm512_sub_epi64(self.0, other.0) })
    }

    #[inline(always)]
    fn right<const BY: u32>(self) -> Self {
        // SAFETY: there is a `Vector`, so the CPU has AVX-512F.
        Self(unsafe { _mm512_srli_epi64::<BY>(self.0) })
    }

    #[inline(always)]
    fn left<const BY: u32>(self) -> Self {
        // SAFETY: there is a `Vector`, so the CPU has AVX-512F.
        Self(unsafe { _mm512_slli_epi64::<BY>(self.0) })
    }

    #[inline(always)]
    fn or(self, other: Self) -> Self {
        // SAFETY: there is a `Vector`, so the CPU has AVX-512F.
        Self(unsafe { _mm512_or_si512(self.0, other.0) })
    }

    #[inline(always)]
    fn masked<const BITS: u32>(self) -> Self {
        let mask = (u64::MAX >> (u64::BITS - BITS)).cast_signed();
        // SAFETY: there is a `Vector`, so the CPU has AVX-512F.
        Self(unsafe { _mm512_and_si512(self.0, _mm512_set1_epi64(mask)) })
    }

    #[inline(always)]
    fn window(self, proof: Ifma, high: Self, from: u64) -> Self {
        let right = Self::splat(proof, from);
        // A shift by 64 gives zero.
        let left = Self::splat(proof, 64 - from);
        // SAFETY: there is a `Vector`, so the CPU has AVX-512F.
        Self(unsafe {
            _mm512_or_si512(
                _mm512_srlv_epi64(self.0, right.0),
                _mm512_sllv_epi64(high.0, left.0),
            )
        })
    }

    #[inline(always)]
    fn add_low(self, a: Self, b: Self) -> Self {
        // SAFETY: there is a `Vector`, so the CPU has AVX-512 IFMA.
        Self(unsafe { _mm512_madd52lo_epu64(self.0, a.0, b.0) })
    }

    #[inline(always)]
    fn add_high(self, a: Self, b: Self) -> Self {
        // SAFETY: there is a `Vector`, so the CPU has AVX-512 IFMA.
        Self(unsafe { _mm512_madd52hi_epu64(self.0, a.0, b.0) })
    }

    #[inline(always)]
    fn carried(self) -> Self {
        self
    }

    #[inline(always)]
    fn whole(self) -> Self {
        self
    }

    #[inline(always)]
    fn claim(self, _: u64) -> Self {
        self
    }

    #[inline(always)]
    fn look_up(self, table: &[u64; LANES]) -> Self {
        // SAFETY: there is a `Vector`, so the CPU has AVX-512F; as in `load`, `table` is 64 bytes.
        Self(unsafe { _mm512_permutexvar_epi64(self.0, _mm512_loadu_si512(table.as_ptr().cast())) })
    }

    #[inline(always)]
    fn replaced(self, lanes: u8, other: Self) -> Self {
        // SAFETY: there is a `Vector`, so the CPU has AVX-512F.
        Self(unsafe { _mm512_mask_mov_epi64(self.0, lanes, other.0) })
    }

    #[inline(always)]
    fn transpose([a, b, c, d, e, f, g, h]: [Self; LANES]) -> [Self; LANES] {
        // Numbers change places with their neighbours, then pairs with pairs, fours with fours.
        let [ab, cd, ef, gh] = [a.even(b), c.even(d), e.even(f), g.even(h)];
        let [c0, c2, c4, c6] = quarters(ab, cd, ef, gh);
        let [ab, cd, ef, gh] = [a.odd(b), c.odd(d), e.odd(f), g.odd(h)];
        let [c1, c3, c5, c7] = quarters(ab, cd, ef, gh);
        [c0, c1, c2, c3, c4, c5, c6, c7]
    }

    #[inline(always)]
    fn prefetch(_: Ifma, words: &[u64; LANES]) {
        // SAFETY: every x86-64 CPU has this instruction, and it reads nothing.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(words.as_ptr().cast()) }
    }
}

impl Vector {
    /// The numbers in even lanes of both, alternating.
    #[inline(always)]
    fn even(self, other: Self) -> Self {
        // SAFETY: there is a `Vector`, so the CPU has AVX-512F.
        Self(unsafe { _mm512_unpacklo_epi64(self.0, other.0) })
    }

    /// The numbers in odd lanes of both, alternating.
    #[inline(always)]
    fn odd(self, other: Self) -> Self {
        // SAFETY: there is a `Vector`, so the CPU has AVX-512F.
        Self(unsafe { _mm512_unpackhi_epi64(self.0, other.0) })
    }

    /// The even pairs of this, then those of the other.
    #[inline(always)]
    fn even_pairs(self, other: Self) -> Self {
        // SAFETY: there is a `Vector`, so the CPU has AVX-512F.
        Self(unsafe { _mm512_shuffle_i64x2::<0b10_00_10_00>(self.0, other.0) })
    }

    /// The odd pairs of this, then those of the other.
    #[inline(always)]
    fn odd_pairs(self, other: Self) -> Self {
        // SAFETY: there is a `Vector`, so the CPU has AVX-512F.
        Self(unsafe { _mm512_shuffle_i64x2::<0b11_01_11_01>(self.0, other.0) })
    }
}

/// Every second column of the rows that were paired up, beginning with the first.
#[inline(always)]
fn quarters(ab: Vector, cd: Vector, ef: Vector, gh: Vector) -> [Vector; 4] {
    let [even, even_below] = [ab.even_pairs(cd), ef.even_pairs(gh)];
    let [odd, odd_below] = [ab.odd_pairs(cd), ef.odd_pairs(gh)];
    [
        even.even_pairs(even_below),
        odd.even_pairs(odd_below),
        even.odd_pairs(even_below),
        odd.odd_pairs(odd_below),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transposed_square_has_its_rows_as_columns() {
        struct Transpose;
        impl Work for Transpose {
            type Output = [[u64; LANES]; LANES];
            #[inline(always)]
            fn run<L: Lanes>(self, proof: L::Proof) -> Self::Output {
                let row = |row| std::array::from_fn(|lane| (row * LANES + lane) as u64);
                let rows = std::array::from_fn(|number| L::load(proof, &row(number)));
                L::transpose(rows).map(L::store)
            }
        }
        let Some(ifma) = Ifma::detect() else { return };
        for (column, words) in ifma.run(Transpose).iter().enumerate() {
            let expected = std::array::from_fn(|lane| (lane * LANES + column) as u64);
            assert_eq!(*words, expected);
        }
    }
}

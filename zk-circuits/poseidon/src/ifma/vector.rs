//! [`Lanes`] on the CPU: the one place with unsafe code.
//!
//! All of it is sound for one reason: the instructions are there. An [`Ifma`] exists only where
//! the CPU was asked for them, and a [`Vector`] is made out of an [`Ifma`] or out of vectors.
#![allow(unsafe_code)]

use core::arch::x86_64::{
    __m512i, _mm512_add_epi64, _mm512_and_si512, _mm512_loadu_si512, _mm512_madd52hi_epu64,
    _mm512_madd52lo_epu64, _mm512_or_si512, _mm512_set1_epi64, _mm512_sllv_epi64,
    _mm512_srli_epi64, _mm512_srlv_epi64, _mm512_storeu_si512,
};

use super::lanes::{Lanes, Work, LANES};

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
    pub(super) fn run<W: Work>(self, work: W) -> W::Output {
        #[target_feature(enable = "avx512f,avx512ifma")]
        fn run<W: Work>(proof: Ifma, work: W) -> W::Output {
            work.run::<Vector>(proof)
        }
        // SAFETY: there is an `Ifma`, so the CPU has both features.
        unsafe { run(self, work) }
    }
}

/// Eight numbers in one register.
#[derive(Clone, Copy)]
pub(super) struct Vector(__m512i);

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
    fn shifted<const BY: u32>(self) -> Self {
        // SAFETY: there is a `Vector`, so the CPU has AVX-512F.
        Self(unsafe { _mm512_srli_epi64::<BY>(self.0) })
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
}

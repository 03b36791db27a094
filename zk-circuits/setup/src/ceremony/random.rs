//! What snarkjs draws from a hash, to the bit: the beacon's secret and the points that show that
//! a secret is known.
//!
//! Its generator is `ChaCha20` whose key is the hash's first 32 bytes, read as eight big-endian
//! words. A field element is four words of 64 bits, each from a high and a low half, least
//! significant first, cut to 254 bits, drawn again while not below the modulus, and taken as a
//! Montgomery representation. A point is an element for x and a bit for the sign of y, drawn again
//! while x is on no point, times the cofactor.

use ark_bn254::{Fq, Fq2, Fr, G1Affine, G2Affine};
use ark_ec::{
    short_weierstrass::{Affine, SWCurveConfig},
    AffineRepr,
};
use ark_ff::{AdditiveGroup, BigInt, Field, PrimeField};
use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha20Rng;

/// The highest word of an element below 2^254.
const HIGHEST_WORD_MASK: u64 = u64::MAX >> 2;

/// The generator of snarkjs.
pub(crate) struct SnarkjsRandom(ChaCha20Rng);

impl SnarkjsRandom {
    /// Seeds with the first 32 bytes of a hash.
    pub(crate) fn new(hash: &[u8; 32]) -> Self {
        let mut seed = *hash;
        // The generator reads little-endian words.
        for word in seed.as_chunks_mut::<4>().0 {
            word.reverse();
        }
        Self(ChaCha20Rng::from_seed(seed))
    }

    /// A secret.
    pub(crate) fn scalar(&mut self) -> Fr {
        Fr::new_unchecked(self.below(&Fr::MODULUS))
    }

    /// A point of G1.
    pub(crate) fn g1(&mut self) -> G1Affine {
        self.point()
    }

    /// A point of G2.
    pub(crate) fn g2(&mut self) -> G2Affine {
        self.point()
    }

    fn point<P: SWCurveConfig>(&mut self) -> Affine<P>
    where
        P::BaseField: Drawn,
    {
        loop {
            let x = P::BaseField::draw(self);
            let negative = self.0.next_u32() & 1 == 1;
            let Some(found) = Affine::<P>::get_point_from_x_unchecked(x, false) else {
                continue;
            };
            return if found.y.is_negative() == negative {
                found.mul_by_cofactor()
            } else {
                (-found).mul_by_cofactor()
            };
        }
    }

    fn below(&mut self, modulus: &BigInt<4>) -> BigInt<4> {
        loop {
            let mut words = [0; 4];
            for word in &mut words {
                let (high, low) = (self.0.next_u32(), self.0.next_u32());
                *word = u64::from(high) << 32 | u64::from(low);
            }
            let [_, _, _, highest] = &mut words;
            *highest &= HIGHEST_WORD_MASK;
            if BigInt(words) < *modulus {
                return BigInt(words);
            }
        }
    }
}

/// A coordinate that is drawn.
trait Drawn: Field {
    fn draw(random: &mut SnarkjsRandom) -> Self;

    /// Whether the number is above half the modulus; for an extension its last part that is not
    /// zero counts.
    fn is_negative(&self) -> bool;
}

impl Drawn for Fq {
    fn draw(random: &mut SnarkjsRandom) -> Self {
        Self::new_unchecked(random.below(&Self::MODULUS))
    }

    fn is_negative(&self) -> bool {
        self.into_bigint() > Self::MODULUS_MINUS_ONE_DIV_TWO
    }
}

impl Drawn for Fq2 {
    fn draw(random: &mut SnarkjsRandom) -> Self {
        Self::new(Fq::draw(random), Fq::draw(random))
    }

    fn is_negative(&self) -> bool {
        if self.c1 == Fq::ZERO {
            self.c0.is_negative()
        } else {
            self.c1.is_negative()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ceremony::encoding::hashed;

    fn random() -> SnarkjsRandom {
        let mut next = (1u8..).step_by(5);
        SnarkjsRandom::new(&std::array::from_fn(|_| next.next().unwrap()))
    }

    // What ffjavascript 0.3.1 draws from the same hash.
    #[test]
    fn a_secret_and_points_are_those_that_snarkjs_draws() {
        let mut drawn = random();
        assert_eq!(
            drawn.scalar().to_string(),
            "12543499889431628728470253196961532560653250247374041868809356817944773291214"
        );
        assert_eq!(
            hex::encode(hashed(&drawn.g1())),
            "2a8de969369b0bf85ca9830f9e025ed3cda43846d359214dcc45b269d4c59ee5\
             26e44741df1184563ae6137b5bc29efe9f6764b937bbc70dd33d0948535e0841"
        );
        let mut drawn = random();
        assert_eq!(
            hex::encode(hashed(&drawn.g2())),
            "21776b8206ef2720ead2fde5aae3de979780bb03bb133422033cdf67645b6612\
             019631fd979030fab9d8fdd151b8d82f2da38e0c5c051820404cf13d4eb1462d\
             1c016c65534179ab9589faf37bb6ab5a6522f607e0cd220813e3a6dd10cbf75f\
             20cb8ad04af0d79d7338f543c6c0f6a52c5c880d1a07b7023404d6d60cd413c8"
        );
        let _ = drawn.g2();
        assert_eq!(
            hex::encode(hashed(&drawn.g2())),
            "234ef7e5b0a779ae1baf48c20abd957e42130720dc6d74cf8aa81110e1eabf9f\
             2fc9316b56335da618585a3f5e14d22b9f6cde100436011fcbce445e5d4d3a56\
             217624bd70c1cb821691f38e18e9131f96a2cd6d6b4205b1dbbe102b4b24e70c\
             288f10b643e6a1d8075c574794d9aefe98990dfec210d74166bf2ff4517452e5"
        );
    }

    #[test]
    fn drawn_points_are_in_the_group() {
        let mut random = random();
        for _ in 0..4 {
            assert!(random.g2().is_in_correct_subgroup_assuming_on_curve());
            assert!(random.g1().is_on_curve());
        }
    }
}

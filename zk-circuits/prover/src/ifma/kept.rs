//! Elements between arkworks and lanes: one by one, between R = 2^256 and R = 2^260.

use ark_ff::{AdditiveGroup, BigInt, BigInteger, Fp256, MontBackend, MontConfig, PrimeField};

use super::prime::WORDS;

/// A prime field of arkworks.
pub(super) type Field<P> = Fp256<MontBackend<P, WORDS>>;

/// The words that stand for an element: sixteen times its own.
pub(super) fn to_kept<P: MontConfig<WORDS>>(element: &Field<P>) -> [u64; WORDS] {
    let mut sixteenfold = *element;
    for _ in 0..4 {
        sixteenfold.double_in_place();
    }
    sixteenfold.0 .0
}

/// The element that words stand for, which may be a little above the prime.
pub(super) fn from_kept<P: MontConfig<WORDS>>(words: [u64; WORDS]) -> Field<P> {
    // The words of one are R's, and R / 16 is below the prime.
    let sixteenth = Field::<P>::new_unchecked(BigInt([0, 0, 0, 1 << 60]));
    reduced(words) * sixteenth
}

/// The element whose own words these are, or those of a number a little above the prime.
pub(super) fn reduced<P: MontConfig<WORDS>>(words: [u64; WORDS]) -> Field<P> {
    let mut number = BigInt(words);
    while number >= Field::<P>::MODULUS {
        number.sub_with_borrow(&Field::<P>::MODULUS);
    }
    Field::new_unchecked(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_bn254::{Fq, Fr};
    use ark_ff::UniformRand;

    fn holds<P: MontConfig<WORDS>>() {
        let mut rng = ark_std::test_rng();
        for _ in 0..50 {
            let element = Field::<P>::rand(&mut rng);
            let mut words = BigInt(to_kept(&element));
            assert_eq!(from_kept::<P>(words.0), element);
            words.add_with_carry(&Field::<P>::MODULUS);
            assert_eq!(from_kept::<P>(words.0), element);
        }
    }

    #[test]
    fn kept_words_are_those_of_the_element() {
        holds::<ark_bn254::FqConfig>();
        holds::<ark_bn254::FrConfig>();
        assert_eq!(from_kept(to_kept(&Fq::from(3u8))), Fq::from(3u8));
        assert_eq!(from_kept(to_kept(&-Fr::from(3u8))), -Fr::from(3u8));
    }
}

//! Square roots, which decompress points. The modulus is 3 modulo 4.

use super::{Coordinate, Fp, Fp2};

/// The modulus minus three, over four, in hexadecimal digits from the highest.
const EXPONENT: [u64; 4] = [
    0x4f08_2305_b61f_3f51,
    0x65e0_5aa4_5a1c_72a3,
    0x6e14_116d_a060_5617,
    0x0c19_139c_b84c_680a,
];
/// Bits of the exponent taken at a time.
const WINDOW: usize = 4;
/// Powers that a window can ask for.
const POWERS: usize = 1 << WINDOW;

impl Fp {
    /// The number to the power of (modulus - 3) / 4.
    ///
    /// For a square that is the inverse of a root of it. For any other number it is a root of the
    /// negative inverse.
    fn inverse_root(&self) -> Self {
        let mut power = Self::ONE;
        let powers: [Self; POWERS] = core::array::from_fn(|_| {
            let before = power;
            power = before.times(self);
            before
        });
        let digits = EXPONENT.iter().rev().flat_map(|word| {
            (0..u64::BITS)
                .step_by(WINDOW)
                .rev()
                .map(move |shift| word >> shift)
        });
        let mut result = Self::ONE;
        for digit in digits {
            for _ in 0..WINDOW {
                result = result.square();
            }
            let wanted = powers
                .iter()
                .zip(0u64..)
                .find(|(_, number)| digit % (1 << WINDOW) == *number);
            if let Some((power, _)) = wanted {
                result = result.times(power);
            }
        }
        result
    }

    /// One of the two square roots, or `None` where there is none.
    pub(crate) fn root(&self) -> Option<Self> {
        let root = self.inverse_root().times(self);
        (root.square() - *self).is_zero().then_some(root)
    }
}

impl Fp2 {
    /// One of the two square roots, or `None` where there is none.
    ///
    /// The complex method. Where x0^2 = (c0 + s) / 2 for the root s of the norm, the root is
    /// x0 + (c1 / 2 x0) u. Where (c0 + s) / 2 is no square, (c0 - s) / 2 = -c1^2 / 4 ((c0 + s) / 2)
    /// is: [`Fp::inverse_root`] gives what is needed in both cases, without an inverse.
    pub(crate) fn root(&self) -> Option<Self> {
        const HALF: Fp = Fp::from_ark(ark_ff::MontFp!(
            "10944121435919637611123202872628637544348155578648911831344518947322613104292"
        ));
        let norm_root = self.norm().root()?;
        let square = if self.c1.is_zero() {
            self.c0
        } else {
            (self.c0 + norm_root).times(&HALF)
        };
        let inverse_root = square.inverse_root();
        let candidate = inverse_root.times(&square);
        let half = self.c1.times(&HALF).times(&inverse_root);
        let root = if (candidate.square() - square).is_zero() {
            Self::new(candidate, half)
        } else if self.c1.is_zero() {
            Self::new(Fp::ZERO, candidate)
        } else {
            Self::new(half, -candidate)
        };
        let difference = root.square() - *self;
        difference.is_zero().then_some(root)
    }
}

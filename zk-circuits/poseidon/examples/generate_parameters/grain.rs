//! The Grain stream that the Poseidon2 authors' parameter script draws its constants from.
//!
//! An 80-bit shift register, seeded with the description of the instance: nothing in it can be
//! chosen freely. Pairs of bits come out; the second counts where the first is set.

use std::collections::VecDeque;

use ark_bn254::Fr;
use ark_ff::{BigInt, PrimeField};

/// Bits of the field.
const FIELD_BITS: usize = 254;

/// The stream for one width and number of partial rounds.
pub(crate) struct Grain {
    register: VecDeque<bool>,
}

impl Grain {
    /// The stream of a prime field instance with the S-box x^5 and eight full rounds.
    pub(crate) fn new(width: usize, partial_rounds: usize) -> Self {
        let fields = [
            (1, 2),
            (0, 4),
            (FIELD_BITS, 12),
            (width, 12),
            (8, 10),
            (partial_rounds, 10),
            ((1 << 30) - 1, 30),
        ];
        let register = fields
            .iter()
            .flat_map(|(value, bits)| (0..*bits).rev().map(move |bit| value >> bit & 1 == 1))
            .collect();
        let mut grain = Self { register };
        for _ in 0..160 {
            grain.clock();
        }
        grain
    }

    fn clock(&mut self) -> bool {
        let bit = [62, 51, 38, 23, 13, 0]
            .iter()
            .fold(false, |bit, tap| bit ^ self.register[*tap]);
        self.register.pop_front();
        self.register.push_back(bit);
        bit
    }

    fn bit(&mut self) -> bool {
        loop {
            let (take, bit) = (self.clock(), self.clock());
            if take {
                return bit;
            }
        }
    }

    /// The next number of 254 bits, most significant bit first.
    pub(crate) fn number(&mut self) -> BigInt<4> {
        let mut number = BigInt([0; 4]);
        for position in (0..FIELD_BITS).rev() {
            if self.bit() {
                number.0[position / 64] |= 1 << (position % 64);
            }
        }
        number
    }

    /// The next field element: numbers above the modulus are passed over.
    pub(crate) fn element(&mut self) -> Fr {
        loop {
            if let Some(element) = Fr::from_bigint(self.number()) {
                return element;
            }
        }
    }

    /// The next number, reduced: how the script draws candidates for the internal matrix.
    pub(crate) fn reduced(&mut self) -> Fr {
        use ark_ff::BigInteger;
        Fr::from_le_bytes_mod_order(&self.number().to_bytes_le())
    }
}

/// All constants of one instance.
pub(crate) struct Instance {
    /// Constants of the eight full rounds, one per state element.
    pub(crate) external: Vec<Vec<Fr>>,
    /// Constants of the partial rounds.
    pub(crate) internal: Vec<Fr>,
    /// Diagonal of the internal matrix, less one.
    pub(crate) diagonal: Vec<Fr>,
}

/// Draws an instance. `rejected` is how many candidates for the internal matrix the script's
/// test against invariant subspaces refuses before it takes one.
pub(crate) fn instance(width: usize, partial_rounds: usize, rejected: usize) -> Instance {
    let mut grain = Grain::new(width, partial_rounds);
    let mut round = || (0..width).map(|_| grain.element()).collect::<Vec<_>>();
    let mut external: Vec<_> = (0..4).map(|_| round()).collect();
    let internal = (0..partial_rounds).map(|_| grain.element()).collect();
    let mut round = || (0..width).map(|_| grain.element()).collect::<Vec<_>>();
    external.extend((0..4).map(|_| round()));
    for _ in 0..rejected * width {
        let _ = grain.number();
    }
    let diagonal = (0..width)
        .map(|_| grain.reduced() - Fr::from(1u8))
        .collect();
    Instance {
        external,
        internal,
        diagonal,
    }
}

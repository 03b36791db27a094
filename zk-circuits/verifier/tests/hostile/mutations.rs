//! Changed proofs and keys, the same ones in every run. Knows bytes only, so that any test can
//! include it.

/// The modulus of the coordinates, little endian.
const MODULUS: [u8; 32] = [
    0x47, 0xfd, 0x7c, 0xd8, 0x16, 0x8c, 0x20, 0x3c, 0x8d, 0xca, 0x71, 0x68, 0x91, 0x6a, 0x81, 0x97,
    0x5d, 0x58, 0x81, 0x81, 0xb6, 0x45, 0x50, 0xb8, 0x29, 0xa0, 0x31, 0xe1, 0x72, 0x4e, 0x64, 0x30,
];
/// The bit of a point's last byte that chooses between it and its negative.
const SIGN: u8 = 0x80;
/// The bit of a point's last byte that says: at infinity.
const INFINITY: u8 = 0x40;

/// Where the points of an encoding are: start and length.
pub(crate) type Layout = &'static [(usize, usize)];

/// A, B and C of a proof.
pub(crate) const PROOF: Layout = &[(0, 32), (32, 64), (96, 32)];
/// Alpha, beta, gamma, delta and two bases of a key for one input.
#[allow(dead_code)] // Not all tests that include this change keys.
pub(crate) const KEY: Layout = &[(0, 32), (32, 64), (96, 64), (160, 64), (232, 32), (264, 32)];

/// What is done to an encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mutation {
    /// One bit is flipped.
    BitFlip,
    /// One byte is replaced.
    ByteSubstitution,
    /// Some bytes in a row are replaced.
    RunSubstitution,
    /// Two points of equal length trade places.
    PointSwap,
    /// A point is replaced by its negative.
    Negation,
    /// A coordinate is replaced by the same number modulo the modulus.
    ModulusAdded,
    /// The modulus is taken from a coordinate, modulo 2^256.
    ModulusSubtracted,
    /// The end is missing.
    Truncation,
    /// There is more behind the end.
    Extension,
    /// A point is replaced by random bytes without flags.
    RandomPoint,
    /// A point is replaced by the point at infinity.
    Infinity,
    /// Both flags of a point are set.
    BothFlags,
    /// A point is replaced by one of another valid encoding.
    ForeignPoint,
    /// A point is replaced by one of small coordinates.
    SmallPoint,
}

use Mutation::*;

/// The kinds, and how often each. About a seventh of the proofs that come out are well formed.
const KINDS: [Mutation; 36] = [
    BitFlip,
    BitFlip,
    BitFlip,
    ByteSubstitution,
    ByteSubstitution,
    RunSubstitution,
    RunSubstitution,
    PointSwap,
    Negation,
    ModulusAdded,
    ModulusAdded,
    ModulusAdded,
    ModulusSubtracted,
    ModulusSubtracted,
    ModulusSubtracted,
    Truncation,
    Truncation,
    Truncation,
    Truncation,
    Extension,
    Extension,
    Extension,
    Extension,
    RandomPoint,
    RandomPoint,
    Infinity,
    Infinity,
    Infinity,
    Infinity,
    BothFlags,
    BothFlags,
    BothFlags,
    BothFlags,
    ForeignPoint,
    SmallPoint,
    SmallPoint,
];

/// Makes mutations from a seed.
#[derive(Debug)]
pub(crate) struct Mutator {
    state: u64,
}

impl Mutator {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// A changed copy of one of these valid encodings, with the number of the original. `None`
    /// where the change would have left it as it was.
    pub(crate) fn mutate(
        &mut self,
        layout: Layout,
        originals: &[Vec<u8>],
    ) -> Option<(usize, Mutation, Vec<u8>)> {
        let number = self.below(originals.len());
        let kind = KINDS[self.below(KINDS.len())];
        let mut bytes = originals[number].clone();
        self.apply(kind, layout, originals, &mut bytes);
        (bytes != originals[number]).then_some((number, kind, bytes))
    }

    fn apply(&mut self, kind: Mutation, layout: Layout, others: &[Vec<u8>], bytes: &mut Vec<u8>) {
        let (start, length) = layout[self.below(layout.len())];
        let end = start + length;
        match kind {
            BitFlip => {
                let bit = self.below(bytes.len() * 8);
                bytes[bit / 8] ^= 1 << (bit % 8);
            }
            ByteSubstitution => {
                let at = self.below(bytes.len());
                bytes[at] = self.byte();
            }
            RunSubstitution => {
                let from = self.below(bytes.len());
                let to = (from + 1 + self.below(32)).min(bytes.len());
                bytes[from..to].fill_with(|| self.byte());
            }
            PointSwap => {
                let fitting = |other: &&(usize, usize)| other.1 == length && other.0 != start;
                let partners: Vec<_> = layout.iter().filter(fitting).collect();
                if partners.is_empty() {
                    return;
                }
                let (other, _) = *partners[self.below(partners.len())];
                for offset in 0..length {
                    bytes.swap(start + offset, other + offset);
                }
            }
            Negation => bytes[end - 1] ^= SIGN,
            ModulusAdded => add_modulus(&mut bytes[end - 32..end], false),
            ModulusSubtracted => add_modulus(&mut bytes[end - 32..end], true),
            Truncation => bytes.truncate(self.below(bytes.len())),
            Extension => {
                let more = 1 + self.below(64);
                bytes.extend((0..more).map(|_| self.byte()));
            }
            RandomPoint => {
                bytes[start..end].fill_with(|| self.byte());
                bytes[end - 1] &= 0x2f | SIGN;
            }
            Infinity => {
                bytes[start..end].fill(0);
                bytes[end - 1] = INFINITY;
            }
            BothFlags => bytes[end - 1] |= SIGN | INFINITY,
            ForeignPoint => {
                let other = &others[self.below(others.len())];
                bytes[start..end].copy_from_slice(&other[start..end]);
            }
            SmallPoint => {
                bytes[start..end].fill(0);
                bytes[start] = self.byte();
                bytes[end - 32] = self.byte();
                bytes[end - 1] |= self.byte() & SIGN;
            }
        }
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[7]
    }

    /// A number below this one, which is small.
    fn below(&mut self, bound: usize) -> usize {
        let wide = u128::from(self.next()) * bound as u128;
        usize::try_from(wide >> 64).unwrap()
    }

    /// The generator called split-mix.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// Adds or subtracts the modulus, modulo 2^256: flags take part.
fn add_modulus(coordinate: &mut [u8], subtract: bool) {
    let mut carry = i16::from(0u8);
    for (byte, summand) in coordinate.iter_mut().zip(MODULUS) {
        let summand = i16::from(summand);
        let sum = i16::from(*byte) + carry + if subtract { -summand } else { summand };
        carry = sum.div_euclid(256);
        *byte = u8::try_from(sum.rem_euclid(256)).unwrap();
    }
}

//! Reed-Solomon 10 + 5 over GF(2^8), column by column: byte `i` of every parity unit depends on
//! byte `i` of the ten data units and on nothing else.
//!
//! The field has the polynomial `x^8 + x^4 + x^3 + x^2 + 1` (0x11d). The code is the one of the
//! 15 x 10 Vandermonde matrix (row `r`, column `c`: `r^c`) made systematic, so any ten of the 15
//! units determine the others.

use core::ops::Range;

use neurostore_primitives::{SlotIndex, DATA_SHARDS, PARITY_SHARDS};
use reed_solomon_erasure::galois_8;

use crate::slots::SlotSet;

/// Row `p` makes parity unit `10 + p`: the sum of `PARITY_MATRIX[p][u]` times data unit `u`.
pub const PARITY_MATRIX: [[u8; DATA_SHARDS]; PARITY_SHARDS] = [
    [0x81, 0x96, 0xaf, 0xb8, 0xd2, 0xc4, 0xfe, 0xe8, 0x03, 0x02],
    [0x96, 0x81, 0xb8, 0xaf, 0xc4, 0xd2, 0xe8, 0xfe, 0x02, 0x03],
    [0xbf, 0xd6, 0x62, 0x0a, 0x06, 0x6f, 0xdf, 0xb7, 0x05, 0x04],
    [0xd6, 0xbf, 0x0a, 0x62, 0x6f, 0x06, 0xb7, 0xdf, 0x04, 0x05],
    [0xbf, 0xc0, 0x4c, 0x32, 0x55, 0x2b, 0xa0, 0xdf, 0x07, 0x06],
];

/// Columns coded at a time: ten inputs and an output of this size stay in the fast caches.
const BLOCK_BYTES: usize = 8192;

type Row = [u8; DATA_SHARDS];

/// Fills the five parity units of a stripe of 15, of whose data units only the first `used` are
/// not zero. The parity units are zero before.
pub(crate) fn encode_parity(stripe: &mut [u8], unit: usize, used: usize) {
    let (data, parity) = stripe.split_at_mut(unit * DATA_SHARDS);
    for block in blocks(unit) {
        for (row, out) in PARITY_MATRIX.iter().zip(parity.chunks_exact_mut(unit)) {
            let inputs = data
                .chunks_exact(unit)
                .take(used)
                .map(|unit| &unit[block.clone()]);
            add_products(row.iter().copied().zip(inputs), &mut out[block.clone()]);
        }
    }
}

/// Makes units that are not there from ten that are. Works on whole shards or on equal pieces of
/// them as well, and needs no key: it is how a node repairs a lost shard.
#[derive(Clone, Debug)]
pub struct Rebuilder {
    sources: [SlotIndex; DATA_SHARDS],
    /// The data units in terms of the sources.
    inverse: [Row; DATA_SHARDS],
}

/// Why nothing was rebuilt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RebuildError {
    /// Not ten pieces came.
    #[error("{0} pieces where ten are needed")]
    Count(usize),
    /// The pieces and the place for the result are not equally long.
    #[error("pieces of unequal length")]
    Length,
}

impl Rebuilder {
    /// Rebuilds from the first ten of these slots, or `None` where they are fewer.
    pub fn new(have: SlotSet) -> Option<Self> {
        let mut sources = [SlotIndex::default(); DATA_SHARDS];
        let mut rows = [[0; DATA_SHARDS]; DATA_SHARDS];
        let mut slots = have.iter();
        for (source, row) in sources.iter_mut().zip(&mut rows) {
            *source = slots.next()?;
            *row = code_row(*source);
        }
        Some(Self {
            sources,
            inverse: invert(rows)?,
        })
    }

    /// The ten slots from which it rebuilds, in ascending order.
    pub const fn sources(&self) -> &[SlotIndex; DATA_SHARDS] {
        &self.sources
    }

    /// Writes the piece of slot `want` into `out`. `pieces` are the same range of the ten shards
    /// in the order of [`Rebuilder::sources`].
    pub fn rebuild(
        &self,
        want: SlotIndex,
        pieces: &[&[u8]],
        out: &mut [u8],
    ) -> Result<(), RebuildError> {
        if pieces.len() != DATA_SHARDS {
            return Err(RebuildError::Count(pieces.len()));
        }
        if pieces.iter().any(|piece| piece.len() != out.len()) {
            return Err(RebuildError::Length);
        }
        let mut pieces = pieces.iter();
        self.rebuild_from(want, |_| pieces.next().copied(), out);
        Ok(())
    }

    /// As [`Rebuilder::rebuild`], with pieces by slot; those of which there is none are zero.
    /// Pieces are as long as `out`.
    pub(crate) fn rebuild_from<'a>(
        &self,
        want: SlotIndex,
        mut piece: impl FnMut(SlotIndex) -> Option<&'a [u8]>,
        out: &mut [u8],
    ) {
        let row = self.coefficients(want);
        let mut terms = [(0, [].as_slice()); DATA_SHARDS];
        let mut count = 0;
        for (source, coefficient) in self.sources.iter().zip(row) {
            // Called for every source, so that pieces in order stay in order.
            if let Some(piece) = piece(*source).filter(|_| coefficient != 0) {
                terms[count] = (coefficient, piece);
                count += 1;
            }
        }
        for block in blocks(out.len()) {
            let inputs = terms[..count]
                .iter()
                .map(|(coefficient, piece)| (*coefficient, &piece[block.clone()]));
            add_products(inputs, &mut out[block.clone()]);
        }
    }

    /// The unit of slot `want` in terms of the sources.
    fn coefficients(&self, want: SlotIndex) -> Row {
        let mut result = [0; DATA_SHARDS];
        for (factor, row) in code_row(want).iter().zip(&self.inverse) {
            for (sum, value) in result.iter_mut().zip(row) {
                *sum ^= galois_8::mul(*factor, *value);
            }
        }
        result
    }
}

/// The unit of a slot in terms of the data units.
fn code_row(slot: SlotIndex) -> Row {
    match slot
        .index()
        .checked_sub(DATA_SHARDS)
        .and_then(|parity| PARITY_MATRIX.get(parity))
    {
        Some(row) => *row,
        None => core::array::from_fn(|column| u8::from(column == slot.index())),
    }
}

/// The inverse by Gauss and Jordan, or `None` of a singular matrix. Ten different rows of the
/// code are never singular.
fn invert(mut matrix: [Row; DATA_SHARDS]) -> Option<[Row; DATA_SHARDS]> {
    let mut inverse: [Row; DATA_SHARDS] =
        core::array::from_fn(|row| core::array::from_fn(|column| u8::from(row == column)));
    for column in 0..DATA_SHARDS {
        let pivot = (column..DATA_SHARDS).find(|row| matrix[*row][column] != 0)?;
        matrix.swap(column, pivot);
        inverse.swap(column, pivot);
        let factor = galois_8::div(1, matrix[column][column]);
        scale(&mut matrix[column], factor);
        scale(&mut inverse[column], factor);
        let (from, from_inverse) = (matrix[column], inverse[column]);
        for row in (0..DATA_SHARDS).filter(|row| *row != column) {
            let factor = matrix[row][column];
            subtract(&mut matrix[row], &from, factor);
            subtract(&mut inverse[row], &from_inverse, factor);
        }
    }
    Some(inverse)
}

fn scale(row: &mut Row, factor: u8) {
    for value in row {
        *value = galois_8::mul(*value, factor);
    }
}

fn subtract(row: &mut Row, other: &Row, factor: u8) {
    for (value, other) in row.iter_mut().zip(other) {
        *value ^= galois_8::mul(*other, factor);
    }
}

/// `out` becomes the sum of the products; all slices are equally long.
fn add_products<'a>(terms: impl Iterator<Item = (u8, &'a [u8])>, out: &mut [u8]) {
    let mut first = true;
    for (coefficient, input) in terms {
        if first {
            galois_8::mul_slice(coefficient, input, out);
            first = false;
        } else {
            galois_8::mul_slice_xor(coefficient, input, out);
        }
    }
    if first {
        out.fill(0);
    }
}

/// `0..len` in blocks; no block is empty.
fn blocks(len: usize) -> impl Iterator<Item = Range<usize>> {
    (0..len)
        .step_by(BLOCK_BYTES)
        .map(move |start| start..len.min(start + BLOCK_BYTES))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use reed_solomon_erasure::galois_8::ReedSolomon;

    use super::*;

    #[test]
    fn the_matrix_is_the_one_of_the_library() {
        let library = ReedSolomon::new(DATA_SHARDS, PARITY_SHARDS).unwrap();
        for column in 0..DATA_SHARDS {
            let data: Vec<[u8; 1]> = (0..DATA_SHARDS)
                .map(|unit| [u8::from(unit == column)])
                .collect();
            let mut parity = vec![[0; 1]; PARITY_SHARDS];
            library.encode_sep(&data, &mut parity).unwrap();
            for (row, unit) in PARITY_MATRIX.iter().zip(&parity) {
                assert_eq!(row[column], unit[0]);
            }
        }
    }

    #[test]
    fn any_ten_of_the_fifteen_determine_the_others() {
        let mut stripe: Vec<u8> = (0..45u8).map(|i| i.wrapping_mul(37) ^ 11).collect();
        stripe[30..].fill(0);
        encode_parity(&mut stripe, 3, 10);
        let unit = |slot: SlotIndex| &stripe[slot.index() * 3..][..3];
        let mut tried = 0;
        for bits in 0..1u16 << 15 {
            let have = SlotSet::from_bits(bits);
            if have.len() != 10 {
                continue;
            }
            tried += 1;
            let rebuilder = Rebuilder::new(have).unwrap();
            let pieces: Vec<&[u8]> = rebuilder.sources().iter().map(|slot| unit(*slot)).collect();
            for want in SlotIndex::all() {
                let mut out = [0xee; 3];
                rebuilder.rebuild(want, &pieces, &mut out).unwrap();
                assert_eq!(out, unit(want), "{want} from {have}");
            }
        }
        assert_eq!(tried, 3003);
    }

    #[test]
    fn nine_units_rebuild_nothing() {
        assert!(Rebuilder::new(SlotSet::from_bits(0b1_1111_1111)).is_none());
    }

    #[test]
    fn pieces_of_unequal_length_or_number_are_refused() {
        let rebuilder = Rebuilder::new(SlotSet::ALL).unwrap();
        let want = SlotIndex::new(12).unwrap();
        let mut pieces = [[0u8; 4].as_slice(); 10];
        assert_eq!(
            rebuilder.rebuild(want, &pieces, &mut [0; 3]),
            Err(RebuildError::Length)
        );
        pieces[4] = &[0; 5];
        assert_eq!(
            rebuilder.rebuild(want, &pieces, &mut [0; 4]),
            Err(RebuildError::Length)
        );
        assert_eq!(
            rebuilder.rebuild(want, &pieces[..9], &mut [0; 4]),
            Err(RebuildError::Count(9))
        );
    }

    proptest! {
        #[test]
        fn parity_is_what_the_library_makes_of_any_length(
            unit in 1..9000usize, used in 0..=10usize, seed: u8,
        ) {
            let bytes = (0..=u8::MAX).map(|byte| byte.wrapping_mul(31) ^ seed);
            let mut stripe: Vec<u8> = bytes.cycle().take(15 * unit).collect();
            stripe[used * unit..].fill(0);
            let library = ReedSolomon::new(DATA_SHARDS, PARITY_SHARDS).unwrap();
            let mut expected: Vec<Vec<u8>> = stripe.chunks(unit).map(<[u8]>::to_vec).collect();
            library.encode(&mut expected).unwrap();
            encode_parity(&mut stripe, unit, used);
            prop_assert_eq!(stripe, expected.concat());
        }
    }
}

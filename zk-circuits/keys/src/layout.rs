//! A proving key as bytes, in the form in which a prover computes with it.
//!
//! Lengths of the four queries, then alpha, beta, columns and points. A coordinate is its
//! Montgomery representation, four little-endian words, so that reading one is copying it. The
//! point at infinity, which no curve equation allows to be (0, 0), is (0, 0).

use std::io::{self, Read, Write};

use ark_bn254::{Fq, Fq2};
use ark_ec::{
    short_weierstrass::{Affine, SWCurveConfig},
    AffineRepr,
};
use ark_ff::{AdditiveGroup, BigInt};

use crate::proving_key::{ProvingKey, Query, Reduction};

/// Points of one query. Four times what 48 samples need; bounds what a header can make us allocate.
const MAX_POINTS: u64 = 1 << 20;
const COLUMN_BYTES: u64 = 4;
const G1_BYTES: u64 = 64;
const G2_BYTES: u64 = 128;

/// Lengths of the queries, in the order in which they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lengths {
    left: u64,
    right: u64,
    quotient: u64,
    witness: u64,
}

impl Lengths {
    /// Bytes of [`Self::to_bytes`].
    pub(crate) const BYTES: usize = 32;

    pub(crate) fn of(key: &ProvingKey) -> Self {
        Self {
            left: key.left.points.len() as u64,
            right: key.right.points.len() as u64,
            quotient: key.quotient.len() as u64,
            witness: key.witness.len() as u64,
        }
    }

    pub(crate) fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        let lengths = [self.left, self.right, self.quotient, self.witness];
        for (to, length) in bytes.as_chunks_mut::<8>().0.iter_mut().zip(lengths) {
            *to = length.to_le_bytes();
        }
        bytes
    }

    /// `None` where a query is longer than any key of ours has.
    pub(crate) fn from_bytes(bytes: &[u8; Self::BYTES]) -> Option<Self> {
        let (words, _) = bytes.as_chunks::<8>();
        let mut lengths = words.iter().map(|word| u64::from_le_bytes(*word));
        let mut next = || lengths.next().filter(|length| *length <= MAX_POINTS);
        Some(Self {
            left: next()?,
            right: next()?,
            quotient: next()?,
            witness: next()?,
        })
    }

    /// Bytes of a key with these lengths. Far from overflow: every length is bounded.
    pub(crate) fn key_bytes(self) -> u64 {
        let in_g1 = self.left + self.quotient + self.witness;
        G1_BYTES * (1 + in_g1)
            + G2_BYTES * (1 + self.right)
            + COLUMN_BYTES * (self.left + self.right)
    }
}

/// Writes a key, [`Lengths::key_bytes`] in all.
pub(crate) fn write(key: &ProvingKey, to: &mut impl Write) -> io::Result<()> {
    write_points(to, &[key.alpha])?;
    write_points(to, &[key.beta])?;
    for column in key.left.columns.iter().chain(&key.right.columns) {
        to.write_all(&column.to_le_bytes())?;
    }
    write_points(to, &key.left.points)?;
    write_points(to, &key.right.points)?;
    write_points(to, &key.quotient)?;
    write_points(to, &key.witness)
}

/// Reads a key with these lengths. Points are taken as they stand.
pub(crate) fn read(
    from: &mut impl Read,
    reduction: Reduction,
    lengths: Lengths,
) -> io::Result<ProvingKey> {
    let alpha = read_point(from)?;
    let beta = read_point(from)?;
    let left = read_columns(from, lengths.left)?;
    let right = read_columns(from, lengths.right)?;
    Ok(ProvingKey {
        reduction,
        alpha,
        beta,
        left: Query {
            columns: left,
            points: read_points(from, lengths.left)?,
        },
        right: Query {
            columns: right,
            points: read_points(from, lengths.right)?,
        },
        quotient: read_points(from, lengths.quotient)?,
        witness: read_points(from, lengths.witness)?,
    })
}

/// A field element as words.
trait Words: Sized {
    fn write(&self, to: &mut impl Write) -> io::Result<()>;
    fn read(from: &mut impl Read) -> io::Result<Self>;
}

impl Words for Fq {
    fn write(&self, to: &mut impl Write) -> io::Result<()> {
        let BigInt(words) = self.0;
        words
            .iter()
            .try_for_each(|word| to.write_all(&word.to_le_bytes()))
    }

    fn read(from: &mut impl Read) -> io::Result<Self> {
        let mut bytes = [0; 32];
        from.read_exact(&mut bytes)?;
        let mut words = [0; 4];
        for (word, bytes) in words.iter_mut().zip(bytes.as_chunks::<8>().0) {
            *word = u64::from_le_bytes(*bytes);
        }
        Ok(Self::new_unchecked(BigInt(words)))
    }
}

impl Words for Fq2 {
    fn write(&self, to: &mut impl Write) -> io::Result<()> {
        self.c0.write(to)?;
        self.c1.write(to)
    }

    fn read(from: &mut impl Read) -> io::Result<Self> {
        Ok(Self::new(Fq::read(from)?, Fq::read(from)?))
    }
}

fn write_points<P>(to: &mut impl Write, points: &[Affine<P>]) -> io::Result<()>
where
    P: SWCurveConfig<BaseField: Words>,
{
    points.iter().try_for_each(|point| {
        let (x, y) = point.xy().unwrap_or_default();
        x.write(to)?;
        y.write(to)
    })
}

fn read_point<P>(from: &mut impl Read) -> io::Result<Affine<P>>
where
    P: SWCurveConfig<BaseField: Words>,
{
    let (x, y) = (P::BaseField::read(from)?, P::BaseField::read(from)?);
    if x == P::BaseField::ZERO && y == P::BaseField::ZERO {
        return Ok(Affine::identity());
    }
    Ok(Affine::new_unchecked(x, y))
}

fn read_points<P>(from: &mut impl Read, count: u64) -> io::Result<Vec<Affine<P>>>
where
    P: SWCurveConfig<BaseField: Words>,
{
    (0..count).map(|_| read_point(from)).collect()
}

fn read_columns(from: &mut impl Read, count: u64) -> io::Result<Vec<u32>> {
    let read = |_| {
        let mut bytes = [0; 4];
        from.read_exact(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    };
    (0..count).map(read).collect()
}

//! snarkjs' `.zkey` files: a Groth16 key with the contributions that made it.
//!
//! Everything but the contributions has a length that follows from the circuit, so lengths are
//! compared before anything is read. Sections: 1 the protocol, 2 sizes and the key's own points,
//! 3 the input bases, 4 the coefficients of the left and right matrices, 5 to 7 the queries A, B
//! in G1 and B in G2, 8 the witness, 9 the quotient, 10 the contributions.

use std::path::Path;

use ark_bn254::{g1, g2, Bn254, Fq, Fr, G1Affine, G2Affine};
use ark_ec::short_weierstrass::{Affine, SWCurveConfig};
use ark_ff::{BigInt, BigInteger, Field, PrimeField};
use ark_groth16::{ProvingKey, VerifyingKey};
use ark_poly::EvaluationDomain;
use blake2::digest::Digest;
use neurostore_circuit::{Constraints, INSTANCE_COLUMNS};
use sha2::Sha256;

use super::{
    container::{Container, ContainerError},
    contribution::{ContributionFault, Contributions, MAX_SECTION_BYTES},
    encoding::{point, points, Coordinate, PointFault, ELEMENT_BYTES, G1_BYTES, G2_BYTES},
};
use crate::circuits::{columns, domain, word};

const PROTOCOL: u32 = 1;
const HEADER: u32 = 2;
const INPUT_BASES: u32 = 3;
const COEFFICIENTS: u32 = 4;
const LEFT: u32 = 5;
const RIGHT_G1: u32 = 6;
const RIGHT_G2: u32 = 7;
const WITNESS: u32 = 8;
const QUOTIENT: u32 = 9;
const CONTRIBUTIONS: u32 = 10;

/// How snarkjs numbers Groth16.
const GROTH16: u32 = 1;
/// Two fields with their sizes, three counts.
const SIZES_BYTES: usize = 2 * (4 + ELEMENT_BYTES) + 3 * 4;
const HEADER_BYTES: usize = SIZES_BYTES + 3 * G1_BYTES + 3 * G2_BYTES;
/// Matrix, row and column, and the value.
const COEFFICIENT_BYTES: usize = 3 * 4 + ELEMENT_BYTES;
const LEFT_MATRIX: u32 = 0;
const RIGHT_MATRIX: u32 = 1;

/// Why a file is no acceptable key of a circuit.
#[derive(Debug, thiserror::Error)]
pub enum ZkeyError {
    /// The file cannot be read, or is no `.zkey`.
    #[error(transparent)]
    File(#[from] ContainerError),
    /// A key of PLONK or fflonk.
    #[error("the key is not for Groth16")]
    NotGroth16,
    /// A key over another curve.
    #[error("the key is not over BN254")]
    OtherCurve,
    /// The sizes or the matrices are not those of the circuit.
    #[error(
        "the key is for another circuit: its {0} differ; was the .r1cs exported by this version?"
    )]
    OtherCircuit(&'static str),
    /// A point is not acceptable.
    #[error("point {number} of section {section} {fault}")]
    Point {
        /// The section.
        section: u32,
        /// The point, from zero.
        number: usize,
        /// What is wrong with it.
        fault: PointFault,
    },
    /// The list of contributions cannot be read.
    #[error(transparent)]
    Contributions(#[from] ContributionFault),
}

/// A key of a circuit. Every point is in its group; what the points have to do with each other is
/// not checked here.
#[derive(Debug)]
pub(crate) struct Zkey {
    /// The key as arkworks knows it, its quotient in snarkjs' basis.
    pub(crate) key: ProvingKey<Bn254>,
    /// Who made it.
    pub(crate) contributions: Contributions,
    /// SHA-256 of the file.
    pub(crate) hash: [u8; 32],
}

/// Reads a key and compares sizes and matrices with those of the circuit.
pub(crate) fn read(path: &Path, constraints: &Constraints) -> Result<Zkey, ZkeyError> {
    let mut file = Container::open(path, "zkey")?;
    if file.section(PROTOCOL, 4)? != GROTH16.to_le_bytes() {
        return Err(ZkeyError::NotGroth16);
    }
    let domain_size = domain(constraints)
        .ok_or(ZkeyError::OtherCircuit("sizes"))?
        .size();
    let columns = columns(constraints);

    let header = file.section(HEADER, HEADER_BYTES as u64)?;
    let (sizes, mut rest) = header
        .split_at_checked(SIZES_BYTES)
        .unwrap_or((&header, &[]));
    check_sizes(sizes, columns, domain_size)?;
    let alpha_g1 = header_point::<g1::Config>(&mut rest, 0)?;
    let beta_g1 = header_point::<g1::Config>(&mut rest, 1)?;
    let beta_g2 = header_point::<g2::Config>(&mut rest, 2)?;
    let gamma_g2 = header_point::<g2::Config>(&mut rest, 3)?;
    let delta_g1 = header_point::<g1::Config>(&mut rest, 4)?;
    let delta_g2 = header_point::<g2::Config>(&mut rest, 5)?;

    check_coefficients(&mut file, constraints)?;
    let gamma_abc_g1 = query(&mut file, INPUT_BASES, INSTANCE_COLUMNS)?;
    let a_query = query(&mut file, LEFT, columns)?;
    let b_g1_query = query(&mut file, RIGHT_G1, columns)?;
    let b_g2_query: Vec<G2Affine> = query(&mut file, RIGHT_G2, columns)?;
    let l_query = query(&mut file, WITNESS, constraints.witnesses())?;
    let h_query: Vec<G1Affine> = query(&mut file, QUOTIENT, domain_size)?;

    let length = file.length(CONTRIBUTIONS)?;
    if length > MAX_SECTION_BYTES as u64 {
        return Err(ContributionFault::TooMany.into());
    }
    let contributions = Contributions::parse(&file.section(CONTRIBUTIONS, length)?)?;
    let key = ProvingKey {
        vk: VerifyingKey {
            alpha_g1,
            beta_g2,
            gamma_g2,
            delta_g2,
            gamma_abc_g1,
        },
        beta_g1,
        delta_g1,
        a_query,
        b_g1_query,
        b_g2_query,
        h_query,
        l_query,
    };
    Ok(Zkey {
        key,
        contributions,
        hash: file.hash::<Sha256>()?.finalize().into(),
    })
}

fn check_sizes(sizes: &[u8], columns: usize, domain_size: usize) -> Result<(), ZkeyError> {
    let field = |modulus: BigInt<4>| {
        let size = word(ELEMENT_BYTES).to_le_bytes();
        [&size[..], &modulus.to_bytes_le()].concat()
    };
    let fields = [field(Fq::MODULUS), field(Fr::MODULUS)].concat();
    let Some(counts) = sizes.strip_prefix(&fields[..]) else {
        return Err(ZkeyError::OtherCurve);
    };
    let expected = [columns, INSTANCE_COLUMNS.saturating_sub(1), domain_size];
    if counts == expected.map(|count| word(count).to_le_bytes()).concat() {
        Ok(())
    } else {
        Err(ZkeyError::OtherCircuit("sizes"))
    }
}

/// Compares section 4 with what snarkjs writes for the circuit: row by row the left matrix and
/// then the right one, and at the end the rows that keep the inputs independent. The matrix of
/// results does not stand in a key; only its trace in the points can be checked.
fn check_coefficients(file: &mut Container, constraints: &Constraints) -> Result<(), ZkeyError> {
    let rows = constraints.rows();
    let count = INSTANCE_COLUMNS.saturating_add(
        rows.iter()
            .map(|row| row.left.len().saturating_add(row.right.len()))
            .sum(),
    );
    let length = 4 + COEFFICIENT_BYTES as u64 * count as u64;
    if file.length(COEFFICIENTS)? != length {
        return Err(ZkeyError::OtherCircuit("matrices"));
    }
    let section = file.section(COEFFICIENTS, length)?;
    let (stated, coefficients) = section.split_at_checked(4).unwrap_or_default();

    let of_constraints = (0..).zip(rows).flat_map(|(number, row)| {
        let left = row
            .left
            .iter()
            .map(move |entry| (LEFT_MATRIX, number, entry));
        let right = row
            .right
            .iter()
            .map(move |entry| (RIGHT_MATRIX, number, entry));
        left.chain(right)
            .map(|(matrix, number, (column, value))| coefficient(matrix, number, *column, *value))
    });
    let of_inputs = (0..INSTANCE_COLUMNS).map(|column| {
        coefficient(
            LEFT_MATRIX,
            rows.len().saturating_add(column),
            column,
            Fr::ONE,
        )
    });
    let expected = of_constraints.chain(of_inputs);
    let chunks = coefficients.chunks(COEFFICIENT_BYTES);
    if stated == word(count).to_le_bytes() && expected.eq(chunks) {
        Ok(())
    } else {
        Err(ZkeyError::OtherCircuit("matrices"))
    }
}

/// A coefficient as snarkjs writes it: its value once more in Montgomery form than it is in
/// memory, so that times a plain number it gives a value in memory's form.
fn coefficient(matrix: u32, row: usize, column: usize, value: Fr) -> Vec<u8> {
    let montgomery = Fr::new_unchecked(Fr::R2);
    let BigInt(words) = (value * montgomery).0;
    [matrix, word(row), word(column)]
        .into_iter()
        .flat_map(u32::to_le_bytes)
        .chain(words.into_iter().flat_map(u64::to_le_bytes))
        .collect()
}

fn header_point<P: SWCurveConfig>(rest: &mut &[u8], number: usize) -> Result<Affine<P>, ZkeyError>
where
    P::BaseField: Coordinate,
{
    let bytes = rest
        .split_off(..2 * P::BaseField::BYTES)
        .unwrap_or_default();
    point(bytes).map_err(|fault| ZkeyError::Point {
        section: HEADER,
        number,
        fault,
    })
}

fn query<P: SWCurveConfig>(
    file: &mut Container,
    section: u32,
    count: usize,
) -> Result<Vec<Affine<P>>, ZkeyError>
where
    P::BaseField: Coordinate,
{
    let length = 2 * P::BaseField::BYTES as u64 * count as u64;
    points(&file.section(section, length)?).map_err(|(number, fault)| ZkeyError::Point {
        section,
        number,
        fault,
    })
}

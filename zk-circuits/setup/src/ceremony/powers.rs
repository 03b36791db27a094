//! The powers of tau that a ceremony starts from, out of snarkjs' `.ptau` files.
//!
//! Sections: 1 the field and the power; 2 tau^i in G1, two to the power times two, less one;
//! 3 tau^i in G2, 4 alpha tau^i and 5 beta tau^i in G1, two to the power each; 6 beta in G2. The
//! others are not read: contributions to the powers, and points that follow from these.

use std::path::Path;

use ark_bn254::{g1, g2, Fq, Fr, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::{
    short_weierstrass::{Affine, SWCurveConfig},
    AffineRepr, CurveGroup, VariableBaseMSM,
};
use ark_ff::{BigInteger, PrimeField};
use blake2::{digest::Digest, Blake2b512};
use rand::RngCore;

use super::{
    chain::same_ratio,
    container::{Container, ContainerError},
    contribution::Blake2b,
    encoding::{points, Coordinate, PointFault, ELEMENT_BYTES, G1_BYTES, G2_BYTES},
};
use crate::circuits::word;

const HEADER: u32 = 1;
const TAU_G1: u32 = 2;
const TAU_G2: u32 = 3;
const ALPHA_TAU: u32 = 4;
const BETA_TAU: u32 = 5;
const BETA_G2: u32 = 6;

/// Size and modulus of the field, power of the file, power of the ceremony.
const HEADER_BYTES: u64 = 4 + ELEMENT_BYTES as u64 + 4 + 4;
/// The largest domain of the field.
const MAX_POWER: u32 = 28;

/// Why powers cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PowersError {
    /// The file cannot be read, or is no `.ptau`.
    #[error(transparent)]
    File(#[from] ContainerError),
    /// Powers over another curve.
    #[error("the powers of tau are not over BN254")]
    OtherCurve,
    /// The circuit needs more powers.
    #[error(
        "the file has powers up to 2^{actual}, the circuit needs 2^{needed}: take a larger file"
    )]
    TooFew {
        /// The power of the file.
        actual: u32,
        /// The power the circuit needs.
        needed: u32,
    },
    /// A point is not acceptable.
    #[error("point {number} of section {section} of the powers {fault}")]
    Point {
        /// The section.
        section: u32,
        /// The point, from zero.
        number: usize,
        /// What is wrong with it.
        fault: PointFault,
    },
    /// The points are not the powers of one number.
    #[error("the powers of {0} are not the powers of one number")]
    NotPowers(&'static str),
}

/// As many powers as a circuit needs.
#[derive(Debug)]
pub(crate) struct Powers {
    /// tau^i in G1, twice as many as the domain has points. Where the file ends one earlier, the
    /// last is infinity: snarkjs takes it so too.
    pub(crate) tau_g1: Vec<G1Affine>,
    /// tau^i in G2.
    pub(crate) tau_g2: Vec<G2Affine>,
    /// alpha tau^i.
    pub(crate) alpha: Vec<G1Affine>,
    /// beta tau^i.
    pub(crate) beta: Vec<G1Affine>,
    /// beta in G2.
    pub(crate) beta_g2: G2Affine,
    /// `BLAKE2b` of the whole file, as lists of powers of tau publish it.
    pub(crate) hash: Blake2b,
}

/// Reads the powers for a domain of this size, and checks that each list is the powers of one and
/// the same tau.
pub(crate) fn read(
    path: &Path,
    domain_size: usize,
    random: &mut impl RngCore,
) -> Result<Powers, PowersError> {
    let mut file = Container::open(path, "ptau")?;
    let power = read_power(&mut file)?;
    let needed = domain_size.trailing_zeros();
    if power < needed {
        return Err(PowersError::TooFew {
            actual: power,
            needed,
        });
    }
    let all = 1u64 << power;
    file.expect(TAU_G1, G1_BYTES as u64 * (2 * all - 1))?;
    file.expect(TAU_G2, G2_BYTES as u64 * all)?;
    file.expect(ALPHA_TAU, G1_BYTES as u64 * all)?;
    file.expect(BETA_TAU, G1_BYTES as u64 * all)?;
    file.expect(BETA_G2, G2_BYTES as u64)?;

    let whole = 2 * domain_size;
    let present = if power == needed { whole - 1 } else { whole };
    let mut powers = Powers {
        tau_g1: list::<g1::Config>(&mut file, TAU_G1, present)?,
        tau_g2: list::<g2::Config>(&mut file, TAU_G2, domain_size)?,
        alpha: list::<g1::Config>(&mut file, ALPHA_TAU, domain_size)?,
        beta: list::<g1::Config>(&mut file, BETA_TAU, domain_size)?,
        beta_g2: list::<g2::Config>(&mut file, BETA_G2, 1)?
            .pop()
            .unwrap_or_default(),
        hash: file.hash::<Blake2b512>()?.finalize().into(),
    };
    check(&powers, random)?;
    powers.tau_g1.resize(whole, G1Affine::identity());
    Ok(powers)
}

fn read_power(file: &mut Container) -> Result<u32, PowersError> {
    let header = file.section(HEADER, HEADER_BYTES)?;
    let field = [
        &word(ELEMENT_BYTES).to_le_bytes()[..],
        &Fq::MODULUS.to_bytes_le(),
    ]
    .concat();
    let power = header
        .strip_prefix(&field[..])
        .and_then(|powers| powers.first_chunk())
        .map(|power| u32::from_le_bytes(*power))
        .ok_or(PowersError::OtherCurve)?;
    // No file can be longer, so its lengths would not fit; this keeps them from overflowing.
    if power > MAX_POWER {
        return Err(PowersError::OtherCurve);
    }
    Ok(power)
}

fn list<P: SWCurveConfig>(
    file: &mut Container,
    section: u32,
    count: usize,
) -> Result<Vec<Affine<P>>, PowersError>
where
    P::BaseField: Coordinate,
{
    let length = 2 * P::BaseField::BYTES as u64 * count as u64;
    points(&file.part(section, 0, length)?).map_err(|(number, fault)| PowersError::Point {
        section,
        number,
        fault,
    })
}

/// Every point times tau is the next: shown for all at once by a random combination of each list
/// and of the same list one further.
fn check(powers: &Powers, random: &mut impl RngCore) -> Result<(), PowersError> {
    let (one_g1, one_g2) = (G1Affine::generator(), G2Affine::generator());
    let first = |points: &[G1Affine]| points.first().copied().unwrap_or_default();
    let tau_g1 = powers.tau_g1.get(1).copied().unwrap_or_default();
    let tau_g2 = powers.tau_g2.get(1).copied().unwrap_or_default();

    let starts_with_one = first(&powers.tau_g1) == one_g1 && powers.tau_g2.first() == Some(&one_g2);
    if !starts_with_one || !same_ratio((one_g1, tau_g1), (one_g2, tau_g2)) {
        return Err(PowersError::NotPowers("tau"));
    }
    let lists = [
        ("tau in G1", &powers.tau_g1),
        ("alpha tau", &powers.alpha),
        ("beta tau", &powers.beta),
    ];
    for (name, list) in lists {
        let ratio = step::<G1Projective>(list, random);
        if !same_ratio(ratio, (one_g2, tau_g2)) {
            return Err(PowersError::NotPowers(name));
        }
    }
    let ratio = step::<G2Projective>(&powers.tau_g2, random);
    if !same_ratio((one_g1, tau_g1), ratio) {
        return Err(PowersError::NotPowers("tau in G2"));
    }
    if !same_ratio((one_g1, first(&powers.beta)), (one_g2, powers.beta_g2)) {
        return Err(PowersError::NotPowers("beta in G2"));
    }
    if first(&powers.alpha).is_zero() {
        return Err(PowersError::NotPowers("alpha tau"));
    }
    Ok(())
}

/// A random combination of all points but the last, and the same one of all but the first.
fn step<G>(points: &[G::Affine], random: &mut impl RngCore) -> (G::Affine, G::Affine)
where
    G: CurveGroup<ScalarField = Fr> + VariableBaseMSM<MulBase = <G as CurveGroup>::Affine>,
{
    let factors = factors(points.len().saturating_sub(1), random);
    let shorter = points.get(..factors.len()).unwrap_or_default();
    let further = points.get(1..).unwrap_or_default();
    (
        G::msm_unchecked(shorter, &factors).into_affine(),
        G::msm_unchecked(further, &factors).into_affine(),
    )
}

/// Random factors of 128 bits: what is combined with them is wrong in one place or more and still
/// passes with a probability of 2^-128.
pub(crate) fn factors(count: usize, random: &mut impl RngCore) -> Vec<Fr> {
    let half = |random: &mut dyn RngCore| u128::from(random.next_u64());
    (0..count)
        .map(|_| Fr::from(half(random) << 64 | half(random)))
        .collect()
}

//! The chain of contributions: everyone multiplied delta by a secret that they knew, in this
//! order, and the last secret is the beacon's (Bowe, Gabizon and Miers, "Scalable Multi-party
//! Computation for zk-SNARK Parameters in the Random Beacon Model", eprint 2017/1050).

use ark_bn254::{Bn254, G1Affine, G2Affine};
use ark_ec::{pairing::Pairing, AffineRepr, CurveGroup};
use blake2::{Blake2b512, Digest};
use sha2::Sha256;

use super::{
    contribution::{Beacon, Blake2b, Contribution, Contributions},
    encoding::hashed,
    random::SnarkjsRandom,
};

/// Two to this power is how often a beacon's value is hashed at most: minutes of one core. snarkjs
/// allows 63, which nobody can compute; a ceremony needs no more than 10, its least.
pub const MAX_BEACON_EXPONENT: u8 = 32;
const MIN_BEACON_EXPONENT: u8 = 10;

/// Why contributions do not lead to the key. They are numbered from 1, as snarkjs does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// Nobody contributed: whoever made the key's powers can forge proofs.
    #[error("nobody contributed to this key: it comes straight from `snarkjs groth16 setup`")]
    NoContribution,
    /// Only beacons: their secrets are public.
    #[error("nobody but a beacon contributed, and its secret is public")]
    OnlyBeacon,
    /// The last contribution is not a beacon, so its author could choose among outcomes.
    #[error("the last contribution is no beacon: apply one with `snarkjs zkey beacon`")]
    NoBeacon,
    /// A beacon stands before the last place.
    #[error("contribution {0} is a beacon, and not the last one")]
    EarlyBeacon(usize),
    /// Hashed more often than anyone can check, or less often than snarkjs does.
    #[error(
        "the beacon is hashed 2^{0} times, which is not 2^{MIN_BEACON_EXPONENT} to \
         2^{MAX_BEACON_EXPONENT}"
    )]
    BeaconExponent(u8),
    /// The last secret does not follow from the beacon.
    #[error("contribution {0} does not follow from its beacon")]
    Beacon(usize),
    /// Its hash does not cover what came before: one is missing, exchanged or changed.
    #[error("contribution {0} does not follow the ones before it")]
    Transcript(usize),
    /// Nothing shows that its author knew the secret.
    #[error("contribution {0} does not show that its secret was known")]
    Proof(usize),
    /// delta after it is not delta before it times the secret.
    #[error("contribution {0} did not multiply delta by its secret")]
    Delta(usize),
    /// The key has another delta than the last contribution left.
    #[error("the key's delta is not the one that the last contribution left")]
    FinalDelta,
}

/// Checks all contributions up to the key's delta, and gives the hash of each, which is what its
/// author was shown and published.
pub(crate) fn check(
    contributions: &Contributions,
    delta_g1: G1Affine,
    delta_g2: G2Affine,
) -> Result<Vec<Blake2b>, ChainError> {
    check_order(&contributions.list)?;
    let mut before = Blake2b512::new_with_prefix(contributions.circuit_hash);
    let mut delta = G1Affine::generator();
    let mut hashes = Vec::with_capacity(contributions.list.len());
    for (number, contribution) in (1..).zip(&contributions.list) {
        check_one(number, contribution, &before, delta)?;
        let public_key = public_key(contribution);
        before.update(&public_key);
        hashes.push(Blake2b512::digest(&public_key).into());
        delta = contribution.delta_after;
    }
    let (one_g1, one_g2) = (G1Affine::generator(), G2Affine::generator());
    if delta != delta_g1 || !same_ratio((one_g1, delta_g1), (one_g2, delta_g2)) {
        return Err(ChainError::FinalDelta);
    }
    Ok(hashes)
}

/// At least one participant, then exactly one beacon.
fn check_order(contributions: &[Contribution]) -> Result<(), ChainError> {
    let (last, others) = contributions
        .split_last()
        .ok_or(ChainError::NoContribution)?;
    if last.beacon.is_none() {
        return Err(ChainError::NoBeacon);
    }
    if others.is_empty() {
        return Err(ChainError::OnlyBeacon);
    }
    match others.iter().position(|other| other.beacon.is_some()) {
        Some(position) => Err(ChainError::EarlyBeacon(position.saturating_add(1))),
        None => Ok(()),
    }
}

fn check_one(
    number: usize,
    contribution: &Contribution,
    before: &Blake2b512,
    delta: G1Affine,
) -> Result<(), ChainError> {
    let mut transcript = before.clone();
    transcript.update(hashed(&contribution.base));
    transcript.update(hashed(&contribution.raised));
    let transcript: Blake2b = transcript.finalize().into();
    if transcript != contribution.transcript {
        return Err(ChainError::Transcript(number));
    }
    let challenge = SnarkjsRandom::new(first_half(&transcript)).g2();
    let in_g2 = (challenge, contribution.proof);
    if !same_ratio((contribution.base, contribution.raised), in_g2) {
        return Err(ChainError::Proof(number));
    }
    if !same_ratio((delta, contribution.delta_after), in_g2) {
        return Err(ChainError::Delta(number));
    }
    match &contribution.beacon {
        Some(beacon) => check_beacon(number, contribution, beacon),
        None => Ok(()),
    }
}

fn check_beacon(
    number: usize,
    contribution: &Contribution,
    beacon: &Beacon,
) -> Result<(), ChainError> {
    let exponent = beacon.exponent;
    if !(MIN_BEACON_EXPONENT..=MAX_BEACON_EXPONENT).contains(&exponent) {
        return Err(ChainError::BeaconExponent(exponent));
    }
    let mut hash: [u8; 32] = Sha256::digest(&beacon.value).into();
    for _ in 1..1u64 << exponent {
        hash = Sha256::digest(hash).into();
    }
    let mut random = SnarkjsRandom::new(&hash);
    let secret = random.scalar();
    let base = random.g1();
    let raised = (base * secret).into_affine();
    if (base, raised) == (contribution.base, contribution.raised) {
        Ok(())
    } else {
        Err(ChainError::Beacon(number))
    }
}

/// What of a contribution is hashed.
fn public_key(contribution: &Contribution) -> Vec<u8> {
    [
        &hashed(&contribution.delta_after)[..],
        &hashed(&contribution.base),
        &hashed(&contribution.raised),
        &hashed(&contribution.proof),
        &contribution.transcript,
    ]
    .concat()
}

/// Whether the second point is as many times the first in G1 as in G2. Infinity has no ratio.
pub(crate) fn same_ratio(g1: (G1Affine, G1Affine), g2: (G2Affine, G2Affine)) -> bool {
    let zero = g1.0.is_zero() || g1.1.is_zero() || g2.0.is_zero() || g2.1.is_zero();
    !zero && Bn254::multi_pairing([g1.0, -g1.1], [g2.1, g2.0]).0 == ark_ff::Field::ONE
}

fn first_half(hash: &Blake2b) -> &[u8; 32] {
    let [half, _] = hash.as_chunks().0 else {
        // 64 bytes are two halves.
        return &[0; 32];
    };
    half
}

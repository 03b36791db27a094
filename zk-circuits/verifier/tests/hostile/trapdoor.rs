//! A key together with the secret it was made from, with which anything can be proven.

use ark_bn254::{Bn254, Fr, G1Projective, G2Projective};
use ark_ec::{CurveGroup, PrimeGroup};
use ark_ff::{BigInteger, Field, PrimeField, UniformRand};
use ark_groth16::{Proof, VerifyingKey};
use ark_serialize::CanonicalSerialize;
use rand::{rngs::StdRng, SeedableRng};

/// The secret scalars of a set-up.
#[derive(Clone, Debug)]
pub(crate) struct Trapdoor {
    pub(crate) alpha: Fr,
    pub(crate) beta: Fr,
    pub(crate) gamma: Fr,
    pub(crate) delta: Fr,
    pub(crate) bases: Vec<Fr>,
}

/// A number as a public input.
pub(crate) fn input(number: u64) -> [u8; 32] {
    Fr::from(number)
        .into_bigint()
        .to_bytes_le()
        .try_into()
        .unwrap()
}

impl Trapdoor {
    pub(crate) fn new(inputs: usize) -> Self {
        Self::with_seed(inputs, 1)
    }

    pub(crate) fn with_seed(inputs: usize, seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut draw = || Fr::rand(&mut rng);
        Self {
            alpha: draw(),
            beta: draw(),
            gamma: draw(),
            delta: draw(),
            bases: (0..=inputs).map(|_| draw()).collect(),
        }
    }

    pub(crate) fn verifying_key(&self) -> VerifyingKey<Bn254> {
        let g1 = |scalar: &Fr| (G1Projective::generator() * scalar).into_affine();
        let g2 = |scalar: &Fr| (G2Projective::generator() * scalar).into_affine();
        VerifyingKey {
            alpha_g1: g1(&self.alpha),
            beta_g2: g2(&self.beta),
            gamma_g2: g2(&self.gamma),
            delta_g2: g2(&self.delta),
            gamma_abc_g1: self.bases.iter().map(g1).collect(),
        }
    }

    pub(crate) fn key(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.verifying_key()
            .serialize_compressed(&mut bytes)
            .unwrap();
        bytes
    }

    /// Solves the verification equation for C, which only the trapdoor allows.
    #[allow(dead_code)] // Benches and unit tests include this file, too.
    pub(crate) fn proof(&self, inputs: &[u64]) -> [u8; 128] {
        self.proof_with(inputs, 1234)
    }

    /// One of the many proofs for the same statement.
    pub(crate) fn proof_with(&self, inputs: &[u64], seed: u64) -> [u8; 128] {
        let mut rng = StdRng::seed_from_u64(seed);
        let (a, b) = (Fr::rand(&mut rng), Fr::rand(&mut rng));
        let weights = [1].into_iter().chain(inputs.iter().copied()).map(Fr::from);
        let combined: Fr = weights
            .zip(&self.bases)
            .map(|(weight, base)| weight * base)
            .sum();
        let rest = a * b - self.alpha * self.beta - combined * self.gamma;
        let c = rest * self.delta.inverse().unwrap();
        let proof: Proof<Bn254> = Proof {
            a: (G1Projective::generator() * a).into_affine(),
            b: (G2Projective::generator() * b).into_affine(),
            c: (G1Projective::generator() * c).into_affine(),
        };
        let mut bytes = Vec::new();
        proof.serialize_compressed(&mut bytes).unwrap();
        bytes.try_into().unwrap()
    }
}

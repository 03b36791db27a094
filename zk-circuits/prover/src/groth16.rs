//! The Groth16 prover (eprint 2016/260) without zero knowledge and without matrices.
//!
//! The factors of every constraint come with the assignment, so nothing is multiplied by a
//! matrix, and with both blinding factors zero, B in G1 is not needed. A test holds the result
//! to the bytes of arkworks' own prover.

use std::fmt;

use ark_bn254::{g1, g2, Bn254, Fr, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::CurveGroup;
use ark_ff::PrimeField;
use ark_groth16::Proof;
use neurostore_circuit::{Assignment, INSTANCE_COLUMNS};
use neurostore_keys::ProvingKey;
use neurostore_lanes::Backend;
use rayon::prelude::*;

use crate::{
    msm::{Adder, Bases, Integer, Portable},
    quotient::Quotients,
};

/// A proving key in the form that proofs are computed with.
#[derive(Debug)]
pub(crate) struct Key {
    quotients: Quotients,
    alpha: G1Affine,
    beta: G2Affine,
    points: Box<dyn Points>,
}

impl Key {
    /// Prepares a key: a few multiplications a point where the backend wants another form.
    pub(crate) fn new(key: &ProvingKey, backend: Backend) -> Self {
        let points: Box<dyn Points> = match backend {
            Backend::Portable => {
                let (in_g1, in_g2) = (Portable::<g1::Config>::default(), Portable::default());
                Box::new(Queries::new(in_g1, in_g2, key))
            }
            #[cfg(target_arch = "x86_64")]
            Backend::Ifma(ifma) => {
                let (in_g1, in_g2) = (crate::ifma::InG1(ifma), crate::ifma::InG2(ifma));
                Box::new(Queries::new(in_g1, in_g2, key))
            }
        };
        Self {
            quotients: Quotients::new(key, backend),
            alpha: key.alpha,
            beta: key.beta,
            points,
        }
    }

    /// Proves an assignment, or `None` where there is no domain of its size.
    pub(crate) fn prove(&self, assignment: &Assignment) -> Option<Proof<Bn254>> {
        let quotient = self.quotients.of(assignment)?;
        let values = assignment.values();
        let scalars: Vec<_> = values
            .par_iter()
            .chain(&quotient)
            .map(|value: &Fr| value.into_bigint())
            .collect();
        drop((values, quotient));
        let sums = self.points.sums(&scalars);
        Some(Proof {
            a: (sums.left + self.alpha).into_affine(),
            b: (sums.right + self.beta).into_affine(),
            c: sums.rest.into_affine(),
        })
    }
}

/// What is left of A, B and C once the constants are taken off.
struct Sums {
    left: G1Projective,
    right: G2Projective,
    rest: G1Projective,
}

/// The points of a key, whatever adds them.
trait Points: fmt::Debug + Send + Sync {
    /// The sums over the values of all columns, followed by the quotient.
    fn sums(&self, scalars: &[Integer]) -> Sums;
}

/// The points of the queries. Those of the witness and of the quotient go into one sum.
#[derive(Debug)]
struct Queries<A: Adder, B: Adder> {
    left: Bases<A>,
    right: Bases<B>,
    rest: Bases<A>,
}

impl<A, B> Queries<A, B>
where
    A: Adder<Curve = g1::Config>,
    B: Adder<Curve = g2::Config>,
{
    fn new(in_g1: A, in_g2: B, key: &ProvingKey) -> Self {
        let (left, right) = (&key.left, &key.right);
        let witness_and_quotient = key.witness.iter().chain(&key.quotient);
        // Columns are far fewer than 2^32.
        let first = u32::try_from(INSTANCE_COLUMNS).unwrap_or(u32::MAX);
        Self {
            left: Bases::new(in_g1, left.columns.iter().copied().zip(&left.points)),
            right: Bases::new(in_g2, right.columns.iter().copied().zip(&right.points)),
            rest: Bases::new(in_g1, (first..).zip(witness_and_quotient)),
        }
    }
}

impl<A, B> Points for Queries<A, B>
where
    A: Adder<Curve = g1::Config>,
    B: Adder<Curve = g2::Config>,
{
    fn sums(&self, scalars: &[Integer]) -> Sums {
        let (rest, (right, left)) = rayon::join(
            || self.rest.sum(scalars),
            || rayon::join(|| self.right.sum(scalars), || self.left.sum(scalars)),
        );
        Sums { left, right, rest }
    }
}

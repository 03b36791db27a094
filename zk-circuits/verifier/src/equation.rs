//! The equation that proofs satisfy (Groth, "On the Size of Pairing-based Non-interactive Arguments",
//! eprint 2016/260).

use alloc::vec::Vec;

use ark_bn254::{g1, Fr};
use ark_ec::scalar_mul::glv::GLVConfig;

use crate::{
    curve::{endomorphism, sum_of_multiples, Jacobian},
    error::Degenerate,
    pairing::{final_exponentiation, miller_loop, power, Scaled},
    prepared::PreparedKey,
    proof::CheckedProof,
};

/// One proof of a batch and what it claims to prove.
#[derive(Clone, Copy, Debug)]
pub struct BatchItem<'a> {
    /// The public inputs, each a canonical little-endian field element.
    pub inputs: &'a [[u8; 32]],
    /// The decoded proof.
    pub proof: CheckedProof,
}

/// A random scalar low + lambda * high, where lambda is what the endomorphism of G1 multiplies by
/// (Gallant, Lambert and Vanstone, "Faster Point Multiplication on Elliptic Curves with Efficient
/// Endomorphisms", 2001).
///
/// Two pairs of 64-bit halves never give the same scalar modulo r. Let (a, b) be the difference
/// of two such pairs, so |a|, |b| < 2^64. From a + lambda b = 0 and lambda^2 + lambda + 1 = 0
/// modulo r follows that r divides a^2 - ab + b^2. That is at most 3 * 2^128, far below r, and
/// not negative, so it is zero; and the form is definite, so a = b = 0. There are thus 2^128
/// different scalars, and a wrong proof in a batch meets the one that hides it with a probability
/// of at most 2^-128.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SplitScalar {
    pub(crate) low: u64,
    pub(crate) high: u64,
}

impl SplitScalar {
    /// For a claim that stands alone.
    pub(crate) const ONE: Self = Self { low: 1, high: 0 };

    /// The scalar itself.
    pub(crate) fn value(&self) -> Fr {
        Fr::from(self.low) + Fr::from(self.high) * <g1::Config as GLVConfig>::LAMBDA
    }
}

/// One Groth16 equation e(A, B) = e(alpha, beta) e(IC, gamma) e(C, delta) and the factor it goes
/// into the sum with.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    pub(crate) inputs: Vec<Fr>,
    pub(crate) proof: CheckedProof,
    pub(crate) factor: SplitScalar,
}

/// Whether the sum of the claims' equations, each times its factor, holds. Each claim has as many
/// inputs as the circuit.
///
/// The factors go to A, which gives each claim a pair of its own. What the key's points are paired
/// with is added up first: two pairs for all claims, whose lines are known. e(alpha, beta) is
/// raised to the sum of the factors.
pub(crate) fn holds(key: &PreparedKey, claims: &[Claim]) -> Result<bool, Degenerate> {
    let mut a = Vec::with_capacity(claims.len().saturating_add(2));
    let mut c = Vec::with_capacity(claims.len().saturating_mul(2));
    let mut constant = Fr::from(0u8);
    let mut weights = Vec::new();
    weights.resize(key.public_inputs(), Fr::from(0u8));
    let mut factors = (0u128, 0u128);
    for Claim {
        inputs,
        proof,
        factor,
    } in claims
    {
        let SplitScalar { low, high } = *factor;
        a.push(sum_of_multiples(&[
            (proof.a, low),
            (endomorphism(&proof.a), high),
        ]));
        c.extend([(proof.c, low), (endomorphism(&proof.c), high)]);
        let factor = factor.value();
        constant += factor;
        for (weight, input) in weights.iter_mut().zip(inputs) {
            *weight += factor * input;
        }
        // Fewer than 2^64 claims fit into memory.
        factors.0 = factors.0.saturating_add(low.into());
        factors.1 = factors.1.saturating_add(high.into());
    }
    let combined = key.combine(core::iter::once(&constant).chain(&weights));
    let mut scaled = Scaled::all(
        &a.into_iter()
            .chain([combined, sum_of_multiples(&c)])
            .collect::<Vec<Jacobian<_>>>(),
    )
    .into_iter();
    let pairs: Vec<_> = claims
        .iter()
        .zip(scaled.by_ref())
        .filter_map(|(claim, scaled)| Some((scaled?, claim.proof.b)))
        .collect();
    let known: Vec<_> = scaled
        .zip([key.gamma_negated(), key.delta_negated()])
        .filter_map(|(scaled, lines)| Some((scaled?, lines)))
        .collect();
    let product = final_exponentiation(&miller_loop(&pairs, &known)).ok_or(Degenerate)?;
    // What lambda multiplies by in G1 is the fourth power of the modulus, so in the target group
    // that is a Frobenius map.
    let target = key.alpha_beta();
    Ok(product.equals(&power(target, &target.frobenius::<4>(), factors)))
}

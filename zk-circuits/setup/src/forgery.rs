//! Proofs of anything, for who knows the secret of a key.
//!
//! The secret of a development key is public: this is what it is worth. A forged proof costs a
//! verifier exactly what an honest one does, so load tests make thousands of them where honest
//! ones would take hours; and it shows why live chains refuse such keys.

use ark_bn254::{Bn254, Fr, G1Affine, G1Projective, G2Projective};
use ark_ec::CurveGroup;
use ark_ff::{BigInt, Field, PrimeField, UniformRand};
use ark_groth16::{Proof, VerifyingKey};
use ark_serialize::{CanonicalDeserialize, CanonicalSerialize};
use neurostore_keys::seed;
use neurostore_primitives::{CircuitId, PROOF_BYTES};
use neurostore_verifier::development_key;
use rand::{CryptoRng, RngCore, SeedableRng};
use rand_chacha::ChaCha20Rng;

/// The secret of a circuit's development key.
#[derive(Clone, Debug)]
pub struct Forger {
    alpha: Fr,
    beta: Fr,
    gamma: Fr,
    delta_inverse: Fr,
    g1: G1Projective,
    g2: G2Projective,
    bases: [G1Affine; 2],
}

impl Forger {
    /// Draws the secret again from its public seed. `None` for a circuit without a development
    /// key.
    pub fn new(circuit: CircuitId) -> Option<Self> {
        let key = development_key(circuit)?;
        let key = VerifyingKey::<Bn254>::deserialize_compressed(key).ok()?;
        let mut rng = ChaCha20Rng::from_seed(seed(circuit));
        // In the order in which key generation draws them.
        let [alpha, beta, gamma, delta] = std::array::from_fn(|_| Fr::rand(&mut rng));
        let g1 = G1Projective::rand(&mut rng);
        let g2 = G2Projective::rand(&mut rng);
        let is_the_secret = (g1 * alpha).into_affine() == key.alpha_g1;
        let bases = key.gamma_abc_g1.try_into().ok()?;
        is_the_secret.then_some(Self {
            alpha,
            beta,
            gamma,
            delta_inverse: delta.inverse()?,
            g1,
            g2,
            bases,
        })
    }

    /// A proof of 128 bytes that the development key accepts for `statement` (a canonical
    /// little-endian field element), without a witness. `None` where the statement is not
    /// canonical.
    pub fn forge(
        &self,
        statement: &[u8; 32],
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Option<[u8; PROOF_BYTES]> {
        let mut limbs = [0; 4];
        for (limb, word) in limbs.iter_mut().zip(statement.as_chunks::<8>().0) {
            *limb = u64::from_le_bytes(*word);
        }
        let statement = Fr::from_bigint(BigInt(limbs))?;
        let [constant, base] = self.bases;
        let inputs = base * statement + constant;
        // The verification equation, solved for C.
        let (a, b) = (Fr::rand(rng), Fr::rand(rng));
        let known = self.g1 * (a * b - self.alpha * self.beta);
        let c = (known - inputs * self.gamma) * self.delta_inverse;
        let proof = Proof::<Bn254> {
            a: (self.g1 * a).into_affine(),
            b: (self.g2 * b).into_affine(),
            c: c.into_affine(),
        };
        let mut bytes = [0; PROOF_BYTES];
        proof.serialize_compressed(&mut bytes[..]).ok()?;
        Some(bytes)
    }
}

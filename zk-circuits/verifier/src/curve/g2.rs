//! The twist, over the quadratic extension.

use ark_bn254::Config;
use ark_ec::bn::BnConfig;

use super::{Affine, Jacobian};
use crate::field::{Coordinate, Fp2};

const PSI_X: Fp2 = Fp2::from_ark(<Config as BnConfig>::TWIST_MUL_BY_Q_X);
const PSI_Y: Fp2 = Fp2::from_ark(<Config as BnConfig>::TWIST_MUL_BY_Q_Y);

/// The curve's parameter with the digits -1, 0 and 1, from the highest but one.
const PARAMETER: [i8; 62] = [
    0, 0, 0, 1, 0, 1, 0, 0, -1, 0, 1, 0, 1, 0, -1, 0, 0, 1, 0, 1, 0, -1, 0, -1, 0, -1, 0, 1, 0, 0,
    0, 1, 0, 0, 1, 0, 1, 0, 1, 0, -1, 0, 1, 0, 0, 1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, -1, 0, 0, 0,
    1,
];

/// The endomorphism psi, which multiplies points of the subgroup by the modulus.
pub(crate) fn power_of_modulus(point: &Affine<Fp2>) -> Affine<Fp2> {
    Affine::new(
        point.x.conjugate().times(&PSI_X),
        point.y.conjugate().times(&PSI_Y),
    )
}

fn psi(point: &Jacobian<Fp2>) -> Jacobian<Fp2> {
    Jacobian {
        x: point.x.conjugate().times(&PSI_X),
        y: point.y.conjugate().times(&PSI_Y),
        z: point.z.conjugate(),
    }
}

/// Whether a point of the twist is in the subgroup of prime order.
///
/// That is so exactly if (x + 1) P + psi(x P) + psi^2(x P) = psi^3(2 x P), where x is the curve's
/// parameter (Dai, Lin, Zhao and Zhou, eprint 2022/348, section 5.1): points of the subgroup
/// satisfy it because psi is the modulus there; a point whose order divides the cofactor does not,
/// because the norm of x + 1 + x psi + x psi^2 - 2 x psi^3 has no factor in common with that.
pub(crate) fn in_subgroup(point: &Affine<Fp2>) -> bool {
    let negated = point.negated();
    let multiple = PARAMETER.iter().fold(Jacobian::from(*point), |sum, digit| {
        let sum = sum.doubled();
        match digit {
            0 => sum,
            1 => sum.plus_affine(point),
            _ => sum.plus_affine(&negated),
        }
    });
    let first = psi(&multiple);
    let second = psi(&first);
    let left = multiple.plus_affine(point).plus(&first).plus(&second);
    left.equals(&psi(&second).doubled())
}

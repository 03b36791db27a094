//! The final exponentiation, and powers in the group it leads to.

use ark_bn254::Config;
use ark_ec::bn::BnConfig;

use crate::field::Fp12;

/// The value of a pairing from what Miller's loop gives, or `None` for zero.
///
/// The easy part takes the element to the power of (p^6 - 1)(p^2 + 1). The hard part is that of
/// Fuentes-Castaneda, Knapp and Rodriguez-Henriquez, "Faster hashing to G2": a multiple of
/// (p^4 - p^2 + 1) / r, the same as in arkworks.
pub(crate) fn final_exponentiation(product: &Fp12) -> Option<Fp12> {
    let quotient = product.conjugate().times(&product.inverse()?);
    let r = quotient.frobenius::<2>().times(&quotient);

    let y0 = power_of_parameter(&r).conjugate();
    let y1 = y0.cyclotomic_square();
    let y3 = y1.cyclotomic_square().times(&y1);
    let y4 = power_of_parameter(&y3).conjugate();
    let y5 = y4.cyclotomic_square();
    let y6 = power_of_parameter(&y5);
    let y7 = y6.times(&y4);
    let y8 = y7.times(&y3.conjugate());
    let y9 = y8.times(&y1);
    let y11 = y8.times(&y4).times(&r);
    let y13 = y9.frobenius::<1>().times(&y11);
    let y14 = y8.frobenius::<2>().times(&y13);
    let y15 = r.conjugate().times(&y9).frobenius::<3>();
    Some(y15.times(&y14))
}

/// The element to the power of the curve's parameter, in the cyclotomic subgroup.
fn power_of_parameter(element: &Fp12) -> Fp12 {
    let [parameter] = *Config::X else {
        return Fp12::ONE;
    };
    power(element, &Fp12::ONE, (u128::from(parameter), 0))
}

/// `first` and `second` to these powers, multiplied, in the cyclotomic subgroup.
pub(crate) fn power(first: &Fp12, second: &Fp12, exponents: (u128, u128)) -> Fp12 {
    let both = first.times(second);
    let bits = u128::BITS.saturating_sub((exponents.0 | exponents.1).leading_zeros());
    (0..bits).rev().fold(Fp12::ONE, |power, bit| {
        let power = power.cyclotomic_square();
        match (exponents.0 >> bit & 1, exponents.1 >> bit & 1) {
            (0, 0) => power,
            (_, 0) => power.times(first),
            (0, _) => power.times(second),
            _ => power.times(&both),
        }
    })
}

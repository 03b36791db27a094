//! Sums of many points times scalars: where a prover spends most of its time.
//!
//! Pippenger's method with signed windows, turned so that nothing but one operation is left: to
//! add many pairs of points at once. In affine coordinates that costs one inversion for all
//! pairs together and six multiplications for each, half of what projective coordinates cost;
//! and pairs that do not depend on each other can be added in lanes.
//!
//! | module | |
//! |---|---|
//! | `window` | one window of all scalars: points sorted by digit, then added up |
//! | `fold` | entries with equal keys into one, pair by pair |
//! | `adder` | the operation, and the way to compute it on any CPU |

mod adder;
mod fold;
mod window;

use ark_bn254::Fr;
use ark_ec::{
    short_weierstrass::{Affine, Projective},
    AffineRepr,
};
use ark_ff::{AdditiveGroup, PrimeField};
use rayon::prelude::*;

pub(crate) use self::adder::{look_up, Adder, Pair, Portable};
use self::window::Window;

/// A scalar as an integer.
pub(crate) type Integer = <Fr as PrimeField>::BigInt;

/// Points that scalars are multiplied by, in the form that an adder works with.
#[derive(Debug)]
pub(crate) struct Bases<A: Adder> {
    adder: A,
    /// Where each point's scalar stands.
    places: Vec<u32>,
    points: Vec<A::Point>,
}

impl<A: Adder> Bases<A> {
    /// Takes points with the places of their scalars. Points at infinity add nothing and go.
    pub(crate) fn new<'a>(
        adder: A,
        points: impl IntoIterator<Item = (u32, &'a Affine<A::Curve>)>,
    ) -> Self {
        let present = points.into_iter().filter(|(_, point)| !point.is_zero());
        let (places, points) = present
            .map(|(place, point)| (place, adder.enter(point)))
            .unzip();
        Self {
            adder,
            places,
            points,
        }
    }

    /// The sum of all points times their scalars. A scalar out of reach counts as zero.
    pub(crate) fn sum(&self, scalars: &[Integer]) -> Projective<A::Curve> {
        let bits = width(self.points.len());
        let count = (SCALAR_BITS / bits).saturating_add(1);
        let sums: Vec<_> = (0..count)
            .into_par_iter()
            .map(|number| {
                let window = Window {
                    bits,
                    from: number.saturating_mul(bits),
                };
                window.sum(self.adder, &self.points, &self.places, scalars)
            })
            .collect();
        let mut total = Projective::ZERO;
        for sum in sums.into_iter().rev() {
            for _ in 0..bits {
                total.double_in_place();
            }
            total += sum;
        }
        total
    }
}

/// Bits of a scalar. The digit of the highest window must not be negative: its highest bit is
/// beyond these.
const SCALAR_BITS: u32 = Fr::MODULUS_BIT_SIZE;

/// Bits of a window: those at which fewest points are added. Each window adds every point once,
/// and each of its buckets, of which there are half as many as digits, about twice.
fn width(points: usize) -> u32 {
    let cost = |bits: u32| {
        let windows = u64::from(SCALAR_BITS / bits).saturating_add(1);
        windows.saturating_mul((points as u64).saturating_add(1 << bits))
    };
    (2..=MAX_WINDOW_BITS)
        .min_by_key(|bits| cost(*bits))
        .unwrap_or(2)
}

/// Buckets of a window of this size still fit into a core's cache.
const MAX_WINDOW_BITS: u32 = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use ark_bn254::{g1, g2, G1Projective};
    use ark_ec::{short_weierstrass::SWCurveConfig, AffineRepr, CurveGroup, VariableBaseMSM};
    use ark_ff::{Field, UniformRand};
    use ark_std::test_rng;

    fn points<P: SWCurveConfig>(count: usize) -> Vec<Affine<P>> {
        let mut rng = test_rng();
        let points: Vec<_> = (0..count)
            .map(|_| Projective::<P>::rand(&mut rng))
            .collect();
        Projective::normalize_batch(&points)
    }

    fn scalars(count: usize) -> Vec<Integer> {
        let mut rng = test_rng();
        (0..count)
            .map(|_| Fr::rand(&mut rng).into_bigint())
            .collect()
    }

    fn ours<A: Adder>(
        adder: A,
        points: &[Affine<A::Curve>],
        scalars: &[Integer],
    ) -> Projective<A::Curve> {
        Bases::new(adder, (0..).zip(points)).sum(scalars)
    }

    fn holds<A: Adder>(adder: A)
    where
        A::Curve: SWCurveConfig<ScalarField = Fr>,
    {
        for count in [0, 1, 2, 17, 300, 5000] {
            let (points, scalars) = (points::<A::Curve>(count), scalars(count));
            let expected = Projective::<A::Curve>::msm_bigint(&points, &scalars);
            assert_eq!(ours(adder, &points, &scalars), expected, "{count} points");
        }
        extremes(adder);
        collisions(adder);
    }

    /// Scalars at the edges of windows and of the field.
    fn extremes<A: Adder>(adder: A) {
        let mut edges: Vec<Fr> = (0..16u64).map(Fr::from).collect();
        edges.extend((0..254u64).map(|bit| Fr::from(2u8).pow([bit])));
        let negated: Vec<_> = edges.iter().map(|edge| -*edge).collect();
        edges.extend(negated);
        let edges: Vec<_> = edges.into_iter().map(PrimeField::into_bigint).collect();
        let points = points::<A::Curve>(edges.len());
        let expected = Projective::<A::Curve>::msm_bigint(&points, &edges);
        assert_eq!(ours(adder, &points, &edges), expected);
    }

    /// Points that meet themselves, their opposites and nothing at all.
    fn collisions<A: Adder>(adder: A) {
        let point = points::<A::Curve>(1)[0];
        let one = Fr::ONE.into_bigint();
        for (signs, sum) in [
            (vec![1i8, 1], 2i64),
            (vec![1, -1], 0),
            (vec![1; 33], 33),
            (vec![1, -1, 1, 1, -1, -1, 1, 1], 2),
            (vec![0, 1, 0], 1),
        ] {
            let points: Vec<_> = signs
                .iter()
                .map(|sign| match sign {
                    0 => Affine::identity(),
                    1 => point,
                    _ => -point,
                })
                .collect();
            let expected = point.into_group() * Fr::from(sum);
            assert_eq!(
                ours(adder, &points, &vec![one; points.len()]),
                expected,
                "{signs:?}"
            );
        }
    }

    #[test]
    fn sums_on_any_cpu_are_those_of_arkworks() {
        holds(Portable::<g1::Config>::default());
        holds(Portable::<g2::Config>::default());
    }

    #[cfg(target_arch = "x86_64")]
    #[test]
    fn sums_in_lanes_are_those_of_arkworks() {
        let Some(ifma) = neurostore_lanes::Ifma::detect() else {
            return;
        };
        holds(crate::ifma::InG1(ifma));
        holds(crate::ifma::InG2(ifma));
    }

    #[test]
    fn scalars_out_of_reach_count_as_zero() {
        let points = points::<g1::Config>(3);
        let scalars = scalars(2);
        let expected = G1Projective::msm_bigint(&points[..2], &scalars);
        assert_eq!(ours(Portable::default(), &points, &scalars), expected);
    }

    #[test]
    fn windows_grow_with_the_number_of_points() {
        assert!(width(0) >= 2);
        assert!(width(1000) < width(100_000));
        assert!(width(usize::MAX) <= MAX_WINDOW_BITS);
    }
}

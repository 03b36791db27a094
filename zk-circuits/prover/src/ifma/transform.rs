//! Fourier transforms over the scalar field, eight elements at once.
//!
//! Two halves that fit together: [`Transform::forth`] takes values in order and leaves them
//! shuffled, [`Transform::back`] takes them shuffled and leaves them in order, and what is done
//! in between with each element by itself does not mind the order. Both compute the same sums: of
//! the values times `w^(i j)`, w the domain's root of unity.
//!
//! Vectors hold neighbours. Stages that combine elements farther apart than eight combine whole
//! vectors; for the other three, squares of eight vectors are transposed, and stay so while they
//! are shuffled.

use ark_bn254::Fr;
use ark_ff::{FftField, Field};
use rayon::prelude::*;

use neurostore_lanes::{Ifma, Lanes, Work, LANES};

use super::{
    field::{Element, Stored},
    kept::to_kept,
    prime::Order,
};

/// Elements of a square.
const SQUARE: usize = LANES * LANES;
/// Vectors that stay in a core's second cache, 640 KiB, from here down to the last stage.
const BLOCK: usize = 1 << 11;

/// Transforms of one size.
#[derive(Debug)]
pub(super) struct Transform {
    ifma: Ifma,
    size: usize,
    /// For every stage that combines vectors, from the widest on: the root of its blocks' size to
    /// the power of each place in the lower half.
    twiddles: Vec<Vec<Stored>>,
    /// The eighth root of unity to the powers 1, 2, 3.
    eighths: [Stored; 3],
}

impl Transform {
    /// Transforms of `size` elements: a power of two, not below 64. `None` for any other.
    pub(super) fn new(ifma: Ifma, size: usize) -> Option<Self> {
        if size < SQUARE || !size.is_power_of_two() {
            return None;
        }
        let root = Fr::get_root_of_unity(u64::try_from(size).ok()?)?;
        let mut roots = vec![Fr::ONE];
        for _ in 1..size / 2 {
            roots.push(*roots.last()? * root);
        }
        let mut twiddles = Vec::new();
        let mut stride = 1;
        while size / stride > LANES {
            let every: Vec<_> = roots.iter().step_by(stride).copied().collect();
            twiddles.push(every.chunks(LANES).map(stored).collect());
            stride *= 2;
        }
        let power = |power: usize| Some(stored(&[*roots.get(power * size / LANES)?; LANES]));
        Some(Self {
            ifma,
            size,
            twiddles,
            eighths: [power(1)?, power(2)?, power(3)?],
        })
    }

    /// Vectors of these transforms.
    pub(super) fn vectors(&self) -> usize {
        self.size / LANES
    }

    /// Where an element stands once it is shuffled: vector and lane.
    pub(super) fn shuffled(&self, element: usize) -> (usize, usize) {
        let bits = self.size.trailing_zeros();
        let place = element.reverse_bits() >> (usize::BITS - bits);
        // Within a square, lane and vector have changed places.
        let (square, within) = (place / SQUARE, place % SQUARE);
        (square * LANES + within % LANES, within / LANES)
    }

    /// Transforms and shuffles, and multiplies each element, as it comes to stand, by a factor:
    /// one for each element, or those of one square for all.
    pub(super) fn forth(&self, values: &mut [Stored], factors: &[Stored]) {
        self.forth_from(0, values, factors);
    }

    fn forth_from(&self, stage: usize, values: &mut [Stored], factors: &[Stored]) {
        let half = values.len() / 2;
        if values.len() <= BLOCK {
            return self.ifma.run(Forth {
                transform: self,
                stage,
                values,
                factors,
            });
        }
        let (low, high) = values.split_at_mut(half);
        self.each(stage, low, high, |low, high, twiddles| {
            self.ifma.run(Apart {
                low,
                high,
                twiddles,
            });
        });
        let (low_factors, high_factors) = if factors.len() == LANES {
            (factors, factors)
        } else {
            factors.split_at(half)
        };
        rayon::join(
            || self.forth_from(stage + 1, low, low_factors),
            || self.forth_from(stage + 1, high, high_factors),
        );
    }

    /// Transforms and brings into order.
    pub(super) fn back(&self, values: &mut [Stored]) {
        self.back_from(0, values);
    }

    fn back_from(&self, stage: usize, values: &mut [Stored]) {
        if values.len() <= BLOCK {
            return self.ifma.run(Back {
                transform: self,
                stage,
                values,
            });
        }
        let (low, high) = values.split_at_mut(values.len() / 2);
        rayon::join(
            || self.back_from(stage + 1, low),
            || self.back_from(stage + 1, high),
        );
        self.each(stage, low, high, |low, high, twiddles| {
            self.ifma.run(Together {
                low,
                high,
                twiddles,
            });
        });
    }

    /// Goes through the halves of a block, in pieces side by side.
    fn each(
        &self,
        stage: usize,
        low: &mut [Stored],
        high: &mut [Stored],
        work: impl Fn(&mut [Stored], &mut [Stored], &[Stored]) + Sync,
    ) {
        let pieces = low.par_chunks_mut(BLOCK).zip(high.par_chunks_mut(BLOCK));
        pieces
            .zip(self.stage(stage).par_chunks(BLOCK))
            .for_each(|((low, high), twiddles)| work(low, high, twiddles));
    }

    fn stage(&self, stage: usize) -> &[Stored] {
        self.twiddles.get(stage).map_or(&[], Vec::as_slice)
    }
}

pub(super) type Scalars<L> = Element<L, Order>;

/// Eight elements, brought into memory's form.
pub(super) fn stored(elements: &[Fr]) -> Stored {
    Stored::of(elements.iter().map(to_kept))
}

/// One stage of [`Transform::forth`]: sums below, differences times twiddles above.
struct Apart<'a> {
    low: &'a mut [Stored],
    high: &'a mut [Stored],
    twiddles: &'a [Stored],
}

impl Work for Apart<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, proof: L::Proof) {
        for ((low, high), twiddle) in self.low.iter_mut().zip(self.high).zip(self.twiddles) {
            let (a, b) = (Scalars::load(proof, low), Scalars::load(proof, high));
            let [sum, difference] = apart::<L>(proof, a, b);
            *low = sum.store();
            *high = difference
                .times(proof, Scalars::load(proof, twiddle))
                .store();
        }
    }
}

/// Of what is below 1.2 the sum, below 1.1, and the difference, below 5.2.
#[inline(always)]
pub(super) fn apart<L: Lanes>(proof: L::Proof, a: Scalars<L>, b: Scalars<L>) -> [Scalars<L>; 2] {
    [a.plus(b).settled(proof), a.minus(proof, b)]
}

/// One stage of [`Transform::back`]: upper values times twiddles, then sums and differences.
struct Together<'a> {
    low: &'a mut [Stored],
    high: &'a mut [Stored],
    twiddles: &'a [Stored],
}

impl Work for Together<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, proof: L::Proof) {
        for ((low, high), twiddle) in self.low.iter_mut().zip(self.high).zip(self.twiddles) {
            let a = Scalars::load(proof, low);
            let b = Scalars::load(proof, high).times(proof, Scalars::load(proof, twiddle));
            let [sum, difference] = together::<L>(proof, a, b);
            *low = sum.store();
            *high = difference.store();
        }
    }
}

/// Sum and difference of what is below 1.2, both below 1.1.
#[inline(always)]
pub(super) fn together<L: Lanes>(proof: L::Proof, a: Scalars<L>, b: Scalars<L>) -> [Scalars<L>; 2] {
    [a.plus(b).settled(proof), a.minus(proof, b).settled(proof)]
}

/// All stages of [`Transform::forth`] from some stage on.
struct Forth<'a> {
    transform: &'a Transform,
    stage: usize,
    values: &'a mut [Stored],
    factors: &'a [Stored],
}

impl Work for Forth<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, proof: L::Proof) {
        let mut length = self.values.len();
        for twiddles in self.transform.twiddles.iter().skip(self.stage) {
            for block in self.values.chunks_mut(length) {
                let (low, high) = block.split_at_mut(length / 2);
                let stage = Apart {
                    low,
                    high,
                    twiddles,
                };
                stage.run::<L>(proof);
            }
            length /= 2;
        }
        let [w1, w2, w3] = eighths::<L>(proof, self.transform);
        let squares = self.values.as_chunks_mut::<LANES>().0.iter_mut();
        let factors = self.factors.as_chunks::<LANES>().0.iter().cycle();
        for (square, factors) in squares.zip(factors) {
            let [a, b, c, d, e, f, g, h] = load_square::<L>(proof, square);
            let ([a, e], [b, f]) = (apart::<L>(proof, a, e), apart::<L>(proof, b, f));
            let ([c, g], [d, h]) = (apart::<L>(proof, c, g), apart::<L>(proof, d, h));
            let (e, f) = (e.settled(proof), f.times(proof, w1));
            let (g, h) = (g.times(proof, w2), h.times(proof, w3));
            let ([a, c], [b, d]) = (apart::<L>(proof, a, c), apart::<L>(proof, b, d));
            let ([e, g], [f, h]) = (apart::<L>(proof, e, g), apart::<L>(proof, f, h));
            let (c, d) = (c.settled(proof), d.times(proof, w2));
            let (g, h) = (g.settled(proof), h.times(proof, w2));
            let ([a, b], [c, d]) = (apart::<L>(proof, a, b), apart::<L>(proof, c, d));
            let ([e, f], [g, h]) = (apart::<L>(proof, e, f), apart::<L>(proof, g, h));
            let shuffled = [a, b, c, d, e, f, g, h];
            for ((to, element), factor) in square.iter_mut().zip(shuffled).zip(factors) {
                *to = element.times(proof, Scalars::load(proof, factor)).store();
            }
        }
    }
}

/// All stages of [`Transform::back`] up to some stage.
struct Back<'a> {
    transform: &'a Transform,
    stage: usize,
    values: &'a mut [Stored],
}

impl Work for Back<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, proof: L::Proof) {
        let [w1, w2, w3] = eighths::<L>(proof, self.transform);
        for square in self.values.as_chunks_mut::<LANES>().0 {
            let [a, b, c, d, e, f, g, h] = load::<L>(proof, square);
            let ([a, b], [c, d]) = (together::<L>(proof, a, b), together::<L>(proof, c, d));
            let ([e, f], [g, h]) = (together::<L>(proof, e, f), together::<L>(proof, g, h));
            let (d, h) = (d.times(proof, w2), h.times(proof, w2));
            let ([a, c], [b, d]) = (together::<L>(proof, a, c), together::<L>(proof, b, d));
            let ([e, g], [f, h]) = (together::<L>(proof, e, g), together::<L>(proof, f, h));
            let (f, g, h) = (f.times(proof, w1), g.times(proof, w2), h.times(proof, w3));
            let ([a, e], [b, f]) = (together::<L>(proof, a, e), together::<L>(proof, b, f));
            let ([c, g], [d, h]) = (together::<L>(proof, c, g), together::<L>(proof, d, h));
            let ordered = Scalars::<L>::transpose([a, b, c, d, e, f, g, h]);
            for (to, element) in square.iter_mut().zip(ordered) {
                *to = element.store();
            }
        }
        let mut length = 2;
        for twiddles in self.transform.twiddles.iter().skip(self.stage).rev() {
            for block in self.values.chunks_mut(length) {
                let (low, high) = block.split_at_mut(length / 2);
                let stage = Together {
                    low,
                    high,
                    twiddles,
                };
                stage.run::<L>(proof);
            }
            length *= 2;
        }
    }
}

#[inline(always)]
fn eighths<L: Lanes>(proof: L::Proof, transform: &Transform) -> [Scalars<L>; 3] {
    let [w1, w2, w3] = &transform.eighths;
    [
        Scalars::load(proof, w1),
        Scalars::load(proof, w2),
        Scalars::load(proof, w3),
    ]
}

#[inline(always)]
fn load<L: Lanes>(
    proof: L::Proof,
    [a, b, c, d, e, f, g, h]: &[Stored; LANES],
) -> [Scalars<L>; LANES] {
    [
        Scalars::load(proof, a),
        Scalars::load(proof, b),
        Scalars::load(proof, c),
        Scalars::load(proof, d),
        Scalars::load(proof, e),
        Scalars::load(proof, f),
        Scalars::load(proof, g),
        Scalars::load(proof, h),
    ]
}

#[inline(always)]
fn load_square<L: Lanes>(proof: L::Proof, square: &[Stored; LANES]) -> [Scalars<L>; LANES] {
    Scalars::<L>::transpose(load::<L>(proof, square))
}

#[cfg(test)]
mod tests {
    use super::{super::kept::from_kept, *};
    use ark_ff::UniformRand;
    use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};

    fn elements(vectors: &[Stored]) -> Vec<Fr> {
        let lanes = vectors
            .iter()
            .flat_map(|vector| (0..LANES).map(|lane| vector.get(lane)));
        lanes.map(from_kept).collect()
    }

    /// Transforms one by one and with whole blocks, and back.
    fn holds(size: usize) {
        let Some(ifma) = Ifma::detect() else { return };
        let mut rng = ark_std::test_rng();
        let values: Vec<_> = (0..size).map(|_| Fr::rand(&mut rng)).collect();
        let expected = Radix2EvaluationDomain::<Fr>::new(size)
            .unwrap()
            .fft(&values);
        let factors: Vec<_> = (1..=size as u64).map(Fr::from).collect();

        let transform = Transform::new(ifma, size).unwrap();
        let mut placed = vec![stored(&[Fr::from(0u8); LANES]); transform.vectors()];
        for (element, factor) in factors.iter().enumerate() {
            let (vector, lane) = transform.shuffled(element);
            placed[vector].set(lane, to_kept(factor));
        }
        let vectors: Vec<_> = values.chunks(LANES).map(stored).collect();
        let mut shuffled = vectors.clone();
        transform.forth(&mut shuffled, &placed);
        let found = elements(&shuffled);
        for (element, (value, factor)) in expected.iter().zip(&factors).enumerate() {
            let (vector, lane) = transform.shuffled(element);
            assert_eq!(found[vector * LANES + lane], *value * factor, "{element}");
        }

        let mut shuffled = vectors;
        for (element, value) in values.iter().enumerate() {
            let (vector, lane) = transform.shuffled(element);
            shuffled[vector].set(lane, to_kept(value));
        }
        transform.back(&mut shuffled);
        assert_eq!(elements(&shuffled), expected);
    }

    #[test]
    fn both_halves_compute_the_sums_of_arkworks() {
        for log in [6, 7, 10] {
            holds(1 << log);
        }
    }

    #[test]
    fn transforms_of_several_blocks_do_too() {
        holds(BLOCK * LANES * 4);
    }

    #[test]
    fn one_square_of_factors_serves_for_all() {
        let Some(ifma) = Ifma::detect() else { return };
        let transform = Transform::new(ifma, BLOCK * LANES * 2).unwrap();
        let three = vec![stored(&[Fr::from(3u8); LANES]); transform.vectors()];
        let (mut all, mut one) = (three.clone(), three.clone());
        transform.forth(&mut all, &three);
        transform.forth(&mut one, &three[..LANES]);
        assert_eq!(elements(&all), elements(&one));
    }

    #[test]
    fn sizes_without_a_square_or_a_root_have_no_transform() {
        let Some(ifma) = Ifma::detect() else { return };
        for size in [0, 1, 32, 96, 1 << 30] {
            assert!(Transform::new(ifma, size).is_none(), "{size}");
        }
    }
}

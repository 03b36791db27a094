//! The quotient, in lanes.
//!
//! Transforms compute sums over `w^(i j)` in either direction, where inverses would have
//! `w^(-i j)`: so what an inverse would leave at place i stands at place -i, all through.
//! Elements come and go as their own words, which lanes take for those of a sixteenth: the factors
//! make up for that.

use ark_bn254::Fr;
use ark_ff::{FftField, Field};
use neurostore_circuit::Assignment;
use neurostore_keys::Reduction;
use rayon::prelude::*;

use neurostore_lanes::{Ifma, Lanes, Work, LANES};

use super::{
    field::{Element, Stored},
    kept::reduced,
    prime::Order,
    transform::{stored, Transform},
};

/// What the quotients of one key need.
#[derive(Debug)]
pub(crate) struct Quotients {
    ifma: Ifma,
    size: usize,
    transform: Transform,
    /// From values on the domain to those on the coset, for A and B.
    to_coset: Vec<Stored>,
    /// What C is multiplied by on its way.
    product: Vec<Stored>,
    last: Last,
}

/// What is left to do once A and B are on the coset.
#[derive(Debug)]
enum Last {
    /// Back to coefficients, divided by Z and rid of the coset's shift.
    Coefficients(Vec<Stored>),
    /// The difference to C there, in its own words.
    Values(Box<Stored>),
}

impl Quotients {
    /// Prepares quotients over a domain of `size`, or `None` where lanes have no transform of it.
    pub(crate) fn new(ifma: Ifma, size: usize, reduction: Reduction) -> Option<Self> {
        let transform = Transform::new(ifma, size)?;
        let sixteen = Fr::from(16u8);
        let share = Fr::from(u64::try_from(size).ok()?).inverse()?;
        // From place -i, where the coefficient stands, to the shift's power i.
        let powers = |shift: Fr, first: Fr, turned: bool| {
            let mut factors = vec![stored(&[]); transform.vectors()];
            let mut factor = first;
            for element in 0..size {
                let place = if turned {
                    opposite(element, size)
                } else {
                    element
                };
                let (vector, lane) = transform.shuffled(place);
                if let Some(to) = factors.get_mut(vector) {
                    to.set(lane, super::kept::to_kept(&factor));
                }
                factor *= shift;
            }
            factors
        };
        let square = |factor: Fr| vec![stored(&[factor; LANES]); LANES];
        let (shift, product, last) = match reduction {
            Reduction::Libsnark => {
                let shift = Fr::GENERATOR;
                let vanishing = shift.pow([u64::try_from(size).ok()?]) - Fr::ONE;
                let share = share * vanishing.inverse()?;
                let coefficients = powers(shift.inverse()?, share * sixteen.inverse()?, false);
                (
                    shift,
                    square(share * sixteen),
                    Last::Coefficients(coefficients),
                )
            }
            Reduction::Circom => {
                let shift = Fr::get_root_of_unity(u64::try_from(size).ok()?.checked_mul(2)?)?;
                let sixteenth = stored(&[sixteen.inverse()?; LANES]);
                let product = powers(shift, share * sixteen.square(), true);
                (shift, product, Last::Values(Box::new(sixteenth)))
            }
        };
        let to_coset = powers(shift, share * sixteen, true);
        Some(Self {
            ifma,
            size,
            transform,
            to_coset,
            product,
            last,
        })
    }

    /// The quotient of an assignment, or `None` where it is not for this domain.
    pub(crate) fn of(&self, assignment: &Assignment) -> Option<Vec<Fr>> {
        // After the constraints, one row for each instance column keeps the inputs independent.
        let inputs = [Fr::ONE, assignment.public()];
        let rows = assignment.left().len().checked_add(inputs.len())?;
        if rows > self.size {
            return None;
        }
        let mut left = self.load(assignment.left(), &inputs);
        let mut right = self.load(assignment.right(), &[]);
        let mut product = left.clone();
        self.each(&mut product, &right, |a, b| {
            self.ifma.run(Multiply(a, b));
        });
        self.transform.forth(&mut product, &self.product);
        for factor in [&mut left, &mut right] {
            self.transform.forth(factor, &self.to_coset);
            self.transform.back(factor);
        }
        self.each(&mut left, &right, |a, b| self.ifma.run(Multiply(a, b)));
        drop(right);
        let all = (0..self.size).into_par_iter();
        Some(match &self.last {
            Last::Coefficients(factors) => {
                self.transform.forth(&mut left, factors);
                let of = |vectors: &[Stored], element| {
                    let (vector, lane) = self.transform.shuffled(element);
                    at(vectors, vector, lane)
                };
                all.map(|element| of(&left, element) - of(&product, opposite(element, self.size)))
                    .collect()
            }
            Last::Values(sixteenth) => {
                self.transform.back(&mut product);
                self.each(&mut left, &product, |a, b| {
                    self.ifma.run(Subtract(a, b, sixteenth));
                });
                let place = |element| opposite(element, self.size);
                all.map(|element| at(&left, place(element) / LANES, place(element) % LANES))
                    .collect()
            }
        })
    }

    /// Elements as their own words, filled up with zeros. They are rows of constraints, followed by
    /// those of inputs.
    fn load(&self, rows: &[Fr], inputs: &[Fr]) -> Vec<Stored> {
        let row = |number: usize| match number.checked_sub(rows.len()) {
            None => rows.get(number),
            Some(number) => inputs.get(number),
        };
        let words = |number| row(number).map_or([0; 4], |element| element.0 .0);
        (0..self.transform.vectors())
            .into_par_iter()
            .map(|vector| {
                let first = vector * LANES;
                Stored::of((first..first + LANES).map(words))
            })
            .collect()
    }

    /// Goes through two arrays of vectors, in pieces side by side.
    fn each(&self, a: &mut [Stored], b: &[Stored], work: impl Fn(&mut [Stored], &[Stored]) + Sync) {
        let pieces = a.par_chunks_mut(PIECE).zip(b.par_chunks(PIECE));
        pieces.for_each(|(a, b)| work(a, b));
    }
}

/// Vectors of a piece of work: enough that sharing it out does not count.
const PIECE: usize = 1 << 10;

/// The place of `-element`.
fn opposite(element: usize, size: usize) -> usize {
    (size - element) % size
}

/// The element whose own words stand there.
fn at(vectors: &[Stored], vector: usize, lane: usize) -> Fr {
    reduced(
        vectors
            .get(vector)
            .map_or([0; 4], |vector| vector.get(lane)),
    )
}

type Scalars<L> = Element<L, Order>;

/// Multiplies the first by the second, one by one. Below 1.1.
struct Multiply<'a>(&'a mut [Stored], &'a [Stored]);

impl Work for Multiply<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, proof: L::Proof) {
        for (a, b) in self.0.iter_mut().zip(self.1) {
            let b = Scalars::<L>::load(proof, b);
            *a = Scalars::load(proof, a).times(proof, b).store();
        }
    }
}

/// Subtracts the second from the first and multiplies by a number, one by one. Below 1.1.
struct Subtract<'a>(&'a mut [Stored], &'a [Stored], &'a Stored);

impl Work for Subtract<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, proof: L::Proof) {
        let factor = Scalars::<L>::load(proof, self.2);
        for (a, b) in self.0.iter_mut().zip(self.1) {
            let difference = Scalars::load(proof, a).minus(proof, Scalars::load(proof, b));
            *a = difference.times(proof, factor).store();
        }
    }
}

//! The circuit as matrices.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};

use crate::builder::Builder;

/// Columns of an assignment before the witness: the constant one and the public input.
pub const INSTANCE_COLUMNS: usize = 2;
const ONE: usize = 0;
const PUBLIC: usize = 1;

/// A row of a matrix: columns with their coefficients, columns ascending.
pub type Row = Vec<(usize, Fr)>;

/// One constraint: the product of the first two rows equals the third.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constraint {
    /// Left factor.
    pub left: Row,
    /// Right factor.
    pub right: Row,
    /// Product.
    pub result: Row,
}

/// Collects a circuit's constraints. Knows no values.
#[derive(Clone, Debug, Default)]
pub struct Constraints {
    rows: Vec<Constraint>,
    witnesses: usize,
}

impl Constraints {
    /// All constraints in order.
    pub fn rows(&self) -> &[Constraint] {
        &self.rows
    }

    /// Variables beside the constant and the public input.
    pub fn witnesses(&self) -> usize {
        self.witnesses
    }

    /// Coefficients that are not zero, in all matrices.
    pub fn density(&self) -> usize {
        self.rows
            .iter()
            .map(|row| row.left.len() + row.right.len() + row.result.len())
            .sum()
    }

    /// The first constraint that these values do not satisfy, or `None`. Values stand in column
    /// order: one, the public input, the witness.
    pub fn first_unsatisfied(&self, values: &[Fr]) -> Option<usize> {
        self.rows.iter().position(|row| !row.is_satisfied(values))
    }

    fn column(&mut self) -> Row {
        let column = INSTANCE_COLUMNS + self.witnesses;
        self.witnesses += 1;
        vec![(column, Fr::ONE)]
    }
}

impl Constraint {
    /// Whether these values satisfy the constraint.
    pub fn is_satisfied(&self, values: &[Fr]) -> bool {
        evaluate(&self.left, values) * evaluate(&self.right, values)
            == evaluate(&self.result, values)
    }
}

/// The value of a row; columns outside the values count as zero.
pub fn evaluate(row: &Row, values: &[Fr]) -> Fr {
    row.iter()
        .map(|(column, factor)| values.get(*column).copied().unwrap_or_default() * factor)
        .sum()
}

impl Builder for Constraints {
    type Wire = Row;

    fn constant(&self, value: Fr) -> Row {
        if value == Fr::ZERO {
            Row::new()
        } else {
            vec![(ONE, value)]
        }
    }

    fn sum(&self, terms: &[(Fr, &Row)]) -> Row {
        let mut all: Row = terms
            .iter()
            .flat_map(|(factor, row)| {
                row.iter()
                    .map(move |(column, value)| (*column, *value * factor))
            })
            .collect();
        all.sort_unstable_by_key(|(column, _)| *column);
        let mut sum = Row::with_capacity(all.len());
        for (column, value) in all {
            match sum.last_mut() {
                Some((last, total)) if *last == column => *total += value,
                _ => sum.push((column, value)),
            }
        }
        sum.retain(|(_, value)| *value != Fr::ZERO);
        sum
    }

    fn free(&mut self, _value: Fr) -> Row {
        self.column()
    }

    fn product(&mut self, left: &Row, right: &Row) -> Row {
        let product = self.column();
        self.enforce(left, right, &product);
        product
    }

    fn enforce(&mut self, left: &Row, right: &Row, result: &Row) {
        let (left, right, result) = (left.clone(), right.clone(), result.clone());
        self.rows.push(Constraint {
            left,
            right,
            result,
        });
    }

    fn publish(&mut self, wire: &Row) {
        let (one, public) = (self.constant(Fr::ONE), vec![(PUBLIC, Fr::ONE)]);
        self.enforce(wire, &one, &public);
    }
}

//! The circuits a set-up is made for.

use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use neurostore_circuit::{Constraints, INSTANCE_COLUMNS};
use neurostore_primitives::{CircuitId, SAMPLES_PRODUCTION};

/// No circuit has this number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no circuit {0}: a circuit's number is its number of samples, 1 to {SAMPLES_PRODUCTION}"
)]
pub struct UnknownCircuit(pub CircuitId);

/// The constraints of a circuit. By convention its number is its number of samples; the largest
/// is the one of production.
pub fn circuit_constraints(circuit: CircuitId) -> Result<Constraints, UnknownCircuit> {
    match circuit.0 {
        1..=SAMPLES_PRODUCTION => Ok(neurostore_circuit::constraints(usize::from(circuit.0))),
        _ => Err(UnknownCircuit(circuit)),
    }
}

/// Columns of a circuit's matrices: the constant, the public input, the witness.
pub(crate) fn columns(constraints: &Constraints) -> usize {
    INSTANCE_COLUMNS.saturating_add(constraints.witnesses())
}

/// The domain over which a circuit's columns are interpolated: a point for each constraint, and
/// then one for each instance column, which keeps the inputs independent.
///
/// `None` where the field has no domain of that size: above 2^28 constraints.
pub(crate) fn domain(constraints: &Constraints) -> Option<Radix2EvaluationDomain<ark_bn254::Fr>> {
    Radix2EvaluationDomain::new(constraints.rows().len().checked_add(INSTANCE_COLUMNS)?)
}

/// A count as file formats hold it. Circuits are bounded far below 2^32.
pub(crate) fn word(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circuits_are_numbered_by_their_samples() {
        assert!(circuit_constraints(CircuitId(1)).is_ok());
        for unknown in [0, SAMPLES_PRODUCTION + 1] {
            assert_eq!(
                circuit_constraints(CircuitId(unknown)).map(|_| ()),
                Err(UnknownCircuit(CircuitId(unknown)))
            );
        }
    }

    #[test]
    fn the_domain_has_a_point_for_each_constraint_and_each_instance_column() {
        for (circuit, power) in [(1, 12), (4, 14)] {
            let constraints = circuit_constraints(CircuitId(circuit)).unwrap();
            assert_eq!(domain(&constraints).unwrap().size(), 1 << power);
        }
    }
}

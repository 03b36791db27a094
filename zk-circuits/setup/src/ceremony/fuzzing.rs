//! The readers of foreign files, one by one, for the fuzz targets in `zk-circuits/fuzz`.

use std::{path::Path, sync::OnceLock};

use rand::{rngs::StdRng, SeedableRng};

use super::{powers, zkey, PowersError, ZkeyError};
use crate::circuits::circuit_constraints;
use neurostore_circuit::Constraints;
use neurostore_primitives::CircuitId;

/// The circuit whose files are read: the smallest there is.
const CIRCUIT: CircuitId = CircuitId(1);

/// Reads `path` as a `.zkey` of a circuit of one sample. `None` only if there is no such circuit.
pub fn read_zkey(path: &Path) -> Option<Result<(), ZkeyError>> {
    static CONSTRAINTS: OnceLock<Option<Constraints>> = OnceLock::new();
    let constraints = CONSTRAINTS
        .get_or_init(|| circuit_constraints(CIRCUIT).ok())
        .as_ref()?;
    Some(zkey::read(path, constraints).map(drop))
}

/// Reads `path` as a `.ptau` for `domain_size` values.
pub fn read_powers(path: &Path, domain_size: usize) -> Result<(), PowersError> {
    let mut random = StdRng::seed_from_u64(1);
    powers::read(path, domain_size, &mut random).map(drop)
}

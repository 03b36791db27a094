//! The committed development keys.

use neurostore_primitives::{CircuitId, SAMPLES_DEVELOPMENT, SAMPLES_MEDIUM, SAMPLES_PRODUCTION};

static CIRCUIT_4: &[u8] = include_bytes!("../keys/4.vk");
static CIRCUIT_24: &[u8] = include_bytes!("../keys/24.vk");
static CIRCUIT_48: &[u8] = include_bytes!("../keys/48.vk");

/// The development verifying key of a circuit, or `None` where there is none.
///
/// Their trapdoor follows from a public seed: whoever reads the source can prove anything under
/// them. `neurostore-setup` regenerates them, and its tests compare.
pub fn development_key(circuit: CircuitId) -> Option<&'static [u8]> {
    match circuit.0 {
        SAMPLES_DEVELOPMENT => Some(CIRCUIT_4),
        SAMPLES_MEDIUM => Some(CIRCUIT_24),
        SAMPLES_PRODUCTION => Some(CIRCUIT_48),
        _ => None,
    }
}

/// Whether these bytes are one of the development keys.
pub fn is_development_key(bytes: &[u8]) -> bool {
    [CIRCUIT_4, CIRCUIT_24, CIRCUIT_48].contains(&bytes)
}

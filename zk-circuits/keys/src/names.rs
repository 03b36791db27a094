//! What the files of a key folder are called.

use std::path::{Path, PathBuf};

use neurostore_primitives::CircuitId;

/// The name of a circuit's proving key in a key folder.
pub fn file_name(circuit: CircuitId) -> String {
    format!("development-{circuit}.pk")
}

/// The name of a circuit's proving key from a ceremony.
pub fn ceremony_file_name(circuit: CircuitId) -> String {
    format!("ceremony-{circuit}.pk")
}

/// The name of the verifying key that belongs to [`ceremony_file_name`]. Without the first word it
/// would be that of the development key.
pub fn ceremony_verifying_file_name(circuit: CircuitId) -> String {
    format!("ceremony-{circuit}.vk")
}

/// The proving key that a folder has for a circuit: that of a ceremony where there is one, and the
/// development key otherwise, which may still have to be derived.
pub fn proving_key_file(folder: &Path, circuit: CircuitId) -> PathBuf {
    let ceremony = folder.join(ceremony_file_name(circuit));
    if ceremony.is_file() {
        ceremony
    } else {
        folder.join(file_name(circuit))
    }
}

//! A proving key on disk that was changed is refused.
#![no_main]

use std::io::Write;

use libfuzzer_sys::fuzz_target;
use neurostore_keys::read_proving_key;
use neurostore_primitives::CircuitId;

const CIRCUIT: CircuitId = CircuitId(4);

fuzz_target!(|bytes: &[u8]| {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(bytes).expect("written");
    let key = neurostore_verifier::development_key(CIRCUIT).expect("a development key");
    // Its hash covers every byte.
    assert!(read_proving_key(file.path(), CIRCUIT, key).is_err());
});

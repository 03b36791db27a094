//! No bytes are a proof that nobody made, and none make the decoder panic.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use neurostore_primitives::CircuitId;
use neurostore_verifier::{admit, development_key, verify, CheckedProof, PreparedKey};

static KEY: LazyLock<PreparedKey> = LazyLock::new(|| {
    let key = development_key(CircuitId(4)).expect("a development key");
    admit(key, 1).expect("it is admitted")
});

fuzz_target!(|bytes: &[u8]| {
    if let Ok(proof) = CheckedProof::decode(bytes) {
        assert_eq!(bytes.len(), 128);
        assert_eq!(CheckedProof::from_bytes_trusted(&proof.to_bytes()), proof);
    }
    let mut statement = [0; 32];
    for (to, from) in statement.iter_mut().zip(bytes.iter().rev()) {
        *to = *from;
    }
    assert!(verify(&KEY, &[statement], bytes).is_err());
});

//! Stored keys that were cut, extended or changed do not make the reader panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use neurostore_verifier::PreparedKey;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(key) = PreparedKey::from_bytes_trusted(bytes) {
        assert_eq!(key.to_bytes().len(), bytes.len());
    }
});

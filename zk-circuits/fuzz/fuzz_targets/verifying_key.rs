//! Whatever is admitted as a verifying key has one stored form, and nothing makes admission panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use neurostore_verifier::{admit, PreparedKey};

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, bytes)) = bytes.split_first() else {
        return;
    };
    let inputs = usize::from(choice % 2) + 1;
    if let Ok(key) = admit(bytes, inputs) {
        assert_eq!(key.public_inputs(), inputs);
        assert_eq!(PreparedKey::from_bytes_trusted(&key.to_bytes()), Ok(key));
    }
});

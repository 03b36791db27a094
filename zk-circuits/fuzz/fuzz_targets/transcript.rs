//! A ceremony's document has one form: what is read is written again byte by byte.
#![no_main]

use libfuzzer_sys::fuzz_target;
use neurostore_setup::ceremony::Transcript;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(document) = Transcript::from_bytes(bytes) {
        assert_eq!(document.to_bytes().ok().as_deref(), Some(bytes));
    }
});

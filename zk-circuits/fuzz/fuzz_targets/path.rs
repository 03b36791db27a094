//! A Merkle path has one encoding.
#![no_main]

use libfuzzer_sys::fuzz_target;
use neurostore_poseidon::Path;
use parity_scale_codec::{Decode, Encode};

fuzz_target!(|bytes: &[u8]| {
    let mut rest = bytes;
    if let Ok(path) = Path::decode(&mut rest) {
        let read = bytes.len() - rest.len();
        assert_eq!(path.encode(), bytes[..read]);
    }
});

//! A `.ptau` from a stranger is refused or read.
#![no_main]

use std::io::Write;

use libfuzzer_sys::fuzz_target;
use neurostore_setup::ceremony::fuzzing::read_powers;

fuzz_target!(|bytes: &[u8]| {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(b"ptau\x01\0\0\0").expect("written");
    file.write_all(bytes).expect("written");
    for domain_size in [1, 16, 1 << 18] {
        drop(read_powers(file.path(), domain_size));
    }
});

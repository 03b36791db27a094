//! A `.zkey` from a stranger is refused or read, and takes no more memory than the circuit explains.
#![no_main]

use std::io::Write;

use libfuzzer_sys::fuzz_target;
use neurostore_setup::ceremony::fuzzing::read_zkey;

fuzz_target!(|bytes: &[u8]| {
    // A container as it begins, so that the fuzzer does not have to find that out.
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(b"zkey\x01\0\0\0").expect("written");
    file.write_all(bytes).expect("written");
    let read = read_zkey(file.path()).expect("the circuit of one sample");
    assert!(read.is_err(), "no key of a ceremony is this short");
});

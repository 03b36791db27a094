//! A tree cache has one encoding, and no bytes in it make a path panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use neurostore_poseidon::TreeCache;
use neurostore_primitives::ShardClass;

fuzz_target!(|input: (u8, u16, Vec<u8>)| {
    let (class, index, mut bytes) = input;
    let Some(class) = ShardClass::new(class % 8) else {
        return;
    };
    bytes.resize(TreeCache::encoded_len(class), 0);
    // Most random elements are above the modulus: clear their top bits.
    bytes.chunks_mut(32).for_each(|digest| digest[31] &= 0x2f);
    if let Ok(cache) = TreeCache::from_bytes(class, &bytes) {
        assert_eq!(cache.to_bytes(), bytes);
        let group = vec![7; 1024 * 16.min(class.leaves() as usize)];
        let _ = cache.path(index, &group);
    }
});

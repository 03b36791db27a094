//! The committed vectors pin every hash of this crate.
//!
//! `WRITE_VECTORS=1 cargo test -p neurostore-poseidon --test vectors` writes the file again; a
//! difference in it means another protocol.
#![allow(clippy::unwrap_used)]

use std::{env, fs, path::Path};

use ark_bn254::Fr;
use neurostore_poseidon::{
    compress, field_to_root, leaf_digest, permute12, permute4, shard_root, statement, zero_subtree,
};
use neurostore_primitives::{ShardClass, ShardRoot, LEAF_BYTES};
use serde_json::{json, Value};

fn text(element: Fr) -> String {
    hex::encode(field_to_root(element).0)
}

fn texts(elements: &[Fr]) -> Vec<String> {
    elements.iter().copied().map(text).collect()
}

fn permutations() -> Value {
    let four: [Fr; 4] = std::array::from_fn(|i| Fr::from(i as u64));
    let twelve: [Fr; 12] = std::array::from_fn(|i| Fr::from(i as u64));
    let (mut four_out, mut twelve_out) = (four, twelve);
    permute4(&mut four_out);
    permute12(&mut twelve_out);
    let (mut four_again, mut twelve_again) = (four_out, twelve_out);
    permute4(&mut four_again);
    permute12(&mut twelve_again);
    json!([
        { "width": 4, "input": texts(&four), "output": texts(&four_out) },
        { "width": 4, "input": texts(&four_out), "output": texts(&four_again) },
        { "width": 12, "input": texts(&twelve), "output": texts(&twelve_out) },
        { "width": 12, "input": texts(&twelve_out), "output": texts(&twelve_again) },
    ])
}

/// The byte at `position` of the pattern that leaves and shards are filled with.
fn pattern(position: u64) -> u8 {
    u8::try_from(position % 251).unwrap()
}

fn leaves() -> Value {
    let counting: [u8; LEAF_BYTES] = std::array::from_fn(|i| pattern(i as u64));
    json!([
        { "bytes": "all 0x00", "digest": text(leaf_digest(&[0; LEAF_BYTES])) },
        { "bytes": "all 0xff", "digest": text(leaf_digest(&[0xff; LEAF_BYTES])) },
        { "bytes": "byte i is i mod 251", "digest": text(leaf_digest(&counting)) },
    ])
}

fn nodes() -> Value {
    let children = [1u64, 2, 3, 4].map(Fr::from);
    json!({
        "compress": { "children": texts(&children), "digest": text(compress(&children)) },
        "empty_subtrees_by_level": (0..=8).map(|level| text(zero_subtree(level))).collect::<Vec<_>>(),
    })
}

fn roots() -> Value {
    let root = |class: u8| {
        let class = ShardClass::new(class).unwrap();
        let bytes: Vec<u8> = (0..class.shard_bytes()).map(pattern).collect();
        let (root, _) = shard_root(class, &bytes).unwrap();
        json!({ "class": class.get(), "bytes": "byte i is i mod 251", "root": hex::encode(root.0) })
    };
    [0, 1, 2, 3, 4, 5, 8, 10].map(root).to_vec().into()
}

fn statements() -> Value {
    let one = |samples: u8| {
        let context: [u8; 31] = std::array::from_fn(|i| pattern(i as u64));
        let roots: Vec<_> = (0..samples).map(|i| ShardRoot([i; 32])).collect();
        let leaves: Vec<_> = (0..u16::from(samples)).map(|i| i * 1000 + 7).collect();
        let statement = statement(&context, &roots, &leaves).unwrap();
        json!({
            "context": hex::encode(context),
            "roots": roots.iter().map(|root| hex::encode(root.0)).collect::<Vec<_>>(),
            "leaves": leaves,
            "statement": hex::encode(statement),
        })
    };
    [1, 4, 15, 16, 24, 48].map(one).to_vec().into()
}

#[test]
fn the_hashes_are_those_of_the_committed_vectors() {
    let computed = json!({
        "about": "Poseidon2 over the BN254 scalar field as NeuroStore uses it. Field elements are \
                  32 canonical little-endian bytes in hexadecimal.",
        "permutation": permutations(),
        "leaf": leaves(),
        "node": nodes(),
        "shard": roots(),
        "statement": statements(),
    });
    // Asked at run time: checkouts share what is built.
    let crate_folder = env::var_os("CARGO_MANIFEST_DIR").unwrap();
    let path = Path::new(&crate_folder).join("vectors/poseidon2-bn254.json");
    if env::var_os("WRITE_VECTORS").is_some() {
        fs::write(&path, format!("{computed:#}\n")).unwrap();
    }
    let committed: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    assert_eq!(computed, committed);
}

//! A shard to prove samples of.

use neurostore_poseidon::shard_root;
use neurostore_primitives::{statement_context, CircuitId, NodeId, ShardClass, WindowIndex};
use neurostore_prover::SampleWitness;

/// Any chain, node, window and seed.
pub(crate) fn context(circuit: CircuitId) -> [u8; 31] {
    statement_context(&[1; 32], NodeId(3), WindowIndex(9), &[2; 32], circuit)
}

/// As many samples of one shard as the circuit proves.
pub(crate) fn samples(circuit: CircuitId) -> Vec<SampleWitness> {
    let class = ShardClass::new(6).unwrap();
    let bytes: Vec<u8> = (0..class.shard_bytes())
        .map(|i| (i * 7 + i / 13) as u8)
        .collect();
    let (root, cache) = shard_root(class, &bytes).unwrap();
    let sample =
        |number: u16| SampleWitness::of_shard(&bytes, root, &cache, number * 13 % 64).unwrap();
    (0..circuit.0).map(sample).collect()
}

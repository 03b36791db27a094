//! Real proofs for what nodes of the mock hold.

use std::sync::LazyLock;

use frame_support::{dispatch::DispatchResultWithPostInfo, BoundedVec};
use neurostore_primitives::{NodeId, SampleInfo, WindowIndex};
use neurostore_prover::{Prover, SampleWitness};

use crate::{mock::*, *};

/// Deriving the key takes seconds: once for all tests.
static PROVER: LazyLock<Prover> = LazyLock::new(|| {
    let keys = tempfile::tempdir().unwrap();
    Prover::load(CIRCUIT, keys.path()).unwrap()
});

fn witness(sample: &SampleInfo) -> SampleWitness {
    let number = sample.segment.0[0];
    let bytes = content(number);
    let (root, cache) = hashed(number);
    SampleWitness::of_shard(&bytes, root, &cache, sample.leaf).unwrap()
}

/// Opens the node's next window and proves it.
pub(super) fn proven(node: NodeId) -> (WindowIndex, Vec<u8>) {
    run_to(opening(node));
    end_block();
    let proven = prove_open(node);
    begin_block();
    proven
}

/// Gives content to the members of `offsets` offsets in a row, opens their windows, and proves
/// them: node, window, proof.
pub(super) fn all_proven(offsets: u32) -> Vec<(NodeId, WindowIndex, Vec<u8>)> {
    let mut proofs = Vec::new();
    for offset in 0..offsets {
        let nodes = Members::<Test>::get(offset);
        nodes.iter().for_each(|node| give(*node, 1));
        run_to(WINDOW + offset);
        end_block();
        for node in nodes {
            let (window, proof) = prove_open(node);
            proofs.push((node, window, proof));
        }
        begin_block();
    }
    proofs
}

/// Proves the open window of a node, in the state of the block in which it opened.
fn prove_open(node: NodeId) -> (WindowIndex, Vec<u8>) {
    let challenge = Challenges::<Test>::get(node).unwrap();
    let samples = Spacetime::samples(node, challenge.window).unwrap();
    let witnesses: Vec<_> = samples.iter().map(witness).collect();
    let proven = PROVER.prove(&challenge.context, &witnesses).unwrap();
    assert_eq!(proven.statement, challenge.statement);
    (challenge.window, proven.proof.to_vec())
}

/// Another valid proof of the same statement: A and B times r and its inverse, for r = -1. The
/// negative of a point has its x, and the other sign in the highest bit of its encoding.
pub(super) fn rerandomised(proof: &[u8]) -> Vec<u8> {
    const ENDS_OF_A_AND_B: [usize; 2] = [31, 95];
    let mut other = proof.to_vec();
    for end in ENDS_OF_A_AND_B {
        other[end] ^= 0x80;
    }
    other
}

/// Hands in a proof.
pub(super) fn submit(
    node: NodeId,
    window: WindowIndex,
    proof: Vec<u8>,
) -> DispatchResultWithPostInfo {
    let proof = BoundedVec::try_from(proof).unwrap();
    let statement = statement_of(node);
    Spacetime::submit_proof(
        RuntimeOrigin::signed(account_of(node)),
        window,
        statement,
        proof,
    )
}

/// The statement of the node's challenge; zeros where it has none.
pub(super) fn statement_of(node: NodeId) -> [u8; 32] {
    Challenges::<Test>::get(node).map_or([0; 32], |challenge| challenge.statement)
}

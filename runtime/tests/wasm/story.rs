//! A chain brought natively to the block where a node has to prove, so that its transactions can
//! be given to the WASM runtime: fifteen nodes, one segment, one open window, all by real calls of
//! the real pallets.

// Tests and benches share this file, and each needs another part of it.
#![allow(dead_code)]

use std::path::Path;

use codec::{Decode, Encode};
use frame_support::{assert_ok, dispatch::GetDispatchInfo, BoundedVec};
use neurostore_poseidon::{shard_root, TreeCache};
use neurostore_primitives::{
    receipt_payload, ChallengeInfo, CircuitId, NodeId, Receipt, ReservationId, SampleInfo,
    SegmentId, ShardClass, SlotIndex, LEAF_BYTES, SAMPLES_DEVELOPMENT, TOTAL_SHARDS,
};
use neurostore_prover::{Prover, SampleWitness};
use neurostore_runtime::{
    AccountId, Placement, RuntimeCall, RuntimeOrigin, Spacetime, UncheckedExtrinsic,
};
use sp_core::Pair;
use sp_io::TestExternalities;

use crate::chain::{begin, end, genesis, local_chain, register, signed, taken_back, Node, Wasm};

/// Class of the segment's shards: four leaves.
const CLASS: u8 = 2;
/// The chain at the moment of the story.
pub(crate) struct Story {
    pub(crate) chain: TestExternalities,
    pub(crate) nodes: Vec<Node>,
    /// The node whose window is open.
    pub(crate) prover_node: NodeId,
    pub(crate) challenge: ChallengeInfo,
    pub(crate) samples: Vec<SampleInfo>,
    shards: Vec<(Vec<u8>, TreeCache)>,
    wasm: Wasm,
}

impl Story {
    /// Brings the chain to the open window.
    pub(crate) fn tell() -> Self {
        // Each proof in its call: what it says of the proof is what the call ends with.
        let mut chain = local_chain(|spacetime| spacetime["batchVerification"] = false.into());

        let shards: Vec<_> = (0..TOTAL_SHARDS).map(shard).collect();
        let (nodes, prover_node, challenge, samples) = chain.execute_with(|| {
            let mut block = 1;
            begin(block);
            let nodes: Vec<_> = (0..TOTAL_SHARDS).map(register).collect();
            let segment_reservation = reserve();
            while Placement::reservation_info(segment_reservation)
                .is_some_and(|info| info.slots.is_empty())
            {
                end(block);
                block += 1;
                begin(block);
            }
            commit(segment_reservation, &nodes, &shards);
            let challenge = loop {
                end(block);
                let open = nodes
                    .iter()
                    .filter_map(|node| Spacetime::next_challenge(node.id))
                    .find(|challenge| challenge.open);
                if let Some(challenge) = open {
                    break challenge;
                }
                block += 1;
                begin(block);
            };
            let samples = Spacetime::samples(challenge.node, challenge.window)
                .expect("the samples are read in the state of the opening block");
            begin(block + 1);
            (nodes, challenge.node, challenge, samples)
        });
        Self {
            chain,
            nodes,
            prover_node,
            challenge,
            samples,
            shards,
            wasm: Wasm::new(),
        }
    }

    /// The proof that answers the open challenge.
    pub(crate) fn prove(&self, key_dir: &Path) -> [u8; 128] {
        let prover = Prover::load(CircuitId(SAMPLES_DEVELOPMENT), key_dir).expect("a key");
        let proven = prover
            .prove(&self.challenge.context, &self.witnesses())
            .expect("the shards are all there");
        assert_eq!(proven.statement, self.challenge.statement);
        proven.proof
    }

    /// The sampled leaves with their paths.
    pub(crate) fn witnesses(&self) -> Vec<SampleWitness> {
        self.samples
            .iter()
            .map(|sample| {
                let (bytes, tree) = &self.shards[sample.slot.index()];
                let start = usize::from(sample.leaf) * LEAF_BYTES;
                let leaf: [u8; LEAF_BYTES] = bytes[start..start + LEAF_BYTES]
                    .try_into()
                    .expect("a whole leaf");
                SampleWitness {
                    leaf: Box::new(leaf),
                    index: sample.leaf,
                    path: tree.path(sample.leaf, bytes).expect("a path to every leaf"),
                    root: sample.root,
                }
            })
            .collect()
    }

    /// A signed `submit_proof` of the node with the open window.
    pub(crate) fn submit_proof(&mut self, proof: &[u8]) -> UncheckedExtrinsic {
        let call = self.answer(proof);
        self.send(call)
    }

    /// The call that hands in a proof for the open window.
    pub(crate) fn answer(&self, proof: &[u8]) -> RuntimeCall {
        RuntimeCall::Spacetime(pallet_spacetime::Call::submit_proof {
            window: self.challenge.window,
            statement: self.challenge.statement,
            proof: BoundedVec::truncate_from(proof.to_vec()),
        })
    }

    /// A call signed by the node with the open window.
    pub(crate) fn send(&mut self, call: RuntimeCall) -> UncheckedExtrinsic {
        let signer = self
            .nodes
            .iter()
            .find(|node| node.id == self.prover_node)
            .expect("one of ours")
            .account
            .clone();
        self.chain.execute_with(|| signed(call, &signer))
    }

    /// Applies an extrinsic in the WASM runtime and takes its changes back. Returns how the call
    /// itself ended.
    pub(crate) fn apply_in_wasm(
        &mut self,
        extrinsic: &UncheckedExtrinsic,
    ) -> sp_runtime::DispatchResult {
        self.try_in_wasm(extrinsic)
            .expect("the extrinsic is valid in itself")
    }

    /// Applies an extrinsic in the WASM runtime and takes its changes back. Returns how the call
    /// itself ended, or why it did not come to that.
    pub(crate) fn try_in_wasm(
        &mut self,
        extrinsic: &UncheckedExtrinsic,
    ) -> sp_runtime::ApplyExtrinsicResult {
        let input = extrinsic.encode();
        let output = self.call_wasm("BlockBuilder_apply_extrinsic", &input);
        sp_runtime::ApplyExtrinsicResult::decode(&mut &output[..]).expect("a result")
    }

    /// Calls the WASM runtime on this state and takes its changes back.
    pub(crate) fn call_wasm(&mut self, method: &str, input: &[u8]) -> Vec<u8> {
        let wasm = &self.wasm;
        self.chain
            .execute_with(|| taken_back(|| wasm.call(method, input)))
    }

    /// Weight that the runtime charges for a call.
    pub(crate) fn weight_of(
        &self,
        extrinsic: &UncheckedExtrinsic,
    ) -> frame_support::weights::Weight {
        extrinsic.get_dispatch_info().call_weight
    }
}

/// The bytes of the shard in `slot`, with its tree.
fn shard(slot: usize) -> (Vec<u8>, TreeCache) {
    let class = class();
    let len = usize::try_from(class.shard_bytes()).expect("small");
    let bytes: Vec<u8> = (0..len)
        .map(|i| ((i * 31 + slot * 7) % 251) as u8)
        .collect();
    let (_, tree) = shard_root(class, &bytes).expect("the length fits the class");
    (bytes, tree)
}

fn class() -> ShardClass {
    ShardClass::new(CLASS).expect("a class")
}

fn uploader() -> AccountId {
    sp_keyring::Sr25519Keyring::Bob.to_account_id()
}

fn reserve() -> ReservationId {
    assert_ok!(Placement::reserve(
        RuntimeOrigin::signed(uploader()),
        class(),
        40_000,
        3
    ));
    Placement::reservations_of(&uploader())[0]
}

fn commit(
    reservation: ReservationId,
    nodes: &[Node],
    shards: &[(Vec<u8>, TreeCache)],
) -> SegmentId {
    let info = Placement::reservation_info(reservation).expect("reserved");
    let genesis = genesis();
    let receipts: Vec<Receipt> = info
        .slots
        .iter()
        .map(|slot| {
            let node = nodes
                .iter()
                .find(|node| node.id == slot.node)
                .expect("one of ours");
            let (root, _) =
                shard_root(class(), &shards[slot.slot.index()].0).expect("the right length");
            let payload = receipt_payload(&genesis, reservation, slot.slot, class(), &root);
            Receipt {
                root,
                signature: node.account.sign(&payload).0,
            }
        })
        .collect();
    assert_eq!(receipts.len(), SlotIndex::all().count());
    let roots: Vec<_> = receipts.iter().map(|receipt| receipt.root).collect();
    assert_ok!(Placement::commit(
        RuntimeOrigin::signed(uploader()),
        reservation,
        BoundedVec::truncate_from(receipts),
    ));
    neurostore_primitives::segment_id(class(), 40_000, &roots.try_into().expect("fifteen"))
}

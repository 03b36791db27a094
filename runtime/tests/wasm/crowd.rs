//! A chain with more than a thousand nodes whose windows are all open, and a block full of their
//! proofs.
//!
//! The proofs are forged with the public secret of the development key: the verifier cannot tell
//! them from honest ones, and making them takes milliseconds instead of an hour.

// Tests and benches share this file, and each needs another part of it.
#![allow(dead_code)]

use std::time::{Duration, Instant};

use codec::{Decode, Encode};
use frame_support::{assert_ok, weights::Weight, BoundedVec};
use neurostore_primitives::{
    receipt_payload, CircuitId, Receipt, ReservationId, ShardClass, ShardRoot,
};
use neurostore_runtime::{
    configs::RuntimeBlockWeights, Header, Placement, Runtime, RuntimeCall, RuntimeOrigin,
    Spacetime, System, UncheckedExtrinsic,
};
use neurostore_setup::Forger;
use rand::{rngs::StdRng, SeedableRng};
use sp_consensus_babe::digests::{PreDigest, SecondaryVRFPreDigest};
use sp_core::{crypto::VrfSecret, Pair};
use sp_io::TestExternalities;
use sp_keyring::Sr25519Keyring;
use sp_runtime::{
    generic::DigestItem,
    traits::Header as _,
    transaction_validity::{InvalidTransaction, TransactionValidityError},
    ApplyExtrinsicResult,
};

use crate::chain::{
    begin, end, genesis, kept_if_ok, local_chain, register, signed, taken_back, Node, Wasm,
};

/// Blocks of a window, and one more than the time to answer: in the last block of the first window
/// nearly all windows are open, as after a stall of the chain, and none is missed yet.
const WINDOW: u32 = 200;
/// Windows that segments are paid for.
const PAID_WINDOWS: u32 = 5;

/// A chain with open windows, and the proofs that answer them.
pub(crate) struct Crowd {
    chain: TestExternalities,
    wasm: Wasm,
    submissions: Vec<UncheckedExtrinsic>,
    next_block: u32,
}

/// What a block took.
pub(crate) struct Full {
    /// Proofs that found place.
    pub(crate) proofs: usize,
    /// Proofs there were.
    pub(crate) offered: usize,
    /// Proofs accepted at its end.
    pub(crate) accepted: usize,
    /// Weight the block used.
    pub(crate) used: Weight,
    /// Weight a block may use.
    pub(crate) limit: Weight,
    /// Bytes of its transactions.
    pub(crate) bytes: usize,
    /// Time the author took.
    pub(crate) built: Duration,
    /// Time everybody else takes.
    pub(crate) executed: Duration,
}

impl Crowd {
    /// Registers `nodes` nodes, gives nearly each of them a shard, opens their windows for
    /// `circuit`, and forges their proofs.
    pub(crate) fn gather(nodes: usize, circuit: CircuitId) -> Self {
        let mut chain = local_chain(|spacetime| {
            spacetime["windowBlocks"] = WINDOW.into();
            spacetime["answerBlocks"] = (WINDOW - 1).into();
            spacetime["activeCircuit"] = circuit.0.into();
        });
        let (submissions, next_block) = chain.execute_with(|| {
            let mut block = 1;
            begin(block);
            let nodes: Vec<Node> = (0..nodes).map(register).collect();
            let segments = nodes.len() / 4;
            let mut stored = 0;
            while stored < segments {
                stored += store(&mut block, &nodes, (segments - stored).min(16));
            }
            assert!(block < WINDOW / 2, "stored in time");
            while block < WINDOW - 1 {
                next(&mut block);
            }
            let forger = Forger::new(circuit).expect("a development key");
            let mut rng = StdRng::seed_from_u64(1);
            let submissions = nodes
                .iter()
                .filter_map(|node| {
                    let challenge = Spacetime::next_challenge(node.id).filter(|next| next.open)?;
                    let proof = forger.forge(&challenge.statement, &mut rng)?;
                    let call = RuntimeCall::Spacetime(pallet_spacetime::Call::submit_proof {
                        window: challenge.window,
                        statement: challenge.statement,
                        proof: BoundedVec::truncate_from(proof.to_vec()),
                    });
                    Some(signed(call, &node.account))
                })
                .collect();
            end(block);
            (submissions, block + 1)
        });
        // Reads behind the overlay, as on a chain whose earlier blocks are in the database.
        chain.commit_all().expect("no transaction is open");
        Self {
            chain,
            wasm: Wasm::new(),
            submissions,
            next_block,
        }
    }

    /// Runs `blocks` blocks without transactions in WASM. Returns how many windows opened, and of
    /// how many the native code computes the statement that WASM stored.
    pub(crate) fn open_in_wasm(&mut self, blocks: u32) -> (usize, usize) {
        let (mut opened, mut agreed) = (0, 0);
        for number in self.next_block..self.next_block + blocks {
            let Self { chain, wasm, .. } = self;
            chain.execute_with(|| {
                wasm.call("Core_initialize_block", &header(number).encode());
                apply(wasm, &timestamp(number)).expect("the time is right");
                wasm.call("BlockBuilder_finalize_block", &[]);
                let mut open = |node, challenge: pallet_spacetime::Challenge| {
                    opened += 1;
                    agreed += usize::from(Spacetime::samples(node, challenge.window).is_some());
                };
                pallet_spacetime::Challenges::<Runtime>::iter()
                    .filter(|(_, challenge)| challenge.opened_at == number)
                    .for_each(|(node, challenge)| open(node, challenge));
            });
        }
        self.next_block += blocks;
        (opened, agreed)
    }

    /// Builds a block of at most `most` proofs as an author does, then executes it as everybody
    /// does.
    pub(crate) fn fill_block(&mut self, most: usize) -> Full {
        let Self {
            chain,
            wasm,
            submissions,
            next_block,
        } = self;
        let number = *next_block;
        chain.execute_with(|| {
            let header = header(number);
            let begun = Instant::now();
            let (block, proofs, used, accepted) = taken_back(|| {
                wasm.call("Core_initialize_block", &header.encode());
                let mut extrinsics = vec![timestamp(number)];
                apply(wasm, &extrinsics[0]).expect("the time is right");
                for submission in submissions.iter().take(most) {
                    match kept_if_ok(|| apply(wasm, submission)) {
                        Ok(()) => extrinsics.push(submission.clone()),
                        Err(TransactionValidityError::Invalid(
                            InvalidTransaction::ExhaustsResources,
                        )) => break,
                        Err(error) => panic!("a submission is refused: {error:?}"),
                    }
                }
                let sealed = wasm.call("BlockBuilder_finalize_block", &[]);
                let header = Header::decode(&mut &sealed[..]).expect("a header");
                let accepted = System::events()
                    .iter()
                    .filter(|record| {
                        matches!(
                            record.event,
                            neurostore_runtime::RuntimeEvent::Spacetime(
                                pallet_spacetime::Event::ProofAccepted { .. }
                            )
                        )
                    })
                    .count();
                let used = System::block_weight().total();
                let proofs = extrinsics.len() - 1;
                let block = neurostore_runtime::Block { header, extrinsics };
                (block, proofs, used, accepted)
            });
            let built = begun.elapsed();
            let encoded = block.encode();
            let begun = Instant::now();
            taken_back(|| wasm.call("Core_execute_block", &encoded));
            let executed = begun.elapsed();
            Full {
                proofs,
                offered: submissions.len(),
                accepted,
                used,
                limit: RuntimeBlockWeights::get().max_block,
                bytes: encoded.len(),
                built,
                executed,
            }
        })
    }
}

fn next(block: &mut u32) {
    end(*block);
    *block += 1;
    begin(*block);
}

/// Stores `count` segments of the smallest class; roots are any field elements, since nobody reads
/// the shards.
fn store(block: &mut u32, nodes: &[Node], count: usize) -> usize {
    let owner = Sr25519Keyring::Bob.to_account_id();
    let class = ShardClass::default();
    for _ in 0..count {
        assert_ok!(Placement::reserve(
            RuntimeOrigin::signed(owner.clone()),
            class,
            class.segment_bytes(),
            PAID_WINDOWS
        ));
    }
    let reservations = Placement::reservations_of(&owner);
    while reservations.iter().any(|id| !is_drawn(*id)) {
        next(block);
    }
    for reservation in &reservations {
        commit(*reservation, nodes);
    }
    reservations.len()
}

fn is_drawn(id: ReservationId) -> bool {
    Placement::reservation_info(id).is_none_or(|info| !info.slots.is_empty())
}

fn commit(reservation: ReservationId, nodes: &[Node]) {
    let info = Placement::reservation_info(reservation).expect("the nodes are drawn");
    let (class, genesis) = (ShardClass::default(), genesis());
    let receipts: Vec<Receipt> = info
        .slots
        .iter()
        .map(|slot| {
            let mut root = ShardRoot([0; 32]);
            root.0[..8].copy_from_slice(&reservation.0.to_le_bytes());
            root.0[8] = slot.slot.get();
            let node = &nodes[usize::try_from(slot.node.0).expect("small")];
            let payload = receipt_payload(&genesis, reservation, slot.slot, class, &root);
            Receipt {
                root,
                signature: node.account.sign(&payload).0,
            }
        })
        .collect();
    assert_ok!(Placement::commit(
        RuntimeOrigin::signed(Sr25519Keyring::Bob.to_account_id()),
        reservation,
        BoundedVec::truncate_from(receipts),
    ));
}

/// The header of a block that Alice makes in a slot of the same number.
pub(crate) fn header(number: u32) -> Header {
    let slot = u64::from(number).into();
    let randomness = pallet_babe::Randomness::<Runtime>::get();
    let sign_data = sp_consensus_babe::make_vrf_sign_data(&randomness, slot, 0);
    let pre_digest = PreDigest::SecondaryVRF(SecondaryVRFPreDigest {
        authority_index: 0,
        slot,
        vrf_signature: Sr25519Keyring::Alice.pair().vrf_sign(&sign_data),
    });
    let mut header = Header::new(
        number,
        Default::default(),
        Default::default(),
        sp_core::H256::repeat_byte(1),
        Default::default(),
    );
    header.digest_mut().push(DigestItem::PreRuntime(
        sp_consensus_babe::BABE_ENGINE_ID,
        pre_digest.encode(),
    ));
    header
}

fn timestamp(number: u32) -> UncheckedExtrinsic {
    let now = u64::from(number) * neurostore_runtime::MILLISECONDS_PER_BLOCK;
    let call = RuntimeCall::Timestamp(pallet_timestamp::Call::set { now });
    UncheckedExtrinsic::new_bare(call)
}

/// Applies a transaction; how its call ends is not asked.
fn apply(wasm: &Wasm, extrinsic: &UncheckedExtrinsic) -> Result<(), TransactionValidityError> {
    let output = wasm.call("BlockBuilder_apply_extrinsic", &extrinsic.encode());
    ApplyExtrinsicResult::decode(&mut &output[..])
        .expect("a result")
        .map(drop)
}

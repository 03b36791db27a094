//! Answers in a pool and in a block.

use std::collections::BTreeSet;

use codec::Encode;
use frame_support::{
    dispatch::{DispatchClass, GetDispatchInfo},
    BoundedVec,
};
use neurostore_primitives::{CircuitId, NodeId, WindowIndex};
use neurostore_runtime::{
    configs::RuntimeBlockWeights, presets, Executive, Nonce, Runtime, RuntimeCall, Spacetime,
    UncheckedExtrinsic,
};
use pallet_spacetime::{Challenge, Challenges, Cohort, Cohorts, ANSWER_BYTES};
use sp_core::H256;
use sp_runtime::transaction_validity::{TransactionSource, ValidTransaction};

use crate::{
    blocks::{begin, chain, end},
    chain::{register, signed_with, Node},
};

const OPENED_AT: u32 = 1;
const WINDOW: WindowIndex = WindowIndex(0);

/// Has the windows of two nodes open in block 1.
fn open_windows() -> Vec<Node> {
    begin(OPENED_AT);
    let nodes: Vec<_> = (0..2).map(register).collect();
    for node in &nodes {
        let challenge = Challenge {
            window: WINDOW,
            opened_at: OPENED_AT,
            circuit: CircuitId(4),
            statement: statement(node.id),
            context: [0; 31],
            refused: 0,
            answered: false,
        };
        Challenges::<Runtime>::insert(node.id, challenge);
    }
    let ids: Vec<_> = nodes.iter().map(|node| node.id).collect();
    let cohort = Cohort {
        full_before: 0,
        nodes: ids.try_into().unwrap(),
    };
    Cohorts::<Runtime>::insert(OPENED_AT, cohort);
    end();
    nodes
}

fn statement(node: NodeId) -> [u8; 32] {
    [node.0 as u8 + 1; 32]
}

fn answer(node: &Node, nonce: Nonce, proof: Vec<u8>) -> UncheckedExtrinsic {
    let call = RuntimeCall::Spacetime(pallet_spacetime::Call::submit_proof {
        window: WINDOW,
        statement: statement(node.id),
        proof: BoundedVec::truncate_from(proof),
    });
    signed_with(call, &node.account, nonce, 0)
}

/// What the runtime tells the pool of a transaction.
fn pooled(transaction: UncheckedExtrinsic) -> ValidTransaction {
    let external = TransactionSource::External;
    Executive::validate_transaction(external, transaction, H256::repeat_byte(1)).unwrap()
}

fn tags(valid: ValidTransaction) -> BTreeSet<Vec<u8>> {
    valid.provides.into_iter().collect()
}

#[test]
fn answers_of_one_window_conflict_in_the_pool_whatever_their_nonces() {
    chain(presets::LOCAL_TESTNET).execute_with(|| {
        let nodes = open_windows();
        let first = tags(pooled(answer(&nodes[0], 0, vec![1; 128])));
        let second = tags(pooled(answer(&nodes[0], 1, vec![2; 128])));
        let anothers = tags(pooled(answer(&nodes[1], 0, vec![1; 128])));
        assert_eq!(first.intersection(&second).count(), 1);
        assert!(first.is_disjoint(&anothers));
    });
}

#[test]
fn an_answer_leaves_the_pool_when_its_window_ends() {
    chain(presets::LOCAL_TESTNET).execute_with(|| {
        let nodes = open_windows();
        let valid = pooled(answer(&nodes[0], 0, vec![1; 128]));
        let (window_blocks, _) = Spacetime::window_and_answer_blocks();
        assert_eq!(
            valid.longevity,
            u64::from(OPENED_AT + window_blocks - 1 - OPENED_AT)
        );
    });
}

#[test]
fn a_block_that_has_room_for_an_answer_as_the_pallet_reckons_it_has_room_for_one() {
    chain(presets::LOCAL_TESTNET).execute_with(|| {
        let nodes = open_windows();
        let longest = answer(&nodes[0], 0, vec![1; 256]);
        let limits = RuntimeBlockWeights::get();
        let base = limits.get(DispatchClass::Operational).base_extrinsic;
        let charged = longest.get_dispatch_info().total_weight() + base;
        let reckoned = Spacetime::answer_weight();
        assert!(charged.all_lte(reckoned), "{charged} and not {reckoned}");
        assert!(reckoned.ref_time() < charged.ref_time() / 10 * 12);
        assert!(longest.encoded_size() <= ANSWER_BYTES as usize);
    });
}

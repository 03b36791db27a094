//! Answers that were not valid are remembered, though their calls leave nothing behind.

use frame_support::{dispatch::GetDispatchInfo, weights::Weight, BoundedVec};
use neurostore_primitives::{FaultReason, NodeId, WindowIndex, WindowOutcome};
use sp_runtime::traits::{DispatchTransaction, TransactionExtension};

use super::proving::statement_of;
use crate::{mock::*, *};

const NODE: NodeId = NodeId(0);

/// Sends an answer as a transaction does: through the extension.
fn transact(node: NodeId, window: WindowIndex, proof: Vec<u8>) -> bool {
    let proof = BoundedVec::try_from(proof).unwrap();
    let call = RuntimeCall::Spacetime(Call::submit_proof {
        window,
        statement: statement_of(node),
        proof,
    });
    let info = call.get_dispatch_info();
    let origin = RuntimeOrigin::signed(account_of(node));
    NoteRefusedProofs::<Test>::new()
        .dispatch_transaction(origin, call, &info, 0, 0)
        .unwrap()
        .is_ok()
}

fn reason_after(proof: Vec<u8>) -> Option<FaultReason> {
    let mut reason = None;
    ExtBuilder::default().build_and_execute(|| {
        give(NODE, 1);
        let window = open(NODE);
        assert!(!transact(NODE, window, proof));
        run_to(System::block_number() + ANSWER);
        if let Some(WindowOutcome::Missed { reason: why, .. }) = Spacetime::outcome(NODE, window) {
            reason = Some(why);
        }
    });
    reason
}

#[test]
fn a_window_that_was_answered_wrongly_is_missed_for_that() {
    assert_eq!(
        reason_after(vec![0xff; 128]),
        Some(FaultReason::InvalidAnswer)
    );
    assert_eq!(reason_after(vec![1; 127]), Some(FaultReason::InvalidAnswer));
}

#[test]
fn an_answer_for_another_window_is_no_answer() {
    ExtBuilder::default().build_and_execute(|| {
        give(NODE, 1);
        let window = open(NODE);
        transact(NODE, WindowIndex(window.0 + 1), vec![0xff; 128]);
        transact(NodeId(1), window, vec![0xff; 128]);
        transact(NodeId(77), window, vec![0xff; 128]);
        assert!(!Challenges::<Test>::get(NODE).unwrap().refused);
    });
}

#[test]
fn other_calls_pass_the_extension_without_a_trace() {
    ExtBuilder::default().build_and_execute(|| {
        let call = RuntimeCall::System(frame_system::Call::remark { remark: vec![1] });
        let extension = NoteRefusedProofs::<Test>::new();
        assert_eq!(extension.weight(&call), Weight::zero());
        let info = call.get_dispatch_info();
        let origin = RuntimeOrigin::signed(account_of(NODE));
        let done = extension.dispatch_transaction(origin, call, &info, 0, 0);
        assert!(done.unwrap().is_ok());
    });
}

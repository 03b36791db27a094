//! Answers that were not valid are remembered, though their calls leave nothing behind; and nobody
//! but nodes that answer uses the room of answers.

use frame_support::{
    dispatch::{DispatchClass, GetDispatchInfo},
    pallet_prelude::{
        InvalidTransaction, TransactionSource, TransactionValidityError, ValidTransaction,
    },
    weights::Weight,
    BoundedVec,
};
use neurostore_primitives::{FaultReason, NodeId, WindowIndex, WindowOutcome};
use sp_runtime::{
    traits::{DispatchTransaction, TransactionExtension},
    DispatchError,
};

use super::proving::{proven, statement_of, submit};
use crate::{mock::*, types::MOST_REFUSED_ANSWERS, *};

const NODE: NodeId = NodeId(0);

fn answer(window: WindowIndex, statement: [u8; 32], proof: Vec<u8>) -> RuntimeCall {
    RuntimeCall::Spacetime(Call::submit_proof {
        window,
        statement,
        proof: BoundedVec::try_from(proof).unwrap(),
    })
}

/// Sends an answer as a transaction does: through the extension. Returns whether its call was good,
/// or why it did not come to that.
fn transact(
    node: NodeId,
    window: WindowIndex,
    proof: Vec<u8>,
) -> Result<bool, TransactionValidityError> {
    let call = answer(window, statement_of(node), proof);
    let info = call.get_dispatch_info();
    let origin = RuntimeOrigin::signed(account_of(node));
    NoteRefusedProofs::<Test>::new()
        .dispatch_transaction(origin, call, &info, 0, 0)
        .map(|done| done.is_ok())
}

/// What the extension says of a call of `class` before it is sent.
fn validity(
    origin: RuntimeOrigin,
    call: &RuntimeCall,
    class: DispatchClass,
) -> Result<(), TransactionValidityError> {
    pooled(origin, call, class).map(drop)
}

/// What a pool is told of a call of `class`.
fn pooled(
    origin: RuntimeOrigin,
    call: &RuntimeCall,
    class: DispatchClass,
) -> Result<ValidTransaction, TransactionValidityError> {
    let mut info = call.get_dispatch_info();
    info.class = class;
    NoteRefusedProofs::<Test>::new()
        .validate_only(origin, call, &info, 0, TransactionSource::External, 0)
        .map(|(valid, ..)| valid)
}

/// The refusal of an answer whose call would end with `error`.
fn as_with(error: Error<Test>) -> TransactionValidityError {
    let DispatchError::Module(error) = DispatchError::from(error) else {
        panic!("an error of a pallet");
    };
    InvalidTransaction::Custom(error.error[0]).into()
}

fn reason_after(proof: Vec<u8>) -> Option<FaultReason> {
    let mut reason = None;
    ExtBuilder::default().build_and_execute(|| {
        give(NODE, 1);
        let window = open(NODE);
        assert_eq!(transact(NODE, window, proof), Ok(false));
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
        for (node, window, error) in [
            (NODE, WindowIndex(window.0 + 1), Error::WrongWindow),
            (NodeId(1), window, Error::NoOpenChallenge),
            (NodeId(77), window, Error::UnknownNode),
        ] {
            assert_eq!(transact(node, window, vec![0xff; 128]), Err(as_with(error)));
        }
        assert_eq!(Challenges::<Test>::get(NODE).unwrap().refused, 0);
    });
}

#[test]
fn answers_that_do_not_count_are_kept_out_and_the_one_that_does_is_let_in_once() {
    ExtBuilder::default().build_and_execute(|| {
        give(NODE, 1);
        let (window, proof) = proven(NODE);
        let statement = statement_of(NODE);
        let ask = |statement| {
            let origin = RuntimeOrigin::signed(account_of(NODE));
            let call = answer(window, statement, proof.clone());
            validity(origin, &call, call.get_dispatch_info().class)
        };
        assert_eq!(ask([7; 32]), Err(as_with(Error::OtherChallenge)));
        assert_eq!(ask(statement), Ok(()));
        submit(NODE, window, proof.clone()).unwrap();
        assert_eq!(ask(statement), Err(as_with(Error::AlreadyAnswered)));
        end_block();
        begin_block();
        assert_eq!(ask(statement), Err(as_with(Error::AlreadyProven)));
    });
}

#[test]
fn a_pool_holds_one_answer_of_a_node_and_window_until_the_window_ends() {
    ExtBuilder::default().build_and_execute(|| {
        let mut tags = std::collections::BTreeSet::new();
        for node in [NODE, NodeId(1)] {
            give(node, 1);
            let window = open(node);
            let tag = |proof| {
                let call = answer(window, statement_of(node), proof);
                let origin = RuntimeOrigin::signed(account_of(node));
                let valid = pooled(origin, &call, DispatchClass::Operational).unwrap();
                let opened_at = Challenges::<Test>::get(node).unwrap().opened_at;
                let last = System::block_number() - 1 + valid.longevity as u32;
                assert_eq!(last, opened_at + WINDOW - 1);
                valid.provides
            };
            let first = tag(vec![1; 128]);
            assert_eq!(first.len(), 1);
            assert_eq!(first, tag(vec![2; 128]));
            assert!(tags.insert(first));
        }
        run_to(opening(NODE) + 1);
        let window = Challenges::<Test>::get(NODE).unwrap().window;
        let call = answer(window, statement_of(NODE), vec![1; 128]);
        let origin = RuntimeOrigin::signed(account_of(NODE));
        let later = pooled(origin, &call, DispatchClass::Operational).unwrap();
        assert!(tags.insert(later.provides));
    });
}

#[test]
fn a_window_takes_few_answers_that_are_not_valid() {
    ExtBuilder::default().build_and_execute(|| {
        give(NODE, 1);
        let window = open(NODE);
        for _ in 0..MOST_REFUSED_ANSWERS {
            assert_eq!(transact(NODE, window, vec![0xff; 128]), Ok(false));
        }
        assert_eq!(
            transact(NODE, window, vec![0xff; 128]),
            Err(as_with(Error::RefusedTooOften))
        );
        assert!(!Spacetime::next_challenge(NODE).unwrap().open);
        check_explanation(NODE, window, "takes no more answers");
    });
}

#[test]
fn the_room_of_answers_is_for_answers_and_maintainers_alone() {
    ExtBuilder::default().build_and_execute(|| {
        give(NODE, 1);
        let (window, proof) = proven(NODE);
        let node = || RuntimeOrigin::signed(account_of(NODE));
        let own = RuntimeCall::System(frame_system::Call::set_heap_pages { pages: 8 });
        // As a call that carries others has the class of what it carries.
        let carrying = RuntimeCall::System(frame_system::Call::remark { remark: vec![1] });
        assert_eq!(own.get_dispatch_info().class, DispatchClass::Operational);
        let keep_out: Result<(), TransactionValidityError> = Err(InvalidTransaction::Call.into());
        for call in [&own, &carrying] {
            assert_eq!(validity(node(), call, DispatchClass::Operational), keep_out);
        }
        assert_eq!(validity(node(), &carrying, DispatchClass::Normal), Ok(()));
        let answer = answer(window, statement_of(NODE), proof);
        assert_eq!(
            validity(RuntimeOrigin::root(), &answer, DispatchClass::Operational),
            keep_out
        );

        MaintainerAccounts::set(&vec![account_of(NodeId(9))]);
        let maintainer = RuntimeOrigin::signed(account_of(NodeId(9)));
        assert_eq!(
            validity(maintainer.clone(), &own, DispatchClass::Operational),
            Ok(())
        );
        // His answers have to count as everybody's.
        assert_eq!(
            validity(maintainer, &answer, DispatchClass::Operational),
            Err(as_with(Error::UnknownNode))
        );
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

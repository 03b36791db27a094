//! What nodes and people are told.

use neurostore_primitives::{NodeId, WindowIndex};

use crate::mock::*;

const NODE: NodeId = NodeId(0);

#[test]
fn before_it_opens_a_challenge_is_announced() {
    ExtBuilder::default().build_and_execute(|| {
        let next = Spacetime::next_challenge(NODE).unwrap();
        assert!(!next.open);
        assert!(next.opens_at > System::block_number());
        assert_eq!(next.deadline, next.opens_at + ANSWER);
        assert_eq!((next.circuit, next.samples), (CIRCUIT, CIRCUIT.0));
        assert_eq!(next.statement, [0; 32]);
        assert_eq!(Spacetime::next_challenge(NodeId(9)), None);
    });
}

#[test]
fn an_open_challenge_is_shown_with_its_statement() {
    ExtBuilder::default().build_and_execute(|| {
        give(NODE, 1);
        let window = open(NODE);
        let info = Spacetime::next_challenge(NODE).unwrap();
        let stored = crate::Challenges::<Test>::get(NODE).unwrap();
        assert!(info.open);
        assert_eq!((info.window, info.opens_at), (window, stored.opened_at));
        assert_eq!(
            (info.statement, info.context),
            (stored.statement, stored.context)
        );
    });
}

#[test]
fn a_challenge_that_no_later_block_can_answer_is_not_shown_as_open() {
    ExtBuilder::default().build_and_execute(|| {
        give(NODE, 1);
        let window = open(NODE);
        let deadline = Spacetime::next_challenge(NODE).unwrap().deadline;
        run_to(deadline - 1);
        end_block();
        assert!(Spacetime::next_challenge(NODE).unwrap().open);
        begin_block();
        end_block();
        let next = Spacetime::next_challenge(NODE).unwrap();
        assert!(!next.open);
        assert_eq!(next.window, WindowIndex(window.0 + 1));
    });
}

#[test]
fn every_state_of_a_window_is_explained() {
    ExtBuilder::default().build_and_execute(|| {
        let check = |window, words| check_explanation(NODE, window, words);
        check_explanation(NodeId(9), WindowIndex(0), "not registered");
        check(WindowIndex(5), "has not opened yet");
        give(NODE, 1);
        let window = open(NODE);
        check(window, "waits for a proof of circuit 4");
        crate::Challenges::<Test>::mutate_extant(NODE, |open| open.refused = 1);
        check(window, "An answer that came was not valid");
        run_to(System::block_number() + ANSWER);
        check(window, "none was valid");
        let next = open(NODE);
        run_to(System::block_number() + ANSWER - 1);
        check(next, "counts as missed from the next block on");
        run_to(System::block_number() + 1);
        check(next, "no answer came until block");
        if let Some(before) = window.0.checked_sub(1) {
            check(WindowIndex(before), "Nothing is known");
        }
    });
}

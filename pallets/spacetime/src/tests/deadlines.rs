//! How long an answer counts, and what follows when none comes.

use frame_support::{dispatch::DispatchClass, weights::Weight};
use neurostore_primitives::{FaultReason, NodeId, WindowIndex, WindowOutcome};

use crate::{hooks::ANSWER_BYTES, mock::*, types::OUTCOMES_KEPT, *};

const NODE: NodeId = NodeId(0);

fn missed(window: WindowIndex) -> Option<WindowOutcome> {
    Spacetime::outcome(NODE, window)
}

#[test]
fn a_challenge_without_an_answer_is_missed_the_block_after_its_deadline() {
    ExtBuilder::default().build_and_execute(|| {
        give(NODE, 1);
        let window = open(NODE);
        let opened_at = System::block_number() - 1;
        run_to(opened_at + ANSWER);
        assert!(Challenges::<Test>::contains_key(NODE));
        run_to(opened_at + ANSWER + 1);
        assert!(!Challenges::<Test>::contains_key(NODE));
        assert_eq!(
            told(),
            [
                Told::Opened(NODE, window),
                Told::Missed(NODE, window),
                Told::Sick(NODE),
            ]
        );
        let reason = FaultReason::NoAnswer;
        let at = opened_at + ANSWER + 1;
        assert_eq!(missed(window), Some(WindowOutcome::Missed { at, reason }));
        System::assert_last_event(
            Event::WindowMissed {
                node: NODE,
                window,
                reason,
            }
            .into(),
        );
    });
}

#[test]
fn the_clock_stands_still_while_blocks_are_full() {
    ExtBuilder::default().build_and_execute(|| {
        give(NODE, 1);
        let window = open(NODE);
        let opened_at = System::block_number() - 1;
        run_full_to(opened_at + 4);
        assert_eq!(
            Spacetime::next_challenge(NODE).unwrap().deadline,
            opened_at + ANSWER + 3
        );
        run_to(opened_at + ANSWER + 3);
        assert_eq!(missed(window), None);
        run_to(opened_at + ANSWER + 4);
        assert!(missed(window).is_some());
        assert!(told().contains(&Told::Sick(NODE)));
    });
}

/// Whether a block counts as full after `fill` used what it likes of it.
fn is_full(fill: impl FnOnce()) -> bool {
    let before = FullBlocks::<Test>::get();
    fill();
    end_block();
    begin_block();
    FullBlocks::<Test>::get() > before
}

#[test]
fn a_block_full_of_bytes_is_full_too() {
    ExtBuilder::default().build_and_execute(|| {
        let most = *TestBlockLength::get().max.get(DispatchClass::Operational);
        let bytes = |bytes: u32| {
            move || System::set_block_consumed_resources(Weight::zero(), bytes as usize)
        };
        assert!(!is_full(bytes(most - ANSWER_BYTES)));
        assert!(is_full(bytes(most - ANSWER_BYTES + 1)));
    });
}

#[test]
fn a_block_is_full_only_where_one_more_answer_has_no_room() {
    ExtBuilder::default().build_and_execute(|| {
        let limits = TestBlockWeights::get();
        let (all, answer) = (limits.max_block, Spacetime::answer_weight());
        let a_bit = Weight::from_parts(1, 0);
        let answers = |weight| move || use_block(weight, DispatchClass::Operational);
        assert!(!is_full(answers(all - answer)));
        assert!(is_full(answers(all - answer + a_bit)));

        // Whatever the others took, a quarter is kept for answers.
        let kept = limits.get(DispatchClass::Operational).reserved.unwrap();
        let beside = |weight| {
            move || {
                use_block(all, DispatchClass::Normal);
                use_block(weight, DispatchClass::Operational);
            }
        };
        assert!(!is_full(beside(kept - answer)));
        assert!(is_full(beside(kept - answer + a_bit)));
    });
}

#[test]
fn blocks_that_were_full_before_the_opening_give_no_time() {
    ExtBuilder::default().build_and_execute(|| {
        give(NODE, 1);
        let opens_at = opening(NODE);
        run_full_to(opens_at + 1);
        run_to(opens_at + ANSWER + 1);
        assert!(missed(WindowIndex(opens_at / WINDOW)).is_some());
    });
}

#[test]
fn nobody_is_blamed_where_a_whole_window_was_full() {
    ExtBuilder::default().build_and_execute(|| {
        give(NODE, 1);
        let window = open(NODE);
        let opened_at = System::block_number() - 1;
        run_full_to(opened_at + WINDOW - 1);
        assert_eq!(missed(window), None, "the last block of the window");
        run_full_to(opened_at + WINDOW);
        assert!(missed(window).is_some(), "closed before the next opens");
        assert!(told().contains(&Told::Missed(NODE, window)));
        assert!(!told().contains(&Told::Sick(NODE)));
    });
}

#[test]
fn many_challenges_that_end_together_are_closed_over_several_blocks() {
    // Two nodes open in every block; six full blocks stop the clock for all that are open.
    ExtBuilder::default().nodes(20).build_and_execute(|| {
        (0..20).for_each(|node| give(NodeId(node), 1));
        run_to(3 * WINDOW);
        run_full_to(3 * WINDOW + 6);
        let mut most = 0;
        for _ in 0..3 * WINDOW {
            let before = System::event_count();
            end_block();
            let opened = System::event_count() - before;
            let before = System::event_count();
            begin_block();
            let closed = System::event_count() - before;
            assert_eq!(opened, 2);
            most = most.max(closed);
        }
        assert_eq!(most, 2 * crate::closings::COHORTS_CLOSED_PER_BLOCK);
    });
}

#[test]
fn random_fullness_never_lets_a_challenge_outlive_its_window() {
    ExtBuilder::default().nodes(20).build_and_execute(|| {
        (0..20).for_each(|node| give(NodeId(node), 1));
        let mut state: u32 = 7;
        // The invariants are checked at the beginning of every block.
        for _ in 0..60 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let until = System::block_number() + 1 + (state >> 16) % 13;
            if state >> 31 == 0 {
                run_full_to(until);
            } else {
                run_to(until);
            }
        }
        let opened = told()
            .iter()
            .filter(|t| matches!(t, Told::Opened(..)))
            .count();
        let missed = told()
            .iter()
            .filter(|t| matches!(t, Told::Missed(..)))
            .count();
        assert_eq!(opened, missed + Challenges::<Test>::iter().count());
    });
}

#[test]
fn the_latest_windows_are_remembered() {
    ExtBuilder::default().build_and_execute(|| {
        give(NODE, 1);
        let first = open(NODE);
        run_to((first.0 + OUTCOMES_KEPT + 1) * WINDOW);
        assert_eq!(Outcomes::<Test>::get(NODE).len() as u32, OUTCOMES_KEPT);
        let last = Outcomes::<Test>::get(NODE).last().unwrap().0;
        assert!(missed(last).is_some());
        run_to((first.0 + OUTCOMES_KEPT + 3) * WINDOW);
        assert_eq!(missed(first), None);
    });
}

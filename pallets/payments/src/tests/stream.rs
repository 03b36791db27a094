//! Streams on their own.

use proptest::prelude::*;

use crate::Stream;

fn stream(credit: u128, ticks: u32) -> Stream {
    let mut stream = Stream::default();
    stream.add(credit, 100, ticks);
    stream
}

#[test]
fn a_credit_is_released_in_steps_of_two_blocks() {
    let stream = stream(1_000, 10);
    let free: Vec<_> = (100..106).map(|now| stream.withdrawable(now)).collect();
    assert_eq!(free, [0, 0, 100, 100, 200, 200]);
}

#[test]
fn a_stream_ends_with_all_of_its_credit_free() {
    let stream = stream(1_003, 10);
    assert_eq!(stream.withdrawable(119), 902);
    assert_eq!(stream.withdrawable(120), 1_003);
    assert_eq!(stream.withdrawable(u32::MAX), 1_003);
    assert_eq!(stream.streaming(120), 0);
}

#[test]
fn a_stream_of_no_ticks_is_free_at_once() {
    assert_eq!(stream(77, 0).withdrawable(100), 77);
}

#[test]
fn settling_keeps_the_part_of_a_tick_that_has_passed() {
    let mut stream = stream(1_000, 10);
    stream.settle(103);
    assert_eq!(stream.withdrawable(103), 100);
    assert_eq!(stream.withdrawable(104), 200);
}

#[test]
fn a_new_credit_streams_out_with_the_rest_of_the_last() {
    let mut stream = stream(1_000, 10);
    stream.add(500, 104, 10);
    assert_eq!(stream.withdrawable(104), 200);
    assert_eq!(stream.streaming(104), 1_300);
    assert_eq!(stream.withdrawable(106), 330);
    assert_eq!(stream.withdrawable(124), 1_500);
}

#[test]
fn what_is_taken_is_not_free_twice() {
    let mut stream = stream(1_000, 10);
    assert_eq!(stream.take_withdrawable(104), 200);
    assert_eq!(stream.take_withdrawable(104), 0);
    assert_eq!(stream.take_withdrawable(105), 0);
    assert_eq!(stream.take_withdrawable(106), 100);
    assert_eq!(stream.total(), 700);
}

/// Something that happens to a stream.
#[derive(Clone, Debug)]
enum Step {
    Wait(u32),
    Add(u128, u32),
    Settle,
    Take,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0u32..50).prop_map(Step::Wait),
        (0u128..10_000, 0u32..40).prop_map(|(amount, ticks)| Step::Add(amount, ticks)),
        Just(Step::Settle),
        Just(Step::Take),
    ]
}

proptest! {
    #[test]
    fn nothing_is_lost_or_made_and_nothing_free_is_taken_back(
        steps in proptest::collection::vec(step(), 0..60),
    ) {
        let mut stream = Stream::default();
        let (mut now, mut added, mut taken) = (1u32, 0u128, 0u128);
        for step in steps {
            let free = stream.withdrawable(now);
            match step {
                Step::Wait(blocks) => now += blocks,
                Step::Add(amount, ticks) => {
                    stream.add(amount, now, ticks);
                    added += amount;
                }
                Step::Settle => stream.settle(now),
                Step::Take => {
                    let amount = stream.take_withdrawable(now);
                    prop_assert_eq!(amount, free);
                    taken += amount;
                }
            }
            prop_assert_eq!(stream.total() + taken, added);
            prop_assert_eq!(stream.withdrawable(now) + stream.streaming(now), stream.total());
            if !matches!(step, Step::Take) {
                prop_assert!(stream.withdrawable(now) >= free);
            }
        }
        prop_assert_eq!(stream.withdrawable(now + 200), stream.total());
    }

    #[test]
    fn settling_often_frees_no_more_than_settling_once(
        credit in 0u128..1_000_000, ticks in 1u32..200, blocks in proptest::collection::vec(0u32..9, 0..40),
    ) {
        let once = stream(credit, ticks);
        let mut often = once;
        let mut now = 100;
        for wait in blocks {
            now += wait;
            often.settle(now);
            // Rounding may hold back a planck for each settlement, and never gives one early.
            prop_assert!(often.withdrawable(now) <= once.withdrawable(now));
        }
        prop_assert_eq!(often.withdrawable(100 + 2 * ticks), credit);
    }
}

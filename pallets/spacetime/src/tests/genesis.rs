//! What a chain may begin with.

use neurostore_verifier::KeyOrigin;

use crate::{mock::*, *};

#[test]
fn genesis_sets_windows_and_keys() {
    ExtBuilder::default().build_and_execute(|| {
        assert_eq!(Spacetime::window_and_answer_blocks(), (WINDOW, ANSWER));
        assert_eq!(ActiveCircuit::<Test>::get(), Some(CIRCUIT));
        let record = VerifyingKeys::<Test>::get(CIRCUIT).unwrap();
        assert_eq!(record.origin, KeyOrigin::Development);
        assert_eq!(record.retired_at, None);
    });
}

#[test]
#[should_panic(expected = "answered before the next one opens")]
fn an_answer_time_as_long_as_the_window_is_refused() {
    ExtBuilder::default()
        .genesis(|genesis| genesis.answer_blocks = WINDOW)
        .build_and_execute(|| {});
}

#[test]
#[should_panic(expected = "verifying key 4 of genesis")]
fn a_live_chain_does_not_begin_with_a_development_key() {
    ExtBuilder::default()
        .genesis(|genesis| genesis.development_keys = false)
        .build_and_execute(|| {});
}

#[test]
#[should_panic(expected = "active circuit 24 of genesis")]
fn the_active_circuit_of_genesis_has_a_key() {
    ExtBuilder::default()
        .genesis(|genesis| genesis.active_circuit = Some(24))
        .build_and_execute(|| {});
}

#[test]
fn the_hooks_fit_into_a_block() {
    ExtBuilder::default().build_and_execute(Spacetime::check_config);
}

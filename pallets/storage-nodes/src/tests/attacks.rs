//! Registrations of machines that are not the caller's.

use frame_support::assert_noop;
use sp_core::Pair as _;

use crate::{mock::*, Error};

#[test]
fn a_registration_seen_on_the_wire_does_not_fit_another_operator() {
    run(|| {
        let honest = draft(1);
        let mut thief = honest.clone();
        thief.operator = operator(2);
        assert_noop!(
            thief.submit_with(honest.peer_proof(&GENESIS), honest.account_proof(&GENESIS)),
            Error::<Test>::BadPeerProof
        );
    });
}

#[test]
fn a_peer_key_of_another_machine_is_refused() {
    run(|| {
        let mine = draft(1);
        let mut claimed = mine.clone();
        claimed.peer = draft(2).peer;
        assert_noop!(
            claimed.submit_with(mine.peer_proof(&GENESIS), claimed.account_proof(&GENESIS)),
            Error::<Test>::BadPeerProof
        );
    });
}

#[test]
fn an_account_of_another_machine_is_refused() {
    run(|| {
        let mine = draft(1);
        let mut claimed = mine.clone();
        claimed.account = draft(2).account;
        assert_noop!(
            claimed.submit_with(claimed.peer_proof(&GENESIS), mine.account_proof(&GENESIS)),
            Error::<Test>::BadAccountProof
        );
    });
}

#[test]
fn proofs_for_another_chain_are_refused() {
    run(|| {
        let draft = draft(1);
        let other = [70; 32];
        assert_noop!(
            draft.submit_with(draft.peer_proof(&other), draft.account_proof(&GENESIS)),
            Error::<Test>::BadPeerProof
        );
        assert_noop!(
            draft.submit_with(draft.peer_proof(&GENESIS), draft.account_proof(&other)),
            Error::<Test>::BadAccountProof
        );
    });
}

#[test]
fn a_signature_over_other_bytes_is_refused() {
    run(|| {
        let draft = draft(1);
        assert_noop!(
            draft.submit_with(draft.peer.sign(b"").0, draft.account_proof(&GENESIS)),
            Error::<Test>::BadPeerProof
        );
        assert_noop!(
            draft.submit_with(draft.peer_proof(&GENESIS), draft.account.sign(b"").0),
            Error::<Test>::BadAccountProof
        );
        assert_noop!(
            draft.submit_with([0; 64], [0; 64]),
            Error::<Test>::BadPeerProof
        );
    });
}

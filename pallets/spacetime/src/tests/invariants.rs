//! What the checks of the state find.

use frame_support::{assert_ok, BoundedVec};
use neurostore_primitives::NodeId;

use super::{
    lost_keys::{restore_the_key, set_medium, MEDIUM},
    proving::all_proven,
    unreadable::{damage, queue, DAMAGES},
};
use crate::{mock::*, *};

fn found(words: &str) {
    let error = Spacetime::do_try_state().unwrap_err();
    assert!(format!("{error:?}").contains(words), "{error:?}");
}

#[test]
fn what_cannot_be_read_is_found_by_the_checks_of_the_state() {
    ExtBuilder::default().nodes(20).build_and_execute(|| {
        for how in DAMAGES {
            let whole = PreparedKeys::<Test>::get(CIRCUIT).unwrap();
            damage(how);
            found("a prepared key cannot be read");
            PreparedKeys::<Test>::insert(CIRCUIT, whole);
        }
        let raw = RawKeys::<Test>::take(CIRCUIT).unwrap();
        found("a raw key is missing");
        let other = BoundedVec::try_from(development_key(MEDIUM)).unwrap();
        RawKeys::<Test>::insert(CIRCUIT, other);
        found("a raw key is not the one that was set");
        RawKeys::<Test>::insert(CIRCUIT, raw);

        let proofs = all_proven(1);
        queue(&proofs);
        let whole = Queue::<Test>::get(0).unwrap();
        Queue::<Test>::mutate_extant(0, |queued| queued.answer[0] = 0xff);
        found("a queued proof cannot be read");
        let mut taken = whole.taken().unwrap();
        taken.proof = [0xff; 128];
        Queue::<Test>::insert(0, QueuedProof::new(taken).unwrap());
        found("a queued proof has unsound points");
        Queue::<Test>::insert(0, whole);
    });
}

#[test]
fn records_that_cannot_be_decoded_are_found() {
    ExtBuilder::default().build_and_execute(|| {
        let node = NodeId(0);
        give(node, 1);
        open(node);
        let opened_at = Challenges::<Test>::get(node).unwrap().opened_at;
        for (key, words) in [
            (
                Challenges::<Test>::hashed_key_for(node),
                "a challenge cannot be read",
            ),
            (
                Cohorts::<Test>::hashed_key_for(opened_at + WINDOW),
                "a cohort cannot be read",
            ),
            (
                VerifyingKeys::<Test>::hashed_key_for(MEDIUM),
                "the record of a key cannot be read",
            ),
            (
                RawKeys::<Test>::hashed_key_for(CIRCUIT),
                "a raw key is not the one that was set",
            ),
            (
                PreparedKeys::<Test>::hashed_key_for(CIRCUIT),
                "a prepared key cannot be read",
            ),
        ] {
            let before = sp_io::storage::get(&key);
            sp_io::storage::set(&key, b"k");
            found(words);
            match before {
                Some(whole) => sp_io::storage::set(&key, &whole),
                None => sp_io::storage::clear(&key),
            }
        }
    });
}

#[test]
fn a_prepared_key_in_which_a_part_is_anothers_is_found() {
    ExtBuilder::default().build_and_execute(|| {
        set_medium();
        let whole = PreparedKeys::<Test>::get(CIRCUIT).unwrap();
        let other = PreparedKeys::<Test>::get(MEDIUM).unwrap();
        PreparedKeys::<Test>::insert(CIRCUIT, &other);
        found("a prepared key is not made of its raw one");
        // What names the key is its own, the last line of what is computed with is not.
        let mut mixed = whole.clone();
        let last = mixed.bytes.len() - 32;
        mixed.bytes[last..].copy_from_slice(&other.bytes[last..]);
        mixed.hash = sp_io::hashing::blake2_256(&mixed.bytes);
        assert_eq!(mixed.read().unwrap().id(), whole.read().unwrap().id());
        PreparedKeys::<Test>::insert(CIRCUIT, mixed);
        found("a prepared key is not made of its raw one");
        PreparedKeys::<Test>::insert(CIRCUIT, whole);
    });
}

#[test]
fn a_key_that_is_not_prepared_and_does_not_wait_for_it_is_found() {
    ExtBuilder::default().build_and_execute(|| {
        let whole = PreparedKeys::<Test>::take(CIRCUIT).unwrap();
        found("a key that is not prepared");
        KeysToPrepare::<Test>::put(BoundedVec::truncate_from(vec![CIRCUIT]));
        assert_ok!(Spacetime::do_try_state());
        KeysToPrepare::<Test>::kill();
        PreparedKeys::<Test>::insert(CIRCUIT, whole);
    });
}

#[test]
fn keys_that_nobody_set_are_found() {
    ExtBuilder::default().build_and_execute(|| {
        KeysToPrepare::<Test>::put(BoundedVec::truncate_from(vec![MEDIUM]));
        found("a key that nobody set is to be prepared");
        KeysToPrepare::<Test>::kill();
        let raw = RawKeys::<Test>::get(CIRCUIT).unwrap();
        RawKeys::<Test>::insert(MEDIUM, raw);
        found("a key that nobody set is stored");
        RawKeys::<Test>::remove(MEDIUM);
        let prepared = PreparedKeys::<Test>::get(CIRCUIT).unwrap();
        PreparedKeys::<Test>::insert(MEDIUM, prepared);
        found("a key that nobody set is stored");
        PreparedKeys::<Test>::remove(MEDIUM);
    });
}

#[test]
fn a_lost_key_is_a_state_that_a_chain_may_be_in() {
    ExtBuilder::default().build_and_execute(|| {
        PreparedKeys::<Test>::remove(CIRCUIT);
        RawKeys::<Test>::remove(CIRCUIT);
        assert_ok!(Spacetime::do_try_state());
        run_to(WINDOW);
        restore_the_key();
    });
}

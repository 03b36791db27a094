//! When sessions change, and when that is a change for GRANDPA.

use neurostore_runtime::{
    configs::EpochDuration, presets, Block, BlockNumber, Grandpa, Header, Historical, Runtime,
    RuntimeOrigin, Session, SessionKeys,
};
use sp_consensus_babe::runtime_decl_for_babe_api::BabeApiV2;
use sp_core::{ed25519, sr25519, Get, Pair};
use sp_runtime::DigestItem;

use crate::blocks::{begin, chain, end};

/// Runs up to the end of a block, and returns in which blocks GRANDPA was told of new voters.
fn run(from: BlockNumber, to: BlockNumber) -> Vec<BlockNumber> {
    let tells_voters = |header: &Header| {
        header.digest.logs().iter().any(|log| {
            matches!(log, DigestItem::Consensus(engine, _)
                if *engine == sp_consensus_grandpa::GRANDPA_ENGINE_ID)
        })
    };
    let block = |number| {
        begin(number);
        end()
    };
    (from..=to)
        .map(block)
        .filter(tells_voters)
        .map(|header| header.number)
        .collect()
}

fn other_keys() -> SessionKeys {
    SessionKeys {
        babe: sr25519::Pair::from_string("//Other", None)
            .unwrap()
            .public()
            .into(),
        grandpa: ed25519::Pair::from_string("//Other", None)
            .unwrap()
            .public()
            .into(),
    }
}

#[test]
fn a_session_takes_an_hour_on_a_live_chain_and_a_minute_on_a_local_one() {
    for (preset, slots) in [
        (presets::LIVE, 600),
        (presets::DEVELOPMENT, 10),
        (presets::LOCAL_TESTNET, 10),
        (presets::LOCAL_PRODUCTION, 10),
    ] {
        chain(preset).execute_with(|| {
            assert_eq!(EpochDuration::get(), slots, "{preset}");
            // What a node reads of genesis and reckons every epoch with.
            let for_nodes = <Runtime as BabeApiV2<Block>>::configuration();
            assert_eq!(for_nodes.epoch_length, slots, "{preset}");
        });
    }
}

#[test]
fn sessions_change_as_often_as_genesis_says() {
    chain(presets::LOCAL_TESTNET).execute_with(|| {
        run(1, 10);
        assert_eq!(Session::current_index(), 0);
        run(11, 11);
        assert_eq!(Session::current_index(), 1);
        run(12, 41);
        assert_eq!(Session::current_index(), 4);
    });
}

#[test]
fn a_session_with_the_same_validators_and_keys_is_no_change_for_grandpa() {
    chain(presets::LOCAL_TESTNET).execute_with(|| {
        assert_eq!(run(1, 60), [] as [BlockNumber; 0]);
        assert_eq!(Session::current_index(), 5);
        assert_eq!(Grandpa::current_set_id(), 0);
        // Equivocations of every session can be proven all the same.
        let roots: Vec<_> = (1..=6).map(Historical::historical_root).collect();
        assert!(roots[0].is_some());
        assert!(roots.iter().all(|root| *root == roots[0]));
    });
}

#[test]
fn other_keys_of_a_validator_are_a_change_for_grandpa_and_for_proofs_of_equivocation() {
    chain(presets::LOCAL_TESTNET).execute_with(|| {
        run(1, 15);
        begin(16);
        let validator = Session::validators()[0].clone();
        let keys = other_keys();
        // What `set_keys` leaves behind, without a proof that somebody has them.
        pallet_session::NextKeys::<Runtime>::insert(validator, keys.clone());
        end();
        // Queued at the next change of sessions, in force at the one after.
        assert_eq!(run(17, 60), [31]);
        assert_eq!(Grandpa::current_set_id(), 1);
        assert!(Grandpa::grandpa_authorities()
            .iter()
            .any(|(key, _)| *key == keys.grandpa));
        let root = Historical::historical_root;
        assert_eq!(root(1), root(2));
        assert_ne!(root(2), root(3));
        assert_eq!(root(3), root(4));
    });
}

#[test]
fn a_validator_without_keys_is_a_change_wherever_it_stands() {
    for place in [0, 3] {
        chain(presets::LOCAL_TESTNET).execute_with(|| {
            begin(1);
            let validator = Session::validators()[place].clone();
            Session::purge_keys(RuntimeOrigin::signed(validator)).unwrap();
            end();
            assert_eq!(run(2, 30), [21]);
            assert_eq!(Session::validators().len(), 3);
            assert_eq!(pallet_session::QueuedKeys::<Runtime>::get().len(), 3);
        });
    }
}

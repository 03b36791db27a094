//! Verifying keys and the active circuit.

use frame_support::{assert_noop, assert_ok, BoundedVec};
use neurostore_primitives::CircuitId;
use neurostore_verifier::KeyOrigin;
use sp_runtime::DispatchError;

use crate::{mock::*, *};

const MEDIUM: CircuitId = CircuitId(24);
const CEREMONY: KeyOrigin = KeyOrigin::Ceremony {
    transcript: [7; 32],
};

fn set(circuit: CircuitId, origin: KeyOrigin, key: Vec<u8>) -> sp_runtime::DispatchResult {
    let key = BoundedVec::try_from(key).unwrap();
    Spacetime::set_verifying_key(RuntimeOrigin::root(), circuit, origin, key)
}

fn set_medium() -> sp_runtime::DispatchResult {
    set(MEDIUM, KeyOrigin::Development, development_key(MEDIUM))
}

#[test]
fn an_admitted_key_is_recorded_with_its_hash() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(set_medium());
        let key_hash = sp_io::hashing::blake2_256(&development_key(MEDIUM));
        let record = VerifyingKeys::<Test>::get(MEDIUM).unwrap();
        assert_eq!((record.key_hash, record.active_from), (key_hash, 1));
        System::assert_last_event(
            Event::VerifyingKeySet {
                circuit: MEDIUM,
                origin: KeyOrigin::Development,
                key_hash,
            }
            .into(),
        );
    });
}

#[test]
fn only_root_touches_keys() {
    ExtBuilder::default().build_and_execute(|| {
        let nobody = || RuntimeOrigin::signed(account_of(neurostore_primitives::NodeId(0)));
        let key = BoundedVec::try_from(development_key(MEDIUM)).unwrap();
        assert_noop!(
            Spacetime::set_verifying_key(nobody(), MEDIUM, KeyOrigin::Development, key),
            DispatchError::BadOrigin
        );
        assert_noop!(
            Spacetime::retire_verifying_key(nobody(), CIRCUIT),
            DispatchError::BadOrigin
        );
        assert_noop!(
            Spacetime::set_active_circuit(nobody(), CIRCUIT),
            DispatchError::BadOrigin
        );
    });
}

#[test]
fn a_development_key_needs_the_consent_of_genesis_and_of_the_runtime() {
    ExtBuilder::default().build_and_execute(|| {
        DevelopmentRuntime::set(&false);
        assert_noop!(set_medium(), Error::<Test>::DevelopmentKeyRefused);
        DevelopmentRuntime::set(&true);
        DevelopmentKeysAllowed::<Test>::put(false);
        assert_noop!(set_medium(), Error::<Test>::DevelopmentKeyRefused);
    });
}

#[test]
fn a_development_key_does_not_pass_as_a_ceremony() {
    ExtBuilder::default().build_and_execute(|| {
        assert_noop!(
            set(MEDIUM, CEREMONY, development_key(MEDIUM)),
            Error::<Test>::DevelopmentKeyRefused
        );
    });
}

#[test]
fn a_key_that_is_made_from_a_development_key_does_not_pass_as_a_ceremony() {
    ExtBuilder::default().build_and_execute(|| {
        // The last byte of delta has its sign.
        let mut negated = development_key(MEDIUM);
        negated[223] ^= 0x80;
        assert_noop!(
            set(MEDIUM, CEREMONY, negated),
            Error::<Test>::DevelopmentKeyRefused
        );
    });
}

#[test]
fn a_key_that_is_damaged_is_not_admitted() {
    ExtBuilder::default().build_and_execute(|| {
        let set = |key| set(MEDIUM, KeyOrigin::Development, key);
        let mut short = development_key(MEDIUM);
        short.pop();
        assert_noop!(set(short), Error::<Test>::KeyNotAdmitted);
        let mut flipped = development_key(MEDIUM);
        flipped[3] ^= 1;
        assert_noop!(set(flipped), Error::<Test>::KeyNotAdmitted);
    });
}

#[test]
fn a_circuit_has_between_one_and_48_samples() {
    ExtBuilder::default().build_and_execute(|| {
        for circuit in [0, 49] {
            assert_noop!(
                set(
                    CircuitId(circuit),
                    KeyOrigin::Development,
                    development_key(MEDIUM)
                ),
                Error::<Test>::CircuitOutOfRange
            );
        }
    });
}

#[test]
fn a_key_in_use_is_not_replaced() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(set_medium());
        assert_noop!(set_medium(), Error::<Test>::CircuitInUse);
        assert_ok!(Spacetime::retire_verifying_key(
            RuntimeOrigin::root(),
            MEDIUM
        ));
        run_to(WINDOW);
        assert_noop!(set_medium(), Error::<Test>::CircuitInUse);
        run_to(WINDOW + 1);
        assert_ok!(set_medium());
    });
}

#[test]
fn the_active_circuit_is_not_retired() {
    ExtBuilder::default().build_and_execute(|| {
        let retire = |circuit| Spacetime::retire_verifying_key(RuntimeOrigin::root(), circuit);
        assert_noop!(retire(CIRCUIT), Error::<Test>::CircuitInUse);
        assert_noop!(retire(MEDIUM), Error::<Test>::UnknownCircuit);
        assert_ok!(set_medium());
        assert_ok!(retire(MEDIUM));
        System::assert_last_event(Event::VerifyingKeyRetired { circuit: MEDIUM }.into());
        assert_noop!(retire(MEDIUM), Error::<Test>::CircuitRetired);
    });
}

#[test]
fn only_a_circuit_with_a_key_in_force_becomes_active() {
    ExtBuilder::default().build_and_execute(|| {
        let activate = |circuit| Spacetime::set_active_circuit(RuntimeOrigin::root(), circuit);
        assert_noop!(activate(MEDIUM), Error::<Test>::UnknownCircuit);
        assert_ok!(set_medium());
        assert_ok!(activate(MEDIUM));
        System::assert_last_event(Event::ActiveCircuitSet { circuit: MEDIUM }.into());
        assert_ok!(Spacetime::retire_verifying_key(
            RuntimeOrigin::root(),
            CIRCUIT
        ));
        assert_noop!(activate(CIRCUIT), Error::<Test>::CircuitRetired);
    });
}

#[test]
fn the_key_of_a_ceremony_is_asked_for_only_after_its_notice() {
    ExtBuilder::default().build_and_execute(|| {
        let circuit = CircuitId(5);
        let key = include_bytes!("../../../../zk-circuits/setup/tests/fixtures/ceremony-4/4.vk");
        let key = BoundedVec::try_from(key.to_vec()).unwrap();
        let root = RuntimeOrigin::root;
        assert_ok!(Spacetime::set_verifying_key(root(), circuit, CEREMONY, key));
        let active_from = VerifyingKeys::<Test>::get(circuit).unwrap().active_from;
        assert_eq!(active_from, System::block_number() + NOTICE);
        run_to(active_from - 1);
        assert_noop!(
            Spacetime::set_active_circuit(root(), circuit),
            Error::<Test>::CircuitNotYetActive
        );
        run_to(active_from);
        assert_ok!(Spacetime::set_active_circuit(root(), circuit));
    });
}

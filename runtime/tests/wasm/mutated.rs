//! A hundred thousand changed proofs and a thousand changed keys: the WASM runtime gives every one
//! the verdict of native code, takes no proof, and never traps.
//!
//! In parts, so that they run side by side.

#[path = "../../../zk-circuits/verifier/tests/hostile/mutations.rs"]
mod mutations;

use codec::{Decode, Encode};
use frame_support::BoundedVec;
use mutations::{Mutator, KEY, PROOF};
use neurostore_primitives::{CircuitId, SAMPLES_MEDIUM, SAMPLES_PRODUCTION};
use neurostore_runtime::{RuntimeCall, RuntimeEvent, System};
use neurostore_setup::Forger;
use neurostore_verifier::{admit, development_key, verify, KeyOrigin};
use rand::{rngs::StdRng, SeedableRng};
use sp_keyring::Sr25519Keyring;

use crate::chain::{begin, local_chain, signed, taken_back, Wasm};

const CIRCUIT: CircuitId = CircuitId(SAMPLES_PRODUCTION);
/// Proofs that mutations start from.
const ORIGINALS: u8 = 16;
const PROOFS_PER_PART: usize = 25_000;
const KEYS: usize = 1_000;

fn statement(number: usize) -> [u8; 32] {
    let mut statement = [0; 32];
    statement[0] = u8::try_from(number).expect("few originals");
    statement
}

fn changed_proofs_are_refused(seed: u64) {
    let forger = Forger::new(CIRCUIT).expect("a development key");
    let mut rng = StdRng::seed_from_u64(seed);
    let originals: Vec<Vec<u8>> = (0..usize::from(ORIGINALS))
        .map(|number| {
            forger
                .forge(&statement(number), &mut rng)
                .expect("canonical")
        })
        .map(Vec::from)
        .collect();
    let key = development_key(CIRCUIT).expect("a development key");
    let key = admit(key, 1).expect("it is admitted");
    let wasm = Wasm::new();
    let mut mutator = Mutator::new(seed);
    local_chain(|_| {}).execute_with(|| {
        let ask = |number: usize, proof: &[u8]| {
            let input = (CIRCUIT, statement(number), proof).encode();
            let output = wasm.call("SpacetimeApi_check_proof", &input);
            Result::<(), Vec<u8>>::decode(&mut &output[..]).expect("an answer")
        };
        assert_eq!(ask(3, &originals[3]), Ok(()));
        let mut refused = 0;
        while refused < PROOFS_PER_PART {
            let Some((number, kind, proof)) = mutator.mutate(PROOF, &originals) else {
                continue;
            };
            let native = verify(&key, &[statement(number)], &proof)
                .expect_err(&format!("native took {kind:?} of proof {number}"));
            let said = ask(number, &proof).expect_err(&format!("{kind:?} of proof {number}"));
            assert_eq!(String::from_utf8_lossy(&said), native.to_string());
            refused += 1;
        }
    });
}

#[test]
fn changed_proofs_are_refused_as_in_native_code_first_part() {
    changed_proofs_are_refused(101);
}

#[test]
fn changed_proofs_are_refused_as_in_native_code_second_part() {
    changed_proofs_are_refused(102);
}

#[test]
fn changed_proofs_are_refused_as_in_native_code_third_part() {
    changed_proofs_are_refused(103);
}

#[test]
fn changed_proofs_are_refused_as_in_native_code_fourth_part() {
    changed_proofs_are_refused(104);
}

#[test]
fn changed_keys_have_the_verdict_of_native_code() {
    let originals: Vec<Vec<u8>> = [SAMPLES_MEDIUM, SAMPLES_PRODUCTION]
        .iter()
        .filter_map(|samples| development_key(CircuitId(*samples)))
        .map(<[u8]>::to_vec)
        .collect();
    let wasm = Wasm::new();
    let mut mutator = Mutator::new(7);
    let (mut taken, mut refused) = (0, 0);
    local_chain(|_| {}).execute_with(|| {
        begin(1);
        while taken + refused < KEYS {
            let Some((_, kind, key)) = mutator.mutate(KEY, &originals) else {
                continue;
            };
            // What a call can carry; longer ones do not decode.
            let Ok(bounded) = BoundedVec::try_from(key.clone()) else {
                continue;
            };
            let set = pallet_spacetime::Call::set_verifying_key {
                circuit: CircuitId(7),
                key_origin: KeyOrigin::Development,
                key: bounded,
            };
            let call = RuntimeCall::Sudo(pallet_sudo::Call::sudo {
                call: Box::new(RuntimeCall::Spacetime(set)),
            });
            let extrinsic = signed(call, &Sr25519Keyring::Alice.pair());
            let in_wasm = taken_back(|| {
                System::reset_events();
                wasm.call("BlockBuilder_apply_extrinsic", &extrinsic.encode());
                System::events()
                    .into_iter()
                    .find_map(|record| match record.event {
                        RuntimeEvent::Sudo(pallet_sudo::Event::Sudid { sudo_result }) => {
                            Some(sudo_result.is_ok())
                        }
                        _ => None,
                    })
            });
            let native = admit(&key, 1).is_ok();
            assert_eq!(in_wasm, Some(native), "{kind:?} of a key");
            if native {
                taken += 1;
            } else {
                refused += 1;
            }
        }
    });
    // A point in the place of another, or its negative, makes another sound key.
    assert!(
        refused > KEYS / 2 && taken < KEYS / 4,
        "{taken} taken, {refused} refused"
    );
}

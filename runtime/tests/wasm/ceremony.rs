//! A live chain takes the key of a ceremony and believes proofs under it, in WASM.
//!
//! The ceremony is the small one of `zk-circuits/setup/tests/fixtures`: two contributions and a
//! beacon, for the circuit of four samples.

use codec::{Decode, Encode};
use neurostore_primitives::CircuitId;
use neurostore_runtime::{presets, WASM_BINARY};
use sp_io::TestExternalities;

use crate::chain::Wasm;

const CIRCUIT: CircuitId = CircuitId(4);
const KEY: &[u8] = include_bytes!("../../../zk-circuits/setup/tests/fixtures/ceremony-4/4.vk");
const TRANSCRIPT: &[u8] =
    include_bytes!("../../../zk-circuits/setup/tests/fixtures/ceremony-4/ceremony-4.json");
const STATEMENT: [u8; 32] =
    *include_bytes!("../../../zk-circuits/setup/tests/fixtures/ceremony-4/statement");
const PROOF: [u8; 128] =
    *include_bytes!("../../../zk-circuits/setup/tests/fixtures/ceremony-4/proof");

fn live_chain() -> TestExternalities {
    let runtimes =
        sc_chain_spec::GenesisConfigBuilderRuntimeCaller::<sp_io::SubstrateHostFunctions>::new(
            WASM_BINARY.expect("the tests need the WASM runtime"),
        );
    let live = presets::LIVE.to_string();
    let mut preset = runtimes
        .get_named_preset(Some(&live))
        .expect("the preset exists");
    let transcript = sp_io::hashing::sha2_256(TRANSCRIPT);
    preset["spacetime"]["verifyingKeys"] = serde_json::json!([[CIRCUIT.0, KEY, transcript]]);
    preset["spacetime"]["activeCircuit"] = CIRCUIT.0.into();
    let storage = runtimes
        .get_storage_for_patch(preset)
        .expect("a live chain takes the key of a ceremony");
    TestExternalities::new(storage)
}

fn verdict(statement: [u8; 32], proof: &[u8]) -> Result<(), String> {
    live_chain().execute_with(|| {
        let input = (CIRCUIT, statement, proof).encode();
        let output = Wasm::new().call("SpacetimeApi_check_proof", &input);
        let said = Result::<(), Vec<u8>>::decode(&mut &output[..]).expect("an answer");
        said.map_err(|text| String::from_utf8(text).expect("words"))
    })
}

#[test]
fn a_live_chain_believes_a_proof_under_the_key_of_a_ceremony() {
    assert_eq!(verdict(STATEMENT, &PROOF), Ok(()));
}

#[test]
fn and_no_other_proof() {
    let mut other = STATEMENT;
    other[0] ^= 1;
    assert!(verdict(other, &PROOF).is_err());
    assert!(verdict(STATEMENT, &PROOF[..127]).is_err());
    let mut flipped = PROOF;
    flipped[3] ^= 1;
    assert!(verdict(STATEMENT, &flipped).is_err());
}

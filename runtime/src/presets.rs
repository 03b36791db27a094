//! Genesis presets: `development` (one validator), `local_testnet` (four), `local_production` (the
//! same, proving with the production circuit), `live` (the empty base of a real network's chain
//! specification).

use alloc::{format, string::String, vec, vec::Vec};
use neurostore_primitives::{CircuitId, SAMPLES_DEVELOPMENT, SAMPLES_MEDIUM, SAMPLES_PRODUCTION};
use serde_json::{json, Value};
use sp_core::{ed25519, sr25519, Pair};
use sp_genesis_builder::PresetId;
use sp_keyring::Sr25519Keyring;

use crate::{
    configs::BABE_GENESIS_EPOCH_CONFIG, AccountId, Balance, SessionKeys, MILLI_NEURO, NEURO,
};

/// One validator, one minute of windows, well-known keys.
pub const DEVELOPMENT: &str = sp_genesis_builder::DEV_RUNTIME_PRESET;
/// Four validators, one minute of windows, well-known keys.
pub const LOCAL_TESTNET: &str = sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET;
/// Like [`LOCAL_TESTNET`], with the production circuit and windows of four minutes: sixteen nodes
/// on one small machine need that long to prove.
pub const LOCAL_PRODUCTION: &str = "local_production";
/// No accounts, no validators, no sudo, no development keys: a network adds its own.
pub const LIVE: &str = "live";

/// Sessions of an hour: what is decided once in a session, as who makes blocks, changes a few times a
/// day and gives everybody time to see it coming.
const LIVE_EPOCH_SLOTS: u64 = 600;
/// Sessions of a minute: a person sees several of them, and so does a test.
const LOCAL_EPOCH_SLOTS: u64 = 10;

/// The validators of local networks.
const LOCAL_VALIDATORS: [&str; 4] = ["Alice", "Bob", "Charlie", "Dave"];
/// Given to each well-known account of a development chain.
const ENDOWMENT: Balance = 1_000_000 * NEURO;
/// Rent of a GiB of shard for a window: on a live chain of hourly windows about 0.7 NEURO a month.
const PRICE_PER_GIB_WINDOW: Balance = MILLI_NEURO;
/// Operators `//Operator//0` and on that development chains endow, so that a whole network of
/// storage nodes can be started by one command.
const DEVELOPMENT_OPERATORS: u32 = 32;

/// The names of all presets.
pub fn preset_names() -> Vec<PresetId> {
    vec![
        PresetId::from(DEVELOPMENT),
        PresetId::from(LOCAL_TESTNET),
        PresetId::from(LOCAL_PRODUCTION),
        PresetId::from(LIVE),
    ]
}

/// The preset `id` as JSON bytes.
pub fn get_preset(id: &PresetId) -> Option<Vec<u8>> {
    let preset = match id.as_ref() {
        DEVELOPMENT => development_chain(&["Alice"], quick_proofs()),
        LOCAL_TESTNET => development_chain(&LOCAL_VALIDATORS, quick_proofs()),
        LOCAL_PRODUCTION => development_chain(&LOCAL_VALIDATORS, production_proofs()),
        LIVE => live(),
        _ => return None,
    };
    serde_json::to_vec(&preset).ok()
}

/// Windows of a minute, so that a person sees a proof soon; the 4-sample circuit, so that a laptop
/// can run a whole network.
fn quick_proofs() -> Value {
    proofs(10, 8, SAMPLES_DEVELOPMENT)
}

fn production_proofs() -> Value {
    proofs(40, 38, SAMPLES_PRODUCTION)
}

fn proofs(window_blocks: u32, answer_blocks: u32, circuit: u16) -> Value {
    json!({
        "windowBlocks": window_blocks,
        "answerBlocks": answer_blocks,
        "developmentKeys": true,
        "verifyingKeys": development_keys(),
        "activeCircuit": circuit,
    })
}

fn development_chain(validators: &[&str], spacetime: Value) -> Value {
    let endowed: Vec<(AccountId, Balance)> = Sr25519Keyring::well_known()
        .map(|key| key.to_account_id())
        .chain((0..DEVELOPMENT_OPERATORS).filter_map(|i| account(&format!("//Operator//{i}"))))
        .map(|account| (account, ENDOWMENT))
        .collect();
    let keys: Vec<(AccountId, AccountId, SessionKeys)> = validators
        .iter()
        .filter_map(|name| {
            let seed = format!("//{name}");
            let account = account(&seed)?;
            Some((account.clone(), account, session_keys(&seed)?))
        })
        .collect();

    json!({
        "balances": { "balances": endowed },
        "babe": { "epochConfig": BABE_GENESIS_EPOCH_CONFIG },
        "epochs": { "slots": LOCAL_EPOCH_SLOTS },
        "session": { "keys": keys },
        "sudo": { "key": Sr25519Keyring::Alice.to_account_id() },
        "payments": { "pricePerGibWindow": PRICE_PER_GIB_WINDOW },
        "spacetime": spacetime,
    })
}

fn live() -> Value {
    json!({
        "babe": { "epochConfig": BABE_GENESIS_EPOCH_CONFIG },
        "epochs": { "slots": LIVE_EPOCH_SLOTS },
        "payments": { "pricePerGibWindow": PRICE_PER_GIB_WINDOW },
        // Keys of a ceremony are added before the launch, or set by root after it.
        "spacetime": { "windowBlocks": 600, "answerBlocks": 300, "developmentKeys": false },
    })
}

/// Circuit, key, and the hash of its ceremony's transcript.
type Key = (u16, &'static [u8], Option<[u8; 32]>);

/// The verifying keys whose trapdoor everybody knows.
fn development_keys() -> Vec<Key> {
    [SAMPLES_DEVELOPMENT, SAMPLES_MEDIUM, SAMPLES_PRODUCTION]
        .into_iter()
        .filter_map(|samples| {
            neurostore_verifier::development_key(CircuitId(samples)).map(|key| (samples, key, None))
        })
        .collect()
}

/// The account of a well-known secret.
fn account(suri: &str) -> Option<AccountId> {
    sr25519::Pair::from_string(suri, None)
        .ok()
        .map(|pair| pair.public().into())
}

/// The session keys of a well-known secret.
fn session_keys(suri: &str) -> Option<SessionKeys> {
    let suri: String = suri.into();
    Some(SessionKeys {
        babe: sr25519::Pair::from_string(&suri, None)
            .ok()?
            .public()
            .into(),
        grandpa: ed25519::Pair::from_string(&suri, None)
            .ok()?
            .public()
            .into(),
    })
}

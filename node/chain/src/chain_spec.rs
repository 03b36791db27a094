//! Chain specifications: the presets of the runtime with the token's properties.

use neurostore_primitives::NEURO_DECIMALS;
use neurostore_runtime::{presets, SS58_PREFIX, WASM_BINARY};
use sc_service::{ChainType, Properties};

/// The chain specification: no extensions.
pub(crate) type ChainSpec = sc_service::GenericChainSpec;

/// One validator, for a single machine.
pub(crate) fn development() -> Result<ChainSpec, String> {
    build(
        "NeuroStore Development",
        "neurostore_dev",
        ChainType::Development,
        presets::DEVELOPMENT,
    )
}

/// Four validators with well-known keys, for a network of processes on one machine.
pub(crate) fn local() -> Result<ChainSpec, String> {
    build(
        "NeuroStore Local",
        "neurostore_local",
        ChainType::Local,
        presets::LOCAL_TESTNET,
    )
}

/// The same network with the production circuit and longer windows.
pub(crate) fn local_production() -> Result<ChainSpec, String> {
    build(
        "NeuroStore Local, production circuit",
        "neurostore_local_production",
        ChainType::Local,
        presets::LOCAL_PRODUCTION,
    )
}

/// The base of a live network: without validators and accounts, which its founders add.
pub(crate) fn live() -> Result<ChainSpec, String> {
    build("NeuroStore", "neurostore", ChainType::Live, presets::LIVE)
}

fn build(name: &str, id: &str, kind: ChainType, preset: &str) -> Result<ChainSpec, String> {
    let wasm = WASM_BINARY.ok_or(
        "this binary was built with SKIP_WASM_BUILD and carries no runtime: build it without, \
         or pass a raw chain specification with --chain",
    )?;
    let mut properties = Properties::new();
    properties.insert("tokenSymbol".into(), "NEURO".into());
    properties.insert("tokenDecimals".into(), NEURO_DECIMALS.into());
    properties.insert("ss58Format".into(), SS58_PREFIX.into());

    Ok(ChainSpec::builder(wasm, None)
        .with_name(name)
        .with_id(id)
        .with_chain_type(kind)
        .with_protocol_id("neurostore")
        .with_properties(properties)
        .with_genesis_config_preset_name(preset)
        .build())
}

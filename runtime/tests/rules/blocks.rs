//! A chain from one of the presets, and its blocks.

use neurostore_runtime::{
    presets, BlockNumber, Executive, Header, RuntimeCall, RuntimeGenesisConfig, UncheckedExtrinsic,
    MILLISECONDS_PER_BLOCK,
};
use sp_io::TestExternalities;
use sp_runtime::BuildStorage;

use crate::crowd::header;

/// The chain that begins with a preset.
pub(crate) fn chain(preset: &str) -> TestExternalities {
    let patch = presets::get_preset(&preset.into()).unwrap();
    let mut genesis = serde_json::to_value(RuntimeGenesisConfig::default()).unwrap();
    sc_chain_spec::json_merge(&mut genesis, serde_json::from_slice(&patch).unwrap());
    let genesis: RuntimeGenesisConfig = serde_json::from_value(genesis).unwrap();
    genesis.build_storage().unwrap().into()
}

/// Begins a block, in the slot of the same number.
pub(crate) fn begin(number: BlockNumber) {
    Executive::initialize_block(&header(number));
    let now = u64::from(number) * MILLISECONDS_PER_BLOCK;
    let call = RuntimeCall::Timestamp(pallet_timestamp::Call::set { now });
    apply(UncheckedExtrinsic::new_bare(call));
}

/// Applies a transaction whose call is good.
pub(crate) fn apply(transaction: UncheckedExtrinsic) {
    Executive::apply_extrinsic(transaction).unwrap().unwrap();
}

/// Ends the block that was begun.
pub(crate) fn end() -> Header {
    Executive::finalize_block()
}

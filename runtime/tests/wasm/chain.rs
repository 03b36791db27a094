//! A chain whose blocks run natively by real calls of the real pallets, and its WASM runtime.

// Tests and benches share this file, and each needs another part of it.
#![allow(dead_code)]

use std::borrow::Cow;

use codec::Encode;
use frame_support::{
    assert_ok,
    traits::{OnFinalize, OnInitialize},
};
use neurostore_primitives::{
    node_account_payload, peer_key_payload, CountryCode, NodeClass, NodeId,
};
use neurostore_runtime::{
    presets, AccountId, Balance, Balances, BlockNumber, Nonce, Payments, Placement, Runtime,
    RuntimeCall, RuntimeOrigin, SignedPayload, Spacetime, StorageNodes, System, TxExtension,
    UncheckedExtrinsic, NEURO, WASM_BINARY,
};
use sc_executor::WasmExecutor;
use sp_core::{
    ed25519, sr25519,
    traits::{CallContext, CodeExecutor, RuntimeCode, WrappedRuntimeCode},
    Pair, H256,
};
use sp_io::TestExternalities;
use sp_runtime::{generic::Era, traits::IdentifyAccount, MultiSigner};

/// Operators that the development presets endow.
pub(crate) const OPERATORS: usize = 32;
/// Room each node offers.
const CAPACITY_LEAVES: u64 = 4 << 20;

type Runtimes =
    sc_chain_spec::GenesisConfigBuilderRuntimeCaller<'static, sp_io::SubstrateHostFunctions>;

/// A node and the key it signs with.
pub(crate) struct Node {
    pub(crate) id: NodeId,
    pub(crate) account: sr25519::Pair,
}

/// The genesis of the local preset, with `spacetime` settings changed.
pub(crate) fn local_chain(change: impl FnOnce(&mut serde_json::Value)) -> TestExternalities {
    let runtimes = Runtimes::new(code());
    let mut preset = runtimes
        .get_named_preset(Some(&presets::LOCAL_TESTNET.to_string()))
        .expect("the preset exists");
    change(&mut preset["spacetime"]);
    let storage = runtimes
        .get_storage_for_patch(preset)
        .expect("the preset builds");
    let mut chain = TestExternalities::new(storage);
    chain.register_extension(sp_core::traits::ReadRuntimeVersionExt::new(executor()));
    chain
}

fn code() -> &'static [u8] {
    WASM_BINARY.expect("the tests need the WASM runtime")
}

fn executor() -> WasmExecutor<sp_io::SubstrateHostFunctions> {
    WasmExecutor::builder().build()
}

/// The runtime as nodes run it.
pub(crate) struct Wasm {
    executor: WasmExecutor<sp_io::SubstrateHostFunctions>,
    hash: Vec<u8>,
}

impl Wasm {
    pub(crate) fn new() -> Self {
        Self {
            executor: executor(),
            hash: sp_io::hashing::blake2_256(code()).to_vec(),
        }
    }

    /// Calls the runtime on the state of the surrounding externalities.
    pub(crate) fn call(&self, method: &str, input: &[u8]) -> Vec<u8> {
        let fetcher = WrappedRuntimeCode(Cow::Borrowed(code()));
        let runtime_code = RuntimeCode {
            code_fetcher: &fetcher,
            heap_pages: None,
            hash: self.hash.clone(),
        };
        sp_externalities::with_externalities(|chain| {
            let context = CallContext::Onchain { import: false };
            let (output, _) = self
                .executor
                .call(chain, &runtime_code, method, input, context);
            output.expect("the runtime does not trap")
        })
        .expect("inside externalities")
    }
}

/// Does something and takes its changes of the state back.
pub(crate) fn taken_back<R>(work: impl FnOnce() -> R) -> R {
    with_state(|state| state.storage_start_transaction());
    let result = work();
    with_state(|state| {
        state
            .storage_rollback_transaction()
            .expect("a transaction was started");
    });
    result
}

/// Does something and keeps its changes of the state only where it succeeds, as a block's author
/// does with every transaction.
pub(crate) fn kept_if_ok<R, E>(work: impl FnOnce() -> Result<R, E>) -> Result<R, E> {
    with_state(|state| state.storage_start_transaction());
    let result = work();
    with_state(|state| {
        let ended = match &result {
            Ok(_) => state.storage_commit_transaction(),
            Err(_) => state.storage_rollback_transaction(),
        };
        ended.expect("a transaction was started");
    });
    result
}

fn with_state(work: impl FnOnce(&mut dyn sp_externalities::Externalities)) {
    sp_externalities::with_externalities(work).expect("inside externalities");
}

pub(crate) fn account_of(pair: &sr25519::Pair) -> AccountId {
    MultiSigner::from(pair.public()).into_account()
}

pub(crate) fn genesis() -> [u8; 32] {
    System::block_hash(0).0
}

/// Registers node number `index`, of one operator in turn, and gives it NEURO for fees: they are
/// laid out by its account and given back for a valid proof.
pub(crate) fn register(index: usize) -> Node {
    let seed = |name: &str, number: usize| format!("//{name}//{number}");
    let operator = sr25519::Pair::from_string(&seed("Operator", index % OPERATORS), None);
    let account = sr25519::Pair::from_string(&seed("Node", index), None).expect("a key");
    let peer = ed25519::Pair::from_string(&seed("Node", index), None).expect("a key");
    let operator_id = account_of(&operator.expect("a key"));
    let account_id = account_of(&account);
    let genesis = genesis();
    let peer_proof = peer.sign(&peer_key_payload(
        &genesis,
        operator_id.as_ref(),
        account_id.as_ref(),
    ));
    let account_proof = account.sign(&node_account_payload(
        &genesis,
        operator_id.as_ref(),
        &peer.public().0,
    ));
    assert_ok!(StorageNodes::register(
        RuntimeOrigin::signed(operator_id.clone()),
        account_id.clone(),
        peer.public().0,
        NodeClass::Anchor,
        CountryCode(*b"DE"),
        CAPACITY_LEAVES,
        peer_proof.0,
        account_proof.0,
    ));
    assert_ok!(Balances::transfer_keep_alive(
        RuntimeOrigin::signed(operator_id),
        account_id.clone().into(),
        NEURO,
    ));
    Node {
        id: StorageNodes::node_of(&account_id).expect("just registered"),
        account,
    }
}

pub(crate) fn begin(block: BlockNumber) {
    System::initialize(&block, &H256::repeat_byte(1), &Default::default());
    if block == 1 {
        // What executing a genesis block leaves behind.
        frame_system::BlockHash::<Runtime>::insert(0, H256::repeat_byte(9));
    }
    pallet_timestamp::Now::<Runtime>::put(u64::from(block) * 6_000);
    Placement::on_initialize(block);
    Spacetime::on_initialize(block);
}

pub(crate) fn end(block: BlockNumber) {
    // What BABE leaves behind in its own `on_finalize`, which runs first.
    pallet_babe::AuthorVrfRandomness::<Runtime>::put(Some([block.to_le_bytes()[0]; 32]));
    StorageNodes::on_finalize(block);
    Payments::on_finalize(block);
    Placement::on_finalize(block);
    Spacetime::on_finalize(block);
}

/// Signs `call` with everything that a transaction of this chain carries.
pub(crate) fn signed(call: RuntimeCall, signer: &sr25519::Pair) -> UncheckedExtrinsic {
    let nonce = System::account_nonce(account_of(signer));
    signed_with(call, signer, nonce, 0)
}

/// The same as the transaction number `nonce` of its signer, and with a tip.
pub(crate) fn signed_with(
    call: RuntimeCall,
    signer: &sr25519::Pair,
    nonce: Nonce,
    tip: Balance,
) -> UncheckedExtrinsic {
    let account = account_of(signer);
    let extension: TxExtension = (
        frame_system::CheckNonZeroSender::new(),
        frame_system::CheckSpecVersion::new(),
        frame_system::CheckTxVersion::new(),
        frame_system::CheckGenesis::new(),
        frame_system::CheckEra::from(Era::Immortal),
        frame_system::CheckNonce::from(nonce),
        frame_system::CheckWeight::new(),
        pallet_transaction_payment::ChargeTransactionPayment::from(tip),
        frame_metadata_hash_extension::CheckMetadataHash::new(false),
        frame_system::WeightReclaim::new(),
        pallet_spacetime::NoteRefusedProofs::new(),
    );
    let payload = SignedPayload::new(call, extension).expect("nothing implicit fails");
    let signature = payload.using_encoded(|bytes| signer.sign(bytes));
    let (call, extension, _) = payload.deconstruct();
    UncheckedExtrinsic::new_signed(call, account.into(), signature.into(), extension)
}

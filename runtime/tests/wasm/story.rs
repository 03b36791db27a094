//! A chain brought natively to the block where a node has to prove, so that its transactions can
//! be given to the WASM runtime: fifteen nodes, one segment, one open window, all by real calls of
//! the real pallets.

use std::{borrow::Cow, path::Path};

use codec::{Decode, Encode};
use frame_support::{
    assert_ok,
    dispatch::GetDispatchInfo,
    traits::{OnFinalize, OnInitialize},
    BoundedVec,
};
use neurostore_poseidon::{shard_root, TreeCache};
use neurostore_primitives::{
    node_account_payload, peer_key_payload, receipt_payload, ChallengeInfo, CircuitId, CountryCode,
    NodeClass, NodeId, Receipt, ReservationId, SampleInfo, SegmentId, ShardClass, SlotIndex,
    LEAF_BYTES, SAMPLES_DEVELOPMENT, TOTAL_SHARDS,
};
use neurostore_prover::{Prover, SampleWitness};
use neurostore_runtime::{
    presets, AccountId, BlockNumber, Payments, Placement, Runtime, RuntimeCall, RuntimeOrigin,
    SignedPayload, Spacetime, StorageNodes, System, TxExtension, UncheckedExtrinsic, WASM_BINARY,
};
use sc_executor::WasmExecutor;
use sp_core::{
    ed25519, sr25519,
    traits::{CallContext, CodeExecutor, RuntimeCode, WrappedRuntimeCode},
    Pair, H256,
};
use sp_io::TestExternalities;
use sp_runtime::{generic::Era, traits::IdentifyAccount, MultiSigner};

/// Class of the segment's shards: four leaves.
const CLASS: u8 = 2;
/// Room each node offers.
const CAPACITY_LEAVES: u64 = 4 << 20;

/// A node and the keys it has.
pub struct Node {
    pub id: NodeId,
    pub account: sr25519::Pair,
}

/// The chain at the moment of the story.
pub struct Story {
    pub chain: TestExternalities,
    pub nodes: Vec<Node>,
    /// The node whose window is open.
    pub prover_node: NodeId,
    pub challenge: ChallengeInfo,
    pub samples: Vec<SampleInfo>,
    shards: Vec<(Vec<u8>, TreeCache)>,
    wasm: WasmExecutor<sp_io::SubstrateHostFunctions>,
}

impl Story {
    /// Brings the chain to the open window.
    pub fn tell() -> Self {
        let wasm = WASM_BINARY.expect("the tests need the WASM runtime");
        let storage = sc_chain_spec::GenesisConfigBuilderRuntimeCaller::<
            sp_io::SubstrateHostFunctions,
        >::new(wasm)
        .get_storage_for_named_preset(Some(&presets::LOCAL_TESTNET.to_string()))
        .expect("the preset builds");
        let mut chain = TestExternalities::new(storage);
        chain.register_extension(sp_core::traits::ReadRuntimeVersionExt::new(executor()));

        let shards: Vec<_> = (0..TOTAL_SHARDS).map(shard).collect();
        let (nodes, prover_node, challenge, samples) = chain.execute_with(|| {
            let mut block = 1;
            begin(block);
            let nodes: Vec<_> = (0..TOTAL_SHARDS).map(register).collect();
            let segment_reservation = reserve();
            while Placement::reservation_info(segment_reservation)
                .is_some_and(|info| info.slots.is_empty())
            {
                end(block);
                block += 1;
                begin(block);
            }
            commit(segment_reservation, &nodes, &shards);
            let challenge = loop {
                end(block);
                let open = nodes
                    .iter()
                    .filter_map(|node| Spacetime::next_challenge(node.id))
                    .find(|challenge| challenge.open);
                if let Some(challenge) = open {
                    break challenge;
                }
                block += 1;
                begin(block);
            };
            let samples = Spacetime::samples(challenge.node, challenge.window)
                .expect("the samples are read in the state of the opening block");
            begin(block + 1);
            (nodes, challenge.node, challenge, samples)
        });
        Self {
            chain,
            nodes,
            prover_node,
            challenge,
            samples,
            shards,
            wasm: executor(),
        }
    }

    /// The proof that answers the open challenge.
    pub fn prove(&self, key_dir: &Path) -> [u8; 128] {
        let prover = Prover::load(CircuitId(SAMPLES_DEVELOPMENT), key_dir).expect("a key");
        let proven = prover
            .prove(&self.challenge.context, &self.witnesses())
            .expect("the shards are all there");
        assert_eq!(proven.statement, self.challenge.statement);
        proven.proof
    }

    /// The sampled leaves with their paths.
    pub fn witnesses(&self) -> Vec<SampleWitness> {
        self.samples
            .iter()
            .map(|sample| {
                let (bytes, tree) = &self.shards[sample.slot.index()];
                let start = usize::from(sample.leaf) * LEAF_BYTES;
                let leaf: [u8; LEAF_BYTES] = bytes[start..start + LEAF_BYTES]
                    .try_into()
                    .expect("a whole leaf");
                SampleWitness {
                    leaf: Box::new(leaf),
                    index: sample.leaf,
                    path: tree.path(sample.leaf, bytes).expect("a path to every leaf"),
                    root: sample.root,
                }
            })
            .collect()
    }

    /// A signed `submit_proof` of the node with the open window.
    pub fn submit_proof(&mut self, proof: &[u8]) -> UncheckedExtrinsic {
        let signer = self
            .nodes
            .iter()
            .find(|node| node.id == self.prover_node)
            .expect("one of ours")
            .account
            .clone();
        let call = RuntimeCall::Spacetime(pallet_spacetime::Call::submit_proof {
            window: self.challenge.window,
            proof: BoundedVec::truncate_from(proof.to_vec()),
        });
        self.chain.execute_with(|| signed(call, &signer))
    }

    /// Applies an extrinsic in the WASM runtime and takes its changes back. Returns how the call
    /// itself ended.
    pub fn apply_in_wasm(&mut self, extrinsic: &UncheckedExtrinsic) -> sp_runtime::DispatchResult {
        let input = extrinsic.encode();
        let output = self.call_wasm("BlockBuilder_apply_extrinsic", &input);
        sp_runtime::ApplyExtrinsicResult::decode(&mut &output[..])
            .expect("a result")
            .expect("the extrinsic is valid in itself")
    }

    /// Calls the WASM runtime on this state and takes its changes back.
    pub fn call_wasm(&mut self, method: &str, input: &[u8]) -> Vec<u8> {
        let code = WASM_BINARY.expect("the tests need the WASM runtime");
        let fetcher = WrappedRuntimeCode(Cow::Borrowed(code));
        let runtime_code = RuntimeCode {
            code_fetcher: &fetcher,
            heap_pages: None,
            hash: sp_io::hashing::blake2_256(code).to_vec(),
        };
        let wasm = self.wasm.clone();
        self.chain.execute_with(|| {
            sp_externalities::with_externalities(|chain| {
                chain.storage_start_transaction();
                let (output, _) = wasm.call(
                    chain,
                    &runtime_code,
                    method,
                    input,
                    CallContext::Onchain { import: false },
                );
                chain
                    .storage_rollback_transaction()
                    .expect("a transaction was started");
                output.expect("the runtime does not trap")
            })
            .expect("inside externalities")
        })
    }

    /// Weight that the runtime charges for a call.
    pub fn weight_of(&self, extrinsic: &UncheckedExtrinsic) -> frame_support::weights::Weight {
        extrinsic.get_dispatch_info().call_weight
    }
}

fn executor() -> WasmExecutor<sp_io::SubstrateHostFunctions> {
    WasmExecutor::builder().build()
}

/// The bytes of the shard in `slot`, with its tree.
fn shard(slot: usize) -> (Vec<u8>, TreeCache) {
    let class = class();
    let len = usize::try_from(class.shard_bytes()).expect("small");
    let bytes: Vec<u8> = (0..len)
        .map(|i| ((i * 31 + slot * 7) % 251) as u8)
        .collect();
    let (_, tree) = shard_root(class, &bytes).expect("the length fits the class");
    (bytes, tree)
}

fn class() -> ShardClass {
    ShardClass::new(CLASS).expect("a class")
}

fn account_of(pair: &sr25519::Pair) -> AccountId {
    MultiSigner::from(pair.public()).into_account()
}

fn register(index: usize) -> Node {
    let operator = sr25519::Pair::from_string(&format!("//Operator//{index}"), None).expect("key");
    let account = sr25519::Pair::from_string(&format!("//Node//{index}"), None).expect("key");
    let peer = ed25519::Pair::from_string(&format!("//Node//{index}"), None).expect("key");
    let (operator_id, account_id) = (account_of(&operator), account_of(&account));
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
    // Fees are laid out by the node's account and given back for a valid proof.
    assert_ok!(neurostore_runtime::Balances::transfer_keep_alive(
        RuntimeOrigin::signed(operator_id),
        account_id.clone().into(),
        neurostore_runtime::NEURO,
    ));
    Node {
        id: StorageNodes::node_of(&account_id).expect("just registered"),
        account,
    }
}

fn uploader() -> AccountId {
    sp_keyring::Sr25519Keyring::Bob.to_account_id()
}

fn reserve() -> ReservationId {
    assert_ok!(Placement::reserve(
        RuntimeOrigin::signed(uploader()),
        class(),
        40_000,
        3
    ));
    Placement::reservations_of(&uploader())[0]
}

fn commit(
    reservation: ReservationId,
    nodes: &[Node],
    shards: &[(Vec<u8>, TreeCache)],
) -> SegmentId {
    let info = Placement::reservation_info(reservation).expect("reserved");
    let genesis = genesis();
    let receipts: Vec<Receipt> = info
        .slots
        .iter()
        .map(|slot| {
            let node = nodes
                .iter()
                .find(|node| node.id == slot.node)
                .expect("one of ours");
            let (root, _) =
                shard_root(class(), &shards[slot.slot.index()].0).expect("the right length");
            let payload = receipt_payload(&genesis, reservation, slot.slot, class(), &root);
            Receipt {
                root,
                signature: node.account.sign(&payload).0,
            }
        })
        .collect();
    assert_eq!(receipts.len(), SlotIndex::all().count());
    let roots: Vec<_> = receipts.iter().map(|receipt| receipt.root).collect();
    assert_ok!(Placement::commit(
        RuntimeOrigin::signed(uploader()),
        reservation,
        BoundedVec::truncate_from(receipts),
    ));
    neurostore_primitives::segment_id(class(), 40_000, &roots.try_into().expect("fifteen"))
}

fn genesis() -> [u8; 32] {
    System::block_hash(0).0
}

fn begin(block: BlockNumber) {
    System::initialize(&block, &H256::repeat_byte(1), &Default::default());
    if block == 1 {
        // What executing a genesis block leaves behind.
        frame_system::BlockHash::<Runtime>::insert(0, H256::repeat_byte(9));
    }
    pallet_timestamp::Now::<Runtime>::put(u64::from(block) * 6_000);
    Placement::on_initialize(block);
    Spacetime::on_initialize(block);
}

fn end(block: BlockNumber) {
    // What BABE leaves behind in its own `on_finalize`, which runs first.
    pallet_babe::AuthorVrfRandomness::<Runtime>::put(Some([block as u8; 32]));
    StorageNodes::on_finalize(block);
    Payments::on_finalize(block);
    Placement::on_finalize(block);
    Spacetime::on_finalize(block);
}

/// Signs `call` with everything that a transaction of this chain carries.
fn signed(call: RuntimeCall, signer: &sr25519::Pair) -> UncheckedExtrinsic {
    let account = account_of(signer);
    let extension: TxExtension = (
        frame_system::CheckNonZeroSender::new(),
        frame_system::CheckSpecVersion::new(),
        frame_system::CheckTxVersion::new(),
        frame_system::CheckGenesis::new(),
        frame_system::CheckEra::from(Era::Immortal),
        frame_system::CheckNonce::from(System::account_nonce(&account)),
        frame_system::CheckWeight::new(),
        pallet_transaction_payment::ChargeTransactionPayment::from(0),
        frame_metadata_hash_extension::CheckMetadataHash::new(false),
        frame_system::WeightReclaim::new(),
        pallet_spacetime::NoteRefusedProofs::new(),
    );
    let payload = SignedPayload::new(call, extension).expect("nothing implicit fails");
    let signature = payload.using_encoded(|bytes| signer.sign(bytes));
    let (call, extension, _) = payload.deconstruct();
    UncheckedExtrinsic::new_signed(call, account.into(), signature.into(), extension)
}

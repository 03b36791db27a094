#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        clippy::expect_used,
        clippy::panic
    )
)]

extern crate alloc;

mod answers;
mod batch;
mod clock;
mod closings;
mod explain;
mod genesis;
mod hooks;
#[cfg(any(test, feature = "try-runtime"))]
mod invariants;
mod keys;
mod migrations;
mod openings;
mod prepared_keys;
mod queue;
mod refusals;
mod runtime_api;
mod suspension;
mod types;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use hooks::ANSWER_BYTES;
pub use pallet::*;
pub use refusals::NoteRefusedProofs;
pub use runtime_api::*;
pub use types::{
    BatchedProof, Challenge, Cohort, GenesisKey, Grounds, KeyRecord, PreparedForm, QueuedProof,
    Suspension, TakenProof, DEFAULT_ANSWER_BLOCKS, DEFAULT_WINDOW_BLOCKS, MAX_PROOF_BYTES,
};
pub use weights::WeightInfo;

#[frame_support::pallet]
#[allow(
    missing_docs,
    missing_debug_implementations,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    reason = "the macro's own types and functions; ours are outside of this module"
)]
pub mod pallet {
    use alloc::vec::Vec;
    use frame_support::{
        pallet_prelude::*,
        traits::{Contains, Randomness},
    };
    use frame_system::pallet_prelude::*;
    use neurostore_primitives::{
        CircuitId, FaultReason, Holdings, NodeHealth, NodeId, NodeRegistry, WindowIndex,
        WindowLedger, WindowOutcome,
    };
    use neurostore_verifier::{KeyOrigin, MAX_KEY_BYTES};
    use sp_core::H256;
    use sp_runtime::AccountId32;

    use crate::{
        types::{MOST_CIRCUITS, MOST_DEFERRED, OUTCOMES_KEPT},
        BatchedProof, Challenge, Cohort, GenesisKey, KeyRecord, PreparedForm, QueuedProof,
        Suspension, WeightInfo, DEFAULT_ANSWER_BLOCKS, DEFAULT_WINDOW_BLOCKS, MAX_PROOF_BYTES,
    };

    /// 1: keys were stored prepared only, and queued proofs as points.
    /// 2: keys are stored as they were handed in as well, and queued proofs as they came.
    pub(crate) const STORAGE_VERSION: StorageVersion = StorageVersion::new(2);

    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    /// What the pallet needs of the runtime.
    #[pallet::config]
    pub trait Config:
        frame_system::Config<AccountId = AccountId32, Hash = H256, RuntimeEvent: From<Event<Self>>>
    {
        /// Who the nodes are.
        type Registry: NodeRegistry<AccountId = AccountId32>;

        /// Is told of every proven and every missed window.
        type Health: NodeHealth;

        /// What the nodes hold.
        type Holdings: Holdings;

        /// Money's side of a window.
        type Ledger: WindowLedger;

        /// Randomness of the block that is being finalized, `None` where it carries none. BABE's
        /// `ParentBlockRandomness` is that once BABE's own `on_finalize` ran, so BABE stands
        /// before this pallet in the runtime.
        type FreshRandomness: Randomness<Option<H256>, BlockNumberFor<Self>>;

        /// Randomness that was fixed an epoch ago: BABE's `RandomnessFromOneEpochAgo`.
        type SettledRandomness: Randomness<H256, BlockNumberFor<Self>>;

        /// Whether this runtime accepts verifying keys whose secret everybody knows. Genesis must
        /// allow them as well.
        type AllowDevelopmentKeys: Get<bool>;

        /// Nodes whose windows open in one block: with the blocks of a window, the number of
        /// nodes the chain has place for.
        #[pallet::constant]
        type MaxOpeningsPerBlock: Get<u32>;

        /// Proofs of one block that are checked together at its end; those beyond are checked one
        /// by one, in their calls. Bounds the memory that the check takes: some 25 KiB a proof.
        #[pallet::constant]
        type MaxProofsPerBatch: Get<u32>;

        /// Proofs that may wait to be checked one by one, because one of their block was invalid.
        /// While there is no room for another batch, proofs are checked in their calls.
        #[pallet::constant]
        type MaxQueuedProofs: Get<u32>;

        /// Who sets keys, circuits, and whether proofs are checked together.
        type GovernanceOrigin: EnsureOrigin<Self::RuntimeOrigin>;

        /// Who may send operational calls that are no answers: whoever keeps the chain running. Of
        /// all others such a transaction is refused, since it would take the room of answers.
        type Maintainers: Contains<AccountId32>;

        /// Blocks between the setting of a ceremony's key and the first challenge that may ask for
        /// it: time for everybody to check its transcript and for nodes to fetch the proving key.
        #[pallet::constant]
        type KeyNoticeBlocks: Get<u32>;

        /// Weights of calls and hooks.
        type WeightInfo: WeightInfo;
    }

    #[pallet::type_value]
    pub fn DefaultWindowBlocks() -> u32 {
        DEFAULT_WINDOW_BLOCKS
    }

    #[pallet::type_value]
    pub fn DefaultAnswerBlocks() -> u32 {
        DEFAULT_ANSWER_BLOCKS
    }

    /// Blocks of a window. Fixed at genesis: offsets and paid rent are reckoned with it.
    #[pallet::storage]
    pub type WindowBlocks<T> = StorageValue<_, u32, ValueQuery, DefaultWindowBlocks>;

    /// Blocks with room that a node has to answer a challenge. Fixed at genesis.
    #[pallet::storage]
    pub type AnswerBlocks<T> = StorageValue<_, u32, ValueQuery, DefaultAnswerBlocks>;

    /// Whether genesis allows verifying keys whose secret everybody knows.
    #[pallet::storage]
    pub type DevelopmentKeysAllowed<T> = StorageValue<_, bool, ValueQuery>;

    /// Where in the window a node's windows open. Node ids are numbered by the chain, so the fast
    /// hasher cannot be abused.
    #[pallet::storage]
    pub type Offsets<T> = StorageMap<_, Twox64Concat, NodeId, u32>;

    /// The nodes whose windows open at an offset.
    #[pallet::storage]
    pub type Members<T: Config> =
        StorageMap<_, Twox64Concat, u32, BoundedVec<NodeId, T::MaxOpeningsPerBlock>, ValueQuery>;

    /// Open challenges: at most one for each node.
    #[pallet::storage]
    pub type Challenges<T> = StorageMap<_, Twox64Concat, NodeId, Challenge>;

    /// The challenges that opened in a block, until their answer time is over.
    #[pallet::storage]
    pub type Cohorts<T: Config> = StorageMap<_, Twox64Concat, u32, Cohort<T::MaxOpeningsPerBlock>>;

    /// The oldest block whose challenges may still be open.
    #[pallet::storage]
    pub type NextClosing<T> = StorageValue<_, u32, ValueQuery>;

    /// Blocks without room so far: the clock of open challenges stood still in them.
    #[pallet::storage]
    pub type FullBlocks<T> = StorageValue<_, u32, ValueQuery>;

    /// How the latest windows of a node ended, oldest first.
    #[pallet::storage]
    pub type Outcomes<T> = StorageMap<
        _,
        Twox64Concat,
        NodeId,
        BoundedVec<(WindowIndex, WindowOutcome), ConstU32<OUTCOMES_KEPT>>,
        ValueQuery,
    >;

    /// The circuit that new challenges must be answered with.
    #[pallet::storage]
    pub type ActiveCircuit<T> = StorageValue<_, CircuitId>;

    /// What is known of a circuit's verifying key.
    #[pallet::storage]
    pub type VerifyingKeys<T> = StorageMap<_, Twox64Concat, CircuitId, KeyRecord>;

    /// The verifying key of a circuit as it was handed in: what the prepared form is made from, as
    /// often as that is needed.
    #[pallet::storage]
    pub type RawKeys<T> =
        StorageMap<_, Twox64Concat, CircuitId, BoundedVec<u8, ConstU32<MAX_KEY_BYTES>>>;

    /// The verifying key of a circuit, admitted and prepared by this runtime. Missing while it is
    /// still to be made from the raw one, and where that cannot be read either.
    #[pallet::storage]
    pub type PreparedKeys<T> = StorageMap<_, Twox64Concat, CircuitId, PreparedForm>;

    /// Circuits whose keys are still to be prepared, one in each block, the last one first.
    #[pallet::storage]
    pub type KeysToPrepare<T> =
        StorageValue<_, BoundedVec<CircuitId, ConstU32<MOST_CIRCUITS>>, ValueQuery>;

    /// The latest suspension of a circuit, lifted or not.
    #[pallet::storage]
    pub type Suspensions<T> = StorageMap<_, Twox64Concat, CircuitId, Suspension>;

    /// Windows of a node that could not be proven because their circuit was suspended, oldest
    /// first: their rent is paid once a later window is proven.
    #[pallet::storage]
    pub type Deferred<T> = StorageMap<
        _,
        Twox64Concat,
        NodeId,
        BoundedVec<WindowIndex, ConstU32<MOST_DEFERRED>>,
        ValueQuery,
    >;

    /// Whether the proofs of a block are checked together at its end. Off: each in its call.
    #[pallet::storage]
    pub type BatchVerification<T> = StorageValue<_, bool, ValueQuery>;

    /// The proofs of this block that are checked at its end. Empty between blocks.
    #[pallet::storage]
    pub type Batch<T: Config> =
        StorageValue<_, BoundedVec<BatchedProof, T::MaxProofsPerBatch>, ValueQuery>;

    /// The circuits of this block's batch. Empty between blocks.
    #[pallet::storage]
    pub type BatchCircuits<T> =
        StorageValue<_, BoundedVec<CircuitId, ConstU32<MOST_CIRCUITS>>, ValueQuery>;

    /// Proofs that wait to be checked one by one, by their place in the queue.
    #[pallet::storage]
    pub type Queue<T> = StorageMap<_, Twox64Concat, u64, QueuedProof>;

    /// The queue's first place that is taken, and the first behind it that is free.
    #[pallet::storage]
    pub type QueueEnds<T> = StorageValue<_, (u64, u64), ValueQuery>;

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A node is asked to prove what it holds.
        ChallengeOpened {
            /// The node.
            node: NodeId,
            /// Its window.
            window: WindowIndex,
            /// Last block in which an answer counts; later if blocks are full meanwhile.
            deadline: u32,
        },
        /// A node's window opened and no challenge could be formed: nobody answers, the window's
        /// rent goes to the repair fund, and the node's health is not touched.
        ChallengeUnavailable {
            /// The node.
            node: NodeId,
            /// Its window.
            window: WindowIndex,
        },
        /// A node proved its window.
        ProofAccepted {
            /// The node.
            node: NodeId,
            /// Its window.
            window: WindowIndex,
        },
        /// The proofs of this block did not pass together: each is checked by itself in the
        /// following blocks, and counts as of this one.
        BatchRejected {
            /// How many proofs there were.
            proofs: u32,
        },
        /// Whether the proofs of a block are checked together from now on.
        BatchVerificationSet {
            /// Together, or each in its call.
            enabled: bool,
        },
        /// A window passed without a valid proof.
        WindowMissed {
            /// The node.
            node: NodeId,
            /// Its window.
            window: WindowIndex,
            /// Why.
            reason: FaultReason,
        },
        /// A window ended without a verdict, because the chain could not read its own key or the
        /// answer as it had kept it: the window's rent goes to the repair fund, and the node's
        /// health is not touched.
        WindowExcused {
            /// The node.
            node: NodeId,
            /// Its window.
            window: WindowIndex,
        },
        /// What stood at a place of the queue cannot be read and was taken out of it. Nobody pays
        /// for that.
        QueuedProofLost {
            /// The place.
            place: u64,
        },
        /// The stored form of a circuit's verifying key cannot be read. It is prepared anew;
        /// answers wait until then, and the clock of all windows stands still.
        VerifyingKeyUnreadable {
            /// The circuit.
            circuit: CircuitId,
        },
        /// The verifying key of a circuit was prepared anew.
        VerifyingKeyPrepared {
            /// The circuit.
            circuit: CircuitId,
        },
        /// The verifying key of a circuit could not be prepared anew: it checks nothing until the
        /// same key is set again. Open windows of the circuit are excused, and none is opened.
        VerifyingKeyLost {
            /// The circuit.
            circuit: CircuitId,
        },
        /// A circuit has a verifying key.
        VerifyingKeySet {
            /// The circuit.
            circuit: CircuitId,
            /// Where the key comes from.
            origin: KeyOrigin,
            /// Blake2b-256 of the key as it was handed in.
            key_hash: [u8; 32],
        },
        /// A circuit's key will serve no new challenges.
        VerifyingKeyRetired {
            /// The circuit.
            circuit: CircuitId,
        },
        /// New challenges must be answered with this circuit.
        ActiveCircuitSet {
            /// The circuit.
            circuit: CircuitId,
        },
        /// Nothing is proven with this circuit until that is lifted: no challenge is opened, and
        /// open ones end without a verdict.
        CircuitSuspended {
            /// The circuit.
            circuit: CircuitId,
        },
        /// The circuit serves challenges again.
        CircuitResumed {
            /// The circuit.
            circuit: CircuitId,
        },
        /// A window ended without a verdict, because its circuit was suspended: its rent waits and
        /// is paid once the node proves a later window, and the node's health is not touched.
        WindowDeferred {
            /// The node.
            node: NodeId,
            /// Its window.
            window: WindowIndex,
        },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// The caller is no node's account.
        UnknownNode,
        /// The node has no open challenge.
        NoOpenChallenge,
        /// The node's open challenge is for another window.
        WrongWindow,
        /// The statement is not the one of the open challenge: it was proven for another fork.
        OtherChallenge,
        /// The answer time of the window is over.
        AnswerTooLate,
        /// The window is proven already.
        AlreadyProven,
        /// A proof of the window was taken already, and is still to be checked.
        AlreadyAnswered,
        /// There is no verifying key for this circuit.
        UnknownCircuit,
        /// The proof has not exactly the bytes of a proof.
        ProofLength,
        /// The bytes of the proof are not points that a proof may have.
        ProofMalformed,
        /// The proof does not prove this challenge.
        ProofRejected,
        /// A circuit is named by its samples: one to the production circuit's.
        CircuitOutOfRange,
        /// The verifying key has points that no key may have, or is for another number of inputs.
        KeyNotAdmitted,
        /// This chain accepts no development keys, or a development key was handed in as another.
        DevelopmentKeyRefused,
        /// The circuit has a key that challenges may still need: retire it and wait a window.
        CircuitInUse,
        /// The circuit's key is retired.
        CircuitRetired,
        /// The circuit's key was set too recently to be asked for.
        CircuitNotYetActive,
        /// So many answers of the window were refused that it takes no more.
        RefusedTooOften,
        /// The chain cannot read the circuit's key at present, and the queue is full. Nothing is
        /// paid, and nothing is held against the node: the answer is to be sent again.
        KeyUnreadable,
        /// The circuit is suspended: answers with it count for nothing, and nobody is blamed.
        CircuitSuspended,
        /// The circuit is not suspended.
        CircuitNotSuspended,
        /// The chain has lost the circuit's key: it is to be set again before challenges ask for it.
        KeyLost,
    }

    /// What the chain begins with.
    #[pallet::genesis_config]
    pub struct GenesisConfig<T: Config> {
        /// Blocks of a window.
        pub window_blocks: u32,
        /// Blocks with room that a node has to answer, fewer than a window has.
        pub answer_blocks: u32,
        /// Whether verifying keys whose secret everybody knows are accepted.
        pub development_keys: bool,
        /// Verifying keys: circuit, key, and the hash of the ceremony's transcript or nothing for
        /// a development key.
        pub verifying_keys: Vec<GenesisKey>,
        /// The circuit of the first challenges.
        pub active_circuit: Option<u16>,
        /// Whether the proofs of a block are checked together.
        pub batch_verification: bool,
        #[serde(skip)]
        pub _config: PhantomData<T>,
    }

    impl<T: Config> Default for GenesisConfig<T> {
        fn default() -> Self {
            Self {
                window_blocks: DEFAULT_WINDOW_BLOCKS,
                answer_blocks: DEFAULT_ANSWER_BLOCKS,
                development_keys: false,
                verifying_keys: Vec::new(),
                active_circuit: None,
                batch_verification: true,
                _config: PhantomData,
            }
        }
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            Pallet::<T>::build_genesis(self);
        }
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_runtime_upgrade() -> Weight {
            Self::migrate().saturating_add(Self::prepare_all_anew())
        }

        fn on_initialize(_: BlockNumberFor<T>) -> Weight {
            Self::begin_block(Self::now())
        }

        fn on_finalize(_: BlockNumberFor<T>) {
            Self::end_block(Self::now());
        }

        fn integrity_test() {
            Self::check_config();
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Answers the node's open challenge; free where the proof is valid.
        ///
        /// Signed by the node's account. `statement` is the one that was proven: on another fork the
        /// same window asks for other samples, and an answer that was made there is refused here
        /// with [`Error::OtherChallenge`] instead of being taken for a wrong one. The proof of a node that is in good health is taken after
        /// every check of its points, and its equation is checked with all others of the block at
        /// the block's end; any other proof is checked here. Emits [`Event::ProofAccepted`], at the
        /// end of the block or here.
        #[pallet::call_index(0)]
        #[pallet::weight((T::WeightInfo::submit_proof(), DispatchClass::Operational))]
        pub fn submit_proof(
            origin: OriginFor<T>,
            window: WindowIndex,
            statement: [u8; 32],
            proof: BoundedVec<u8, ConstU32<MAX_PROOF_BYTES>>,
        ) -> DispatchResultWithPostInfo {
            let account = ensure_signed(origin)?;
            Self::do_submit_proof(&account, window, &statement, &proof)
        }

        /// Gives a circuit its verifying key, after every check a key can be put to.
        ///
        /// Governance only. Emits [`Event::VerifyingKeySet`].
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::set_verifying_key())]
        pub fn set_verifying_key(
            origin: OriginFor<T>,
            circuit: CircuitId,
            key_origin: KeyOrigin,
            key: BoundedVec<u8, ConstU32<MAX_KEY_BYTES>>,
        ) -> DispatchResult {
            T::GovernanceOrigin::ensure_origin(origin)?;
            let notice = match key_origin {
                // Nothing to check and nothing to keep secret.
                KeyOrigin::Development => 0,
                KeyOrigin::Ceremony { .. } => T::KeyNoticeBlocks::get(),
            };
            Self::do_set_verifying_key(circuit, key_origin, &key, notice)
        }

        /// Lets a circuit serve no new challenges; those that are open can still be answered.
        ///
        /// Governance only. Emits [`Event::VerifyingKeyRetired`].
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::retire_verifying_key())]
        pub fn retire_verifying_key(origin: OriginFor<T>, circuit: CircuitId) -> DispatchResult {
            T::GovernanceOrigin::ensure_origin(origin)?;
            Self::do_retire_verifying_key(circuit)
        }

        /// Asks for answers with this circuit from now on.
        ///
        /// Governance only. Emits [`Event::ActiveCircuitSet`].
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::set_active_circuit())]
        pub fn set_active_circuit(origin: OriginFor<T>, circuit: CircuitId) -> DispatchResult {
            T::GovernanceOrigin::ensure_origin(origin)?;
            Self::do_set_active_circuit(circuit)
        }

        /// Has the proofs of a block checked together at its end, or each in its call.
        ///
        /// Governance only. Emits [`Event::BatchVerificationSet`].
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::set_batch_verification())]
        pub fn set_batch_verification(origin: OriginFor<T>, enabled: bool) -> DispatchResult {
            T::GovernanceOrigin::ensure_origin(origin)?;
            BatchVerification::<T>::put(enabled);
            Self::deposit_event(Event::BatchVerificationSet { enabled });
            Ok(())
        }

        /// Stops a circuit that is found broken at once: no challenge of it is opened, no answer
        /// with it is taken, and its open windows end without a verdict. Their rent waits for the
        /// next window that their node proves; nobody's health is touched.
        ///
        /// Governance only. Emits [`Event::CircuitSuspended`].
        #[pallet::call_index(5)]
        #[pallet::weight(T::WeightInfo::suspend_circuit())]
        pub fn suspend_circuit(origin: OriginFor<T>, circuit: CircuitId) -> DispatchResult {
            T::GovernanceOrigin::ensure_origin(origin)?;
            Self::do_suspend_circuit(circuit)
        }

        /// Lets a circuit that was suspended serve challenges again. Windows that were open
        /// meanwhile can still be answered, and are not missed if they are not.
        ///
        /// Governance only. Emits [`Event::CircuitResumed`].
        #[pallet::call_index(6)]
        #[pallet::weight(T::WeightInfo::resume_circuit())]
        pub fn resume_circuit(origin: OriginFor<T>, circuit: CircuitId) -> DispatchResult {
            T::GovernanceOrigin::ensure_origin(origin)?;
            Self::do_resume_circuit(circuit)
        }
    }
}

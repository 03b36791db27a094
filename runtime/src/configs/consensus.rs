//! Who makes and finalises blocks. The validators are those of genesis; choosing them by bond
//! replaces [`GenesisValidators`] alone.

use alloc::vec::Vec;
use frame_support::{
    parameter_types,
    traits::{ConstU32, ConstU64, Get, KeyOwnerProofSystem},
};
use sp_consensus_babe::{AllowedSlots, BabeEpochConfiguration};
use sp_core::crypto::KeyTypeId;
use sp_runtime::traits::{ConvertInto, OpaqueKeys};
use sp_staking::SessionIndex;

use crate::{
    epochs, AccountId, Babe, Balance, Balances, Historical, Offences, Runtime, RuntimeEvent,
    Session, SessionKeys, HOURS, MILLISECONDS_PER_BLOCK, NEURO,
};

/// The largest number of validators that the consensus pallets hold.
const MAX_AUTHORITIES: u32 = 1_000;
/// How long an equivocation can be reported: the longest unbonding that is planned.
const REPORT_LONGEVITY_BLOCKS: u32 = 28 * 24 * HOURS;

/// One slot in four has a primary author on average; the others fall to a secondary author who
/// also brings a VRF output, so that every block brings fresh randomness.
pub const BABE_GENESIS_EPOCH_CONFIG: BabeEpochConfiguration = BabeEpochConfiguration {
    c: (1, 4),
    allowed_slots: AllowedSlots::PrimaryAndSecondaryVRFSlots,
};

/// Slots of an epoch, as genesis fixed them: an hour on a live chain, a minute on a local one.
pub struct EpochDuration;

impl Get<u64> for EpochDuration {
    fn get() -> u64 {
        epochs::Slots::<Runtime>::get()
    }
}

/// Sessions in which an equivocation can still be reported. Each needs the root of its session's
/// keys; older ones are removed.
pub struct ReportableSessions;

impl Get<u64> for ReportableSessions {
    fn get() -> u64 {
        u64::from(REPORT_LONGEVITY_BLOCKS) / EpochDuration::get().max(1)
    }
}

parameter_types! {
    pub const ReportLongevity: u64 = REPORT_LONGEVITY_BLOCKS as u64;
    pub const SessionKeyDeposit: Balance = NEURO;
}

impl epochs::Config for Runtime {}

impl pallet_babe::Config for Runtime {
    type EpochDuration = EpochDuration;
    type ExpectedBlockTime = ConstU64<MILLISECONDS_PER_BLOCK>;
    type EpochChangeTrigger = pallet_babe::ExternalTrigger;
    type DisabledValidators = Session;
    type WeightInfo = ();
    type MaxAuthorities = ConstU32<MAX_AUTHORITIES>;
    type MaxNominators = ConstU32<0>;
    type KeyOwnerProof =
        <Historical as KeyOwnerProofSystem<(KeyTypeId, pallet_babe::AuthorityId)>>::Proof;
    type EquivocationReportSystem =
        pallet_babe::EquivocationReportSystem<Self, Offences, Historical, ReportLongevity>;
}

impl pallet_grandpa::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = ();
    type MaxAuthorities = ConstU32<MAX_AUTHORITIES>;
    type MaxNominators = ConstU32<0>;
    type MaxSetIdSessionEntries = ReportableSessions;
    type KeyOwnerProof =
        <Historical as KeyOwnerProofSystem<(KeyTypeId, pallet_grandpa::AuthorityId)>>::Proof;
    type EquivocationReportSystem =
        pallet_grandpa::EquivocationReportSystem<Self, Offences, Historical, ReportLongevity>;
}

impl pallet_authorship::Config for Runtime {
    type FindAuthor = pallet_session::FindAccountFromAuthorIndex<Self, Babe>;
    type EventHandler = ();
}

impl pallet_offences::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type IdentificationTuple = pallet_session::historical::IdentificationTuple<Self>;
    // Offences are recorded and readable; bond is taken by the one slash function once validators
    // stand by bond.
    type OnOffenceHandler = ();
}

impl pallet_session::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type ValidatorId = AccountId;
    type ValidatorIdOf = ConvertInto;
    type ShouldEndSession = Babe;
    type NextSessionRotation = Babe;
    type SessionManager = pallet_session::historical::NoteHistoricalRoot<Self, GenesisValidators>;
    type SessionHandler = <SessionKeys as OpaqueKeys>::KeyTypeIdProviders;
    type Keys = SessionKeys;
    type DisablingStrategy = ();
    type WeightInfo = pallet_session::weights::SubstrateWeight<Runtime>;
    type Currency = Balances;
    type KeyDeposit = SessionKeyDeposit;
}

impl pallet_session::historical::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type FullIdentification = ();
    type FullIdentificationOf = NoIdentification;
}

/// A validator is identified by its account alone.
pub struct NoIdentification;

impl sp_runtime::traits::Convert<AccountId, Option<()>> for NoIdentification {
    fn convert(_: AccountId) -> Option<()> {
        Some(())
    }
}

/// Keeps the validators that had session keys at genesis.
pub struct GenesisValidators;

impl pallet_session::SessionManager<AccountId> for GenesisValidators {
    fn new_session_genesis(_: SessionIndex) -> Option<Vec<AccountId>> {
        let keyed: Vec<_> = pallet_session::NextKeys::<Runtime>::iter_keys().collect();
        (!keyed.is_empty()).then_some(keyed)
    }

    /// The same validators, and only where one of them has other keys than those that come into
    /// force now. Every `Some` is a change for GRANDPA, which counts a new set of voters, and for
    /// light clients and warp sync, which need a proof of each.
    ///
    /// Where keys changed it has to be said: equivocations are proven against the keys of the
    /// session, and `None` has those of the session before kept.
    fn new_session(_: SessionIndex) -> Option<Vec<AccountId>> {
        let queued = pallet_session::QueuedKeys::<Runtime>::get();
        let has_other_keys = |(validator, keys): &(AccountId, SessionKeys)| {
            pallet_session::NextKeys::<Runtime>::get(validator).as_ref() != Some(keys)
        };
        queued
            .iter()
            .any(has_other_keys)
            .then(pallet_session::Validators::<Runtime>::get)
    }

    fn start_session(_: SessionIndex) {}

    fn end_session(_: SessionIndex) {}
}

impl pallet_session::historical::SessionManager<AccountId, ()> for GenesisValidators {
    fn new_session_genesis(index: SessionIndex) -> Option<Vec<(AccountId, ())>> {
        <Self as pallet_session::SessionManager<_>>::new_session_genesis(index).map(identified)
    }

    fn new_session(index: SessionIndex) -> Option<Vec<(AccountId, ())>> {
        <Self as pallet_session::SessionManager<_>>::new_session(index).map(identified)
    }

    fn start_session(_: SessionIndex) {}

    fn end_session(index: SessionIndex) {
        let kept = SessionIndex::try_from(ReportableSessions::get()).unwrap_or(SessionIndex::MAX);
        if let Some(oldest) = index.checked_sub(kept) {
            Historical::prune_up_to(oldest);
        }
    }
}

fn identified(validators: Vec<AccountId>) -> Vec<(AccountId, ())> {
    validators
        .into_iter()
        .map(|account| (account, ()))
        .collect()
}

impl<C> frame_system::offchain::CreateTransactionBase<C> for Runtime
where
    crate::RuntimeCall: From<C>,
{
    type Extrinsic = crate::UncheckedExtrinsic;
    type RuntimeCall = crate::RuntimeCall;
}

impl<C> frame_system::offchain::CreateBare<C> for Runtime
where
    crate::RuntimeCall: From<C>,
{
    fn create_bare(call: Self::RuntimeCall) -> Self::Extrinsic {
        crate::UncheckedExtrinsic::new_bare(call)
    }
}

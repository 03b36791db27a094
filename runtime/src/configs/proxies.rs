//! Who may act for an account, and which calls that may be.
//!
//! Every type but [`ProxyType::Any`] is a list of calls. One that is not listed is refused, so a call
//! that a pallet gets tomorrow, or a pallet that comes with it, is out of reach of proxies until
//! somebody has thought about it and writes it here.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
    parameter_types,
    traits::{ConstU32, InstanceFilter},
};
use scale_info::TypeInfo;
use sp_runtime::traits::BlakeTwo256;

use super::accounts::deposit;
use crate::{Balance, Balances, Runtime, RuntimeCall, RuntimeEvent, System};

type Nodes = pallet_storage_nodes::Call<Runtime>;
type Payments = pallet_payments::Call<Runtime>;
type Placement = pallet_placement::Call<Runtime>;
type Session = pallet_session::Call<Runtime>;
type Utility = pallet_utility::Call<Runtime>;

parameter_types! {
    pub const ProxyDepositBase: Balance = deposit(1, 8);
    pub const ProxyDepositFactor: Balance = deposit(0, 33);
    pub const AnnouncementDepositBase: Balance = deposit(1, 8);
    pub const AnnouncementDepositFactor: Balance = deposit(0, 66);
}

/// What a proxy may do for its account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum ProxyType {
    /// Everything.
    #[default]
    Any,
    /// What moves nothing of value out of the account.
    NonTransfer,
    /// What a storage node's operator does day by day: nodes, capacity and earnings.
    Operator,
    /// What an uploader does: reserve, commit, extend, drop.
    Uploader,
}

/// Calls that move nothing of value out of the account that makes them.
///
/// Not among them, though no transfer by name: `Placement.reserve`, `commit` and `extend` pay rent,
/// which a node of the proxy's own may earn; `redraw`, `cancel` and `drop_agreement` give up what was
/// paid for; `StorageNodes.register` puts a bond behind keys of the proxy's choice. Calls of
/// `Proxy` and `Multisig` act for other accounts, on whose money no list of this one has any hold,
/// and so does `Utility.as_derivative`. A batch is checked again for each of its calls.
fn moves_nothing_out(call: &RuntimeCall) -> bool {
    matches!(
        call,
        RuntimeCall::System(
            frame_system::Call::remark { .. } | frame_system::Call::remark_with_event { .. }
        ) | RuntimeCall::Session(Session::set_keys { .. } | Session::purge_keys { .. })
            | RuntimeCall::Utility(
                Utility::batch { .. } | Utility::batch_all { .. } | Utility::force_batch { .. }
            )
            | RuntimeCall::StorageNodes(Nodes::set_capacity { .. })
            | RuntimeCall::Payments(Payments::withdraw { .. })
    )
}

fn is_for_operators(call: &RuntimeCall) -> bool {
    matches!(
        call,
        RuntimeCall::StorageNodes(Nodes::register { .. } | Nodes::set_capacity { .. })
            | RuntimeCall::Payments(Payments::withdraw { .. })
    )
}

fn is_for_uploaders(call: &RuntimeCall) -> bool {
    matches!(
        call,
        RuntimeCall::Placement(
            Placement::reserve { .. }
                | Placement::commit { .. }
                | Placement::cancel { .. }
                | Placement::redraw { .. }
                | Placement::extend { .. }
                | Placement::drop_agreement { .. }
        )
    )
}

impl InstanceFilter<RuntimeCall> for ProxyType {
    fn filter(&self, call: &RuntimeCall) -> bool {
        match self {
            Self::Any => true,
            Self::NonTransfer => moves_nothing_out(call),
            Self::Operator => is_for_operators(call),
            Self::Uploader => is_for_uploaders(call),
        }
    }

    /// An uploader spends and an operator bonds, so neither is a part of [`Self::NonTransfer`].
    fn is_superset(&self, other: &Self) -> bool {
        self == other || *self == Self::Any
    }
}

impl pallet_proxy::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type Currency = Balances;
    type ProxyType = ProxyType;
    type ProxyDepositBase = ProxyDepositBase;
    type ProxyDepositFactor = ProxyDepositFactor;
    type MaxProxies = ConstU32<32>;
    type WeightInfo = pallet_proxy::weights::SubstrateWeight<Runtime>;
    type MaxPending = ConstU32<32>;
    type CallHasher = BlakeTwo256;
    type AnnouncementDepositBase = AnnouncementDepositBase;
    type AnnouncementDepositFactor = AnnouncementDepositFactor;
    type BlockNumberProvider = System;
}

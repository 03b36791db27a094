//! Events of the runtime with the fields that this crate reads.

use neurostore_primitives::{
    CircuitId, DrawError, FaultReason, NodeId, ReservationId, SegmentId, ShardClass, SlotIndex,
    WindowIndex,
};
use scale_info::MetaType;

pub use crate::events::Event;
use crate::{
    events::{ChainEvent, EventError},
    name::{Name, Pallet},
    unread::Unread,
    AccountId, Balance,
};

/// Name and fields of an event, to be held to the metadata.
#[derive(Clone, Debug)]
pub struct EventShape {
    /// The event.
    pub name: Name,
    /// Names and types of the fields that are read. The runtime's event may have more.
    pub fields: Vec<(&'static str, MetaType)>,
}

/// Writes a type for each event, and the list of their shapes.
macro_rules! events {
    ($($(#[$doc:meta])* $pallet:ident.$event:ident { $($field:ident: $type:ty),* $(,)? })*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, PartialEq, Eq)]
            pub struct $event {
                $(
                    #[doc = concat!("The field `", stringify!($field), "` of the event.")]
                    pub $field: $type
                ),*
            }

            impl Event for $event {
                const NAME: Name = Name {
                    pallet: Pallet::$pallet,
                    name: stringify!($event),
                };

                fn read(event: &ChainEvent) -> Result<Self, EventError> {
                    Ok(Self { $($field: event.field(stringify!($field))?),* })
                }
            }
        )*

        /// Every event that this crate reads.
        pub fn known() -> Vec<EventShape> {
            vec![$(EventShape {
                name: $event::NAME,
                fields: vec![$((stringify!($field), MetaType::new::<$type>())),*],
            }),*]
        }
    };
}

// The text of a field's name is the name of the field: each is written once.
events! {
    /// A transaction was executed and its call failed.
    System.ExtrinsicFailed { dispatch_error: Unread }
    /// A fee was paid, in plancks.
    TransactionPayment.TransactionFeePaid { who: AccountId, actual_fee: Balance, tip: Balance }
    /// A call was made as the superuser, and this came of it.
    Sudo.Sudid { sudo_result: Result<(), Unread> }

    /// A node was registered and its bond held.
    StorageNodes.NodeRegistered { node: NodeId, operator: AccountId, account: AccountId }
    /// A node offers another capacity; bond in plancks.
    StorageNodes.CapacitySet { node: NodeId, capacity_leaves: u64, bond: Balance }
    /// A node missed a window and gets no new shards until it proves.
    StorageNodes.NodeSuspected { node: NodeId, missed_in_a_row: u32 }
    /// A node lost bond: what it lost and what is left, in plancks.
    StorageNodes.BondSlashed { node: NodeId, amount: Balance, bond: Balance }
    /// A suspected node gets new shards again.
    StorageNodes.NodeRecovered { node: NodeId }

    /// The rent of a proven window, in plancks, streams out to the node.
    Payments.Credited { node: NodeId, window: WindowIndex, amount: Balance }
    /// The rent of a missed window, in plancks, went to the repair fund.
    Payments.WindowForfeited { node: NodeId, window: WindowIndex, amount: Balance }
    /// What a node had earned was paid out, in plancks.
    Payments.Withdrawn { node: NodeId, to: AccountId, amount: Balance }
    /// New reservations pay another price, in plancks for a GiB of shard and a window.
    Payments.PriceSet { price_per_gib_window: Balance }

    /// A reservation waits for its draw; rent in plancks, the end of its time as a block.
    Placement.Reserved {
        reservation: ReservationId, owner: AccountId, class: ShardClass, windows: u32,
        rent: Balance, expires_at: u32,
    }
    /// The nodes of a reservation are drawn.
    Placement.Drawn { reservation: ReservationId }
    /// Too few nodes could be drawn, and the reservation ended.
    Placement.DrawFailed { reservation: ReservationId, reason: DrawError }
    /// A slot got another node.
    Placement.SlotRedrawn { reservation: ReservationId, slot: SlotIndex, node: NodeId }
    /// No replacement could be drawn; the slot keeps its node.
    Placement.RedrawFailed { reservation: ReservationId, slot: SlotIndex, reason: DrawError }
    /// A reservation ended without a segment.
    Placement.ReservationEnded { reservation: ReservationId, owner: AccountId }
    /// A segment is stored, paid until a block, and will be proven.
    Placement.SegmentActivated {
        segment: SegmentId, reservation: ReservationId, owner: AccountId, paid_until: u32,
    }
    /// An owner paid for more windows, until a block.
    Placement.AgreementExtended { segment: SegmentId, owner: AccountId, paid_until: u32 }
    /// An owner's interest in a segment ended; what came back and what was kept, in plancks.
    Placement.AgreementEnded {
        segment: SegmentId, owner: AccountId, refund: Balance, forfeit: Balance,
    }
    /// Nobody pays for a segment any more.
    Placement.SegmentRemoved { segment: SegmentId }

    /// A node is asked to prove what it holds, until a block.
    Spacetime.ChallengeOpened { node: NodeId, window: WindowIndex, deadline: u32 }
    /// A node's window opened and no challenge could be formed.
    Spacetime.ChallengeUnavailable { node: NodeId, window: WindowIndex }
    /// A node proved its window.
    Spacetime.ProofAccepted { node: NodeId, window: WindowIndex }
    /// The proofs of a block did not pass together: so many are checked one by one.
    Spacetime.BatchRejected { proofs: u32 }
    /// Whether the proofs of a block are checked together from now on.
    Spacetime.BatchVerificationSet { enabled: bool }
    /// A window passed without a valid proof.
    Spacetime.WindowMissed { node: NodeId, window: WindowIndex, reason: FaultReason }
    /// A circuit has a verifying key, of this Blake2b-256.
    Spacetime.VerifyingKeySet { circuit: CircuitId, key_hash: [u8; 32] }
    /// A circuit's key will serve no new challenges.
    Spacetime.VerifyingKeyRetired { circuit: CircuitId }
    /// New challenges must be answered with this circuit.
    Spacetime.ActiveCircuitSet { circuit: CircuitId }
    /// Nothing is proven with a circuit until that is lifted.
    Spacetime.CircuitSuspended { circuit: CircuitId }
    /// A suspended circuit serves challenges again.
    Spacetime.CircuitResumed { circuit: CircuitId }
    /// A window ended without a verdict, because its circuit was suspended.
    Spacetime.WindowDeferred { node: NodeId, window: WindowIndex }
}

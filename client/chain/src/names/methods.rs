//! Methods of runtime APIs, with the types of their arguments and answers.

use std::marker::PhantomData;

use neurostore_primitives::{
    ChallengeInfo, CircuitId, ClassCounts, HeldShardInfo, NodeId, ReservationId, SampleInfo,
    SegmentId, ShardClass, WindowIndex, WindowOutcome,
};
use scale_info::{MetaType, TypeInfo};

use crate::{unread::Unread, AccountId, Balance, Earnings, Node, Quote, Reservation, Segment};

/// A method of a runtime API: takes the tuple `Arguments`, answers with an `Answer`.
pub(crate) struct Method<Arguments, Answer> {
    api: &'static str,
    name: &'static str,
    types: PhantomData<fn(Arguments) -> Answer>,
}

impl<Arguments, Answer> Method<Arguments, Answer> {
    const fn new(api: &'static str, name: &'static str) -> Self {
        Self {
            api,
            name,
            types: PhantomData,
        }
    }

    /// The name by which a node is asked.
    pub(crate) fn title(&self) -> String {
        format!("{}_{}", self.api, self.name)
    }
}

/// Names and types of a method, to be held to the metadata.
#[derive(Clone, Debug)]
pub struct MethodShape {
    /// The runtime API.
    pub api: &'static str,
    /// The method.
    pub name: &'static str,
    /// Its arguments, as a tuple.
    pub arguments: MetaType,
    /// What it answers.
    pub answer: MetaType,
}

impl<Arguments, Answer> Method<Arguments, Answer>
where
    Arguments: TypeInfo + 'static,
    Answer: TypeInfo + 'static,
{
    fn shape(&self) -> MethodShape {
        MethodShape {
            api: self.api,
            name: self.name,
            arguments: MetaType::new::<Arguments>(),
            answer: MetaType::new::<Answer>(),
        }
    }
}

/// Writes a constant for each method, and the list of their shapes.
macro_rules! methods {
    ($($constant:ident = $api:ident.$method:ident($($argument:ty),*) -> $answer:ty;)*) => {
        $(
            pub(crate) const $constant: Method<($($argument,)*), $answer> =
                Method::new(stringify!($api), stringify!($method));
        )*

        /// Every method that this crate asks.
        pub fn known() -> Vec<MethodShape> {
            vec![$($constant.shape()),*]
        }
    };
}

methods! {
    EXECUTE_BLOCK = Core.execute_block(Unread) -> ();

    NODE = StorageNodesApi.node(NodeId) -> Option<Node>;
    NODE_OF = StorageNodesApi.node_of(AccountId) -> Option<NodeId>;
    NODES = StorageNodesApi.nodes(NodeId, u32) -> Vec<Node>;
    BOND_FOR = StorageNodesApi.bond_for(u64) -> Balance;

    EARNINGS = PaymentsApi.earnings(NodeId) -> Earnings;
    PRICE = PaymentsApi.price() -> Balance;

    QUOTE = PlacementApi.quote(ShardClass, u32) -> Option<Quote>;
    RESERVATION = PlacementApi.reservation(ReservationId) -> Option<Reservation>;
    RESERVATIONS_OF = PlacementApi.reservations_of(AccountId) -> Vec<ReservationId>;
    SEGMENT = PlacementApi.segment(SegmentId) -> Option<Segment>;
    HELD_SHARDS = PlacementApi.held_shards(NodeId, ShardClass, u32, u32) -> Vec<HeldShardInfo>;
    HOLDINGS = PlacementApi.holdings(NodeId) -> ClassCounts;

    NEXT_CHALLENGE = SpacetimeApi.next_challenge(NodeId) -> Option<ChallengeInfo>;
    SAMPLES = SpacetimeApi.samples(NodeId, WindowIndex) -> Option<Vec<SampleInfo>>;
    OUTCOME = SpacetimeApi.outcome(NodeId, WindowIndex) -> Option<WindowOutcome>;
    EXPLAIN = SpacetimeApi.explain(NodeId, WindowIndex) -> Vec<u8>;
    CHECK_PROOF = SpacetimeApi.check_proof(CircuitId, [u8; 32], Vec<u8>) -> Result<(), Vec<u8>>;
    WINDOW_BLOCKS = SpacetimeApi.window_blocks() -> (u32, u32);
}

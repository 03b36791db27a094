//! Whatever happens to nodes in whatever order, every invariant holds.

use neurostore_primitives::{NodeHealth, NodeId, NodeRoom, ShardClass};
use proptest::prelude::*;

use crate::mock::*;

const NODES: u8 = 20;

/// Something that happens on the chain.
#[derive(Clone, Debug)]
enum Step {
    Draw([u8; 32], u8, usize),
    /// Gives back the shard drawn longest ago.
    Release,
    Missed(u32),
    Proven(u32),
    Deceived(u32),
    SetCapacity(u8, u64),
}

fn step() -> impl Strategy<Value = Step> {
    let nodes = u32::from(NODES);
    prop_oneof![
        3 => (any::<[u8; 32]>(), 0u8..11, 1usize..16)
            .prop_map(|(randomness, class, count)| Step::Draw(randomness, class, count)),
        3 => Just(Step::Release),
        1 => (0..nodes).prop_map(Step::Missed),
        1 => (0..nodes).prop_map(Step::Proven),
        1 => (0..nodes).prop_map(Step::Deceived),
        1 => (0..NODES, MIN_CAPACITY..4 * MIN_CAPACITY)
            .prop_map(|(node, leaves)| Step::SetCapacity(node, leaves)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_invariant_survives_every_history(
        steps in proptest::collection::vec(step(), 0..80),
    ) {
        let mut failure = None;
        run(|| {
            register_all(NODES, MIN_CAPACITY);
            let mut held = std::collections::VecDeque::new();
            for step in steps {
                match step.clone() {
                    Step::Draw(randomness, class, count) => {
                        let class = ShardClass::new(class).unwrap();
                        let drawn =
                            StorageNodes::draw_and_allocate(&randomness, class, &[], count);
                        let leaves = u64::from(class.leaves());
                        held.extend(drawn.iter().flatten().map(|node| (*node, leaves)));
                    }
                    Step::Release => {
                        if let Some((node, leaves)) = held.pop_front() {
                            StorageNodes::release(node, leaves);
                        }
                    }
                    Step::Missed(node) => StorageNodes::missed(NodeId(node)),
                    Step::Proven(node) => StorageNodes::proven(NodeId(node)),
                    Step::Deceived(node) => StorageNodes::deceived(NodeId(node)),
                    Step::SetCapacity(node, leaves) => {
                        let origin = RuntimeOrigin::signed(operator(node));
                        let id = NodeId(u32::from(node));
                        // Refused where the node is fuller than that.
                        let _ = StorageNodes::set_capacity(origin, id, leaves);
                    }
                }
                let used: u64 = StorageNodes::nodes(NodeId(0), u32::MAX)
                    .iter()
                    .map(|node| node.used_leaves)
                    .sum();
                let taken: u64 = held.iter().map(|(_, leaves)| leaves).sum();
                if used != taken || StorageNodes::do_try_state().is_err() {
                    failure.get_or_insert(step);
                }
            }
        });
        prop_assert!(failure.is_none(), "after {:?}", failure);
    }
}

//! The draw of the nodes that get a segment's shards: a pure function of randomness and rules.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sha2::{Digest, Sha256};

use crate::{
    ids::NodeId,
    node::NodeClass,
    shard::{ShardClass, TOTAL_SHARDS},
};

/// Slots of a segment that may stand on light nodes: as many as may be lost without loss.
pub const MAX_LIGHT_SLOTS: usize = 5;
/// Nodes that one draw looks at before it gives up: four for each slot keeps the cost of a block
/// bounded, and a healthy network needs fewer than two.
pub const MAX_DRAW_PROBES: usize = 4 * TOTAL_SHARDS;

/// A node that the draw looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate<Operator> {
    /// The node.
    pub node: NodeId,
    /// Who owns it.
    pub operator: Operator,
    /// Anchor or light.
    pub class: NodeClass,
    /// Its weight: free leaves.
    pub free_leaves: u64,
}

/// All nodes that could be drawn, laid out in one row by their free leaves.
pub trait EligibleSet {
    /// Identity of an operator.
    type Operator: Clone + PartialEq;
    /// Free leaves of all nodes together.
    fn total_free_leaves(&self) -> u64;
    /// The node whose stretch of the row covers `point`, and where its stretch begins.
    fn at(&self, point: u64) -> Option<(u64, Candidate<Self::Operator>)>;
    /// The owner of a node.
    fn operator_of(&self, node: NodeId) -> Option<Self::Operator>;
    /// Anchor or light.
    fn class_of(&self, node: NodeId) -> Option<NodeClass>;
}

/// Why a draw found too few nodes: the rule that was in the way.
#[allow(
    clippy::cast_possible_truncation,
    reason = "the derived code of the encoding"
)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize))]
pub enum DrawError {
    /// Too few nodes have room for a shard of this class.
    TooLittleCapacity {
        /// Slots that found a node.
        found: u8,
    },
    /// There is room, but with too few different operators.
    TooFewOperators {
        /// Slots that found a node.
        found: u8,
    },
    /// There is room, but on too many light nodes.
    TooFewAnchors {
        /// Slots that found a node.
        found: u8,
    },
}

/// Draws `count` nodes for shards of `class`: weight is free capacity, at most one slot for each
/// operator, at most [`MAX_LIGHT_SLOTS`] on light nodes, `taken` (nodes that hold other slots of
/// the same segment) counted in.
///
/// Each probe takes 16 bytes of SHA-256(domain, randomness, probe) modulo the weight that is
/// left; whoever was looked at, drawn or refused, is cut out of the row, so each probe sees
/// another node.
pub fn draw_nodes<S: EligibleSet>(
    randomness: &[u8; 32],
    set: &S,
    class: ShardClass,
    taken: &[NodeId],
    count: usize,
) -> Result<Vec<NodeId>, DrawError> {
    let mut operators: Vec<S::Operator> = taken
        .iter()
        .filter_map(|node| set.operator_of(*node))
        .collect();
    let mut light_slots = taken
        .iter()
        .filter(|node| set.class_of(**node) == Some(NodeClass::Light))
        .count();
    let mut drawn = Vec::with_capacity(count);
    let mut seen = Gaps::default();
    let (mut refused_operator, mut refused_light) = (false, false);

    for probe in 0..MAX_DRAW_PROBES {
        if drawn.len() >= count {
            break;
        }
        let Some(left) = set.total_free_leaves().checked_sub(seen.width) else {
            break;
        };
        let Some(point) = random_below(randomness, probe, left) else {
            break;
        };
        let Some((start, candidate)) = set.at(seen.skip(point)) else {
            break;
        };
        seen.insert(start, candidate.free_leaves);

        if candidate.free_leaves < u64::from(class.leaves()) || taken.contains(&candidate.node) {
            continue;
        }
        if operators.contains(&candidate.operator) {
            refused_operator = true;
            continue;
        }
        if candidate.class == NodeClass::Light {
            if light_slots >= MAX_LIGHT_SLOTS {
                refused_light = true;
                continue;
            }
            light_slots = light_slots.saturating_add(1);
        }
        operators.push(candidate.operator);
        drawn.push(candidate.node);
    }

    if drawn.len() >= count {
        return Ok(drawn);
    }
    let found = u8::try_from(drawn.len()).unwrap_or(u8::MAX);
    Err(if refused_light {
        DrawError::TooFewAnchors { found }
    } else if refused_operator {
        DrawError::TooFewOperators { found }
    } else {
        DrawError::TooLittleCapacity { found }
    })
}

/// A number below `bound`; `None` where `bound` is zero.
fn random_below(randomness: &[u8; 32], probe: usize, bound: u64) -> Option<u64> {
    let mut hash = Sha256::new();
    hash.update(b"neurostore/draw/1");
    hash.update(randomness);
    hash.update(u32::try_from(probe).ok()?.to_le_bytes());
    let digest: [u8; 32] = hash.finalize().into();
    let wide = digest
        .first_chunk::<16>()
        .map(|half| u128::from_le_bytes(*half))?;
    u64::try_from(wide.checked_rem(u128::from(bound))?).ok()
}

/// Stretches cut out of the row, sorted by where they begin.
#[derive(Default)]
struct Gaps {
    stretches: Vec<(u64, u64)>,
    width: u64,
}

impl Gaps {
    fn insert(&mut self, start: u64, width: u64) {
        let at = self.stretches.partition_point(|(other, _)| *other < start);
        self.stretches.insert(at, (start, width));
        self.width = self.width.saturating_add(width);
    }

    /// The point of the whole row that is `point` of the row without the gaps.
    fn skip(&self, point: u64) -> u64 {
        let mut point = point;
        for (start, width) in &self.stretches {
            if point < *start {
                break;
            }
            point = point.saturating_add(*width);
        }
        point
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Nodes as (operator, class, free leaves); the id is the position.
    struct Row(Vec<(u32, NodeClass, u64)>);

    impl EligibleSet for Row {
        type Operator = u32;

        fn total_free_leaves(&self) -> u64 {
            self.0.iter().map(|(_, _, free)| free).sum()
        }

        fn at(&self, point: u64) -> Option<(u64, Candidate<u32>)> {
            let mut start = 0;
            for (id, (operator, class, free)) in self.0.iter().enumerate() {
                if point < start + free {
                    let node = NodeId(u32::try_from(id).unwrap());
                    let candidate = Candidate {
                        node,
                        operator: *operator,
                        class: *class,
                        free_leaves: *free,
                    };
                    return Some((start, candidate));
                }
                start += free;
            }
            None
        }

        fn operator_of(&self, node: NodeId) -> Option<u32> {
            self.0
                .get(node.0 as usize)
                .map(|(operator, _, _)| *operator)
        }

        fn class_of(&self, node: NodeId) -> Option<NodeClass> {
            self.0.get(node.0 as usize).map(|(_, class, _)| *class)
        }
    }

    fn anchors(count: u32, free: u64) -> Row {
        Row((0..count)
            .map(|operator| (operator, NodeClass::Anchor, free))
            .collect())
    }

    fn class(c: u8) -> ShardClass {
        ShardClass::new(c).unwrap()
    }

    #[test]
    fn fifteen_operators_are_just_enough() {
        let drawn = draw_nodes(&[3; 32], &anchors(15, 64), class(6), &[], 15).unwrap();
        let mut ids: Vec<_> = drawn.iter().map(|node| node.0).collect();
        ids.sort_unstable();
        assert_eq!(ids, (0..15).collect::<Vec<_>>());
    }

    #[test]
    fn fourteen_operators_are_too_few_however_many_nodes_they_own() {
        let row = Row((0..40).map(|i| (i % 14, NodeClass::Anchor, 100)).collect());
        assert_eq!(
            draw_nodes(&[3; 32], &row, class(0), &[], 15),
            Err(DrawError::TooFewOperators { found: 14 })
        );
    }

    #[test]
    fn light_nodes_get_at_most_five_slots() {
        let row = |anchors| {
            Row((0..30)
                .map(|i| {
                    (
                        i,
                        if i < anchors {
                            NodeClass::Anchor
                        } else {
                            NodeClass::Light
                        },
                        10,
                    )
                })
                .collect())
        };
        assert_eq!(
            draw_nodes(&[1; 32], &row(9), class(0), &[], 15),
            Err(DrawError::TooFewAnchors { found: 14 })
        );
        let drawn = draw_nodes(&[1; 32], &row(10), class(0), &[], 15).unwrap();
        assert_eq!(drawn.iter().filter(|node| node.0 >= 10).count(), 5);
    }

    #[test]
    fn nodes_without_room_are_passed_over() {
        let mut row = anchors(16, 64);
        row.0[4].2 = 63;
        let drawn = draw_nodes(&[8; 32], &row, class(6), &[], 15).unwrap();
        assert!(!drawn.contains(&NodeId(4)));
        assert_eq!(
            draw_nodes(&[8; 32], &row, class(7), &[], 15),
            Err(DrawError::TooLittleCapacity { found: 0 })
        );
    }

    #[test]
    fn a_redraw_avoids_the_operators_of_the_other_slots() {
        let row = anchors(16, 64);
        let taken: Vec<_> = (0..14).map(NodeId).collect();
        for seed in 0..20 {
            let drawn = draw_nodes(&[seed; 32], &row, class(0), &taken, 1).unwrap();
            assert!(drawn[0].0 >= 14);
        }
    }

    #[test]
    fn more_free_room_means_more_slots() {
        let mut row = anchors(100, 10);
        row.0[7].2 = 1_000;
        let hits = (0..200u8)
            .filter(|seed| {
                let mut randomness = [0; 32];
                randomness[0] = *seed;
                draw_nodes(&randomness, &row, class(0), &[], 15)
                    .unwrap()
                    .contains(&NodeId(7))
            })
            .count();
        assert!(hits > 190, "{hits}");
    }

    proptest! {
        #[test]
        fn every_draw_keeps_every_rule(
            randomness: [u8; 32],
            nodes in proptest::collection::vec((0u32..40, any::<bool>(), 0u64..300), 0..120),
            c in 0u8..9,
        ) {
            let row = Row(nodes
                .into_iter()
                .map(|(operator, light, free)| {
                    (operator, if light { NodeClass::Light } else { NodeClass::Anchor }, free)
                })
                .collect());
            if let Ok(drawn) = draw_nodes(&randomness, &row, class(c), &[], 15) {
                prop_assert_eq!(drawn.len(), 15);
                let of = |node: &NodeId| row.0[node.0 as usize];
                let mut operators: Vec<_> = drawn.iter().map(|node| of(node).0).collect();
                operators.sort_unstable();
                operators.dedup();
                prop_assert_eq!(operators.len(), 15);
                prop_assert!(drawn.iter().all(|n| of(n).2 >= u64::from(class(c).leaves())));
                prop_assert!(
                    drawn.iter().filter(|n| of(n).1 == NodeClass::Light).count() <= MAX_LIGHT_SLOTS
                );
            }
        }
    }
}

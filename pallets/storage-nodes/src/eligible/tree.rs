//! A tree of sums in storage: setting a weight and finding a point of the row both touch one page
//! for each level.
//!
//! Level 0 holds the nodes' weights, 32 to a page; each page of the level above holds the sums of
//! 32 pages below. The tree is as high as the largest node number needs: when it grows, the old
//! root becomes the first child of a new one and nothing else is written. Compared to a binary
//! tree or a Fenwick tree over single values it reads and writes a fifth of the keys.

use core::marker::PhantomData;
use frame_support::defensive;
use neurostore_primitives::NodeId;

use crate::{Config, TreeLevels, TreePages};

/// Children of a page: 32 sums of 8 bytes are 256 bytes, small enough to rewrite on each draw and
/// wide enough that a thousand nodes need two levels.
pub const FAN_OUT: usize = 32;
/// The greatest height: bounds what one draw or one change reads and writes.
pub const MAX_LEVELS: u8 = 4;
/// Nodes that a tree of [`MAX_LEVELS`] has places for: 32^4.
pub const MAX_TREE_NODES: u32 = 1 << 20;

/// [`FAN_OUT`] for arithmetic on node numbers.
const FAN: u32 = 32;
const _: () = assert!(FAN as usize == FAN_OUT && FAN.pow(MAX_LEVELS as u32) == MAX_TREE_NODES);

/// One page of the tree: the weights below each of its children.
pub type Page = [u64; FAN_OUT];

/// A node's part of the row.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) node: NodeId,
    pub(super) start: u64,
    pub(super) weight: u64,
}

/// The tree in this pallet's storage.
pub(super) struct WeightTree<T>(PhantomData<T>);

impl<T: Config> WeightTree<T> {
    /// The sum of all weights.
    pub(super) fn total() -> u64 {
        match TreeLevels::<T>::get().checked_sub(1) {
            Some(root) => sum(&TreePages::<T>::get((root, 0))),
            None => 0,
        }
    }

    /// Sets the weight of a node. Numbers of [`MAX_TREE_NODES`] and above have no place.
    pub(super) fn set(node: NodeId, weight: u64) {
        if node.0 >= MAX_TREE_NODES {
            defensive!("registration refuses nodes beyond the tree");
            return;
        }
        let levels = Self::grow_over(node);
        let (mut place, mut below) = (node.0, weight);
        for level in 0..levels {
            let (page, child) = (place / FAN, place % FAN);
            below = TreePages::<T>::mutate((level, page), |children| {
                if let Some(old) = child_mut(children, child) {
                    *old = below;
                }
                sum(children)
            });
            place = page;
        }
    }

    /// The node whose stretch covers `point` of the row.
    pub(super) fn at(point: u64) -> Option<Stretch> {
        let mut left = point;
        let (mut place, mut weight) = (0u32, 0u64);
        for level in (0..TreeLevels::<T>::get()).rev() {
            let children = TreePages::<T>::get((level, place));
            let mut child = 0u32;
            weight = *children.iter().find(|weight| {
                let passed = left.checked_sub(**weight);
                if let Some(rest) = passed {
                    left = rest;
                    child = child.saturating_add(1);
                }
                passed.is_none()
            })?;
            // Cannot overflow: a place is below MAX_TREE_NODES.
            place = place.saturating_mul(FAN).saturating_add(child);
        }
        // Without levels there is no weight, and no point of the row.
        (weight > 0).then(|| Stretch {
            node: NodeId(place),
            start: point.saturating_sub(left),
            weight,
        })
    }

    /// Makes the tree high enough for `node`; its levels.
    fn grow_over(node: NodeId) -> u8 {
        let old = TreeLevels::<T>::get();
        let mut levels = old;
        let total = Self::total();
        while levels == 0
            || (levels < MAX_LEVELS && node.0 >= FAN.saturating_pow(u32::from(levels)))
        {
            let mut root = Page::default();
            if let Some(first) = root.first_mut() {
                *first = total;
            }
            TreePages::<T>::insert((levels, 0), root);
            levels = levels.saturating_add(1);
        }
        if levels != old {
            TreeLevels::<T>::put(levels);
        }
        levels
    }

    #[cfg(any(test, feature = "try-runtime"))]
    pub(super) fn weight_of(node: NodeId) -> u64 {
        let mut page = TreePages::<T>::get((0, node.0 / FAN));
        child_mut(&mut page, node.0 % FAN).map_or(0, |weight| *weight)
    }

    #[cfg(any(test, feature = "try-runtime"))]
    pub(super) fn wrong_sum() -> Option<(u8, u32)> {
        let root = TreeLevels::<T>::get().checked_sub(1)?;
        TreePages::<T>::iter()
            .filter(|((level, _), _)| *level != root)
            .find(|((level, page), children)| {
                let mut parent = TreePages::<T>::get((level.saturating_add(1), page / FAN));
                child_mut(&mut parent, page % FAN).map(|said| *said) != Some(sum(children))
            })
            .map(|(place, _)| place)
    }
}

fn child_mut(page: &mut Page, child: u32) -> Option<&mut u64> {
    page.get_mut(usize::try_from(child).ok()?)
}

/// The sum of a page. Cannot saturate: `integrity_test` checks that the greatest capacity of the
/// greatest number of nodes fits.
fn sum(page: &Page) -> u64 {
    page.iter()
        .fold(0, |sum, weight| sum.saturating_add(*weight))
}

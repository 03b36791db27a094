// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MmrProof} from "./MmrProof.sol";

/// @title Keccak trees of fixed depth
/// @notice An unused place is zero and pairs are not sorted, so a place has one path and a path one meaning. Leaves
/// are hashes of more than 64 bytes, so no inner node passes for a leaf.
library KeccakTree {
    /// @notice Depth of the tree of all messages ever locked on NeuroStore; a message's place is its nonce.
    uint256 internal constant MESSAGE_DEPTH = 24;
    /// @notice Depth of the tree of payout leaves, one a node: over a million nodes.
    uint256 internal constant PAYOUT_DEPTH = 20;
    /// @notice Depth of the tree of burns. Filling a tree of depth 24 would cost an attacker little; 4 billion burns
    /// cannot be paid for, so the way back never closes.
    uint256 internal constant BURN_DEPTH = 32;

    /// @notice The tree is full.
    error TreeFull();

    /// @notice An append-only tree: the left siblings that the next leaf will need.
    struct Appendable {
        uint64 count;
        bytes32[BURN_DEPTH] left;
    }

    /// @notice Whether `leaf` stands at `index` under `top`.
    /// @param top root of the tree, not zero
    /// @param depth depth of the tree
    /// @param index place of the leaf
    /// @param leaf hash of the leaf
    /// @param proof siblings from the bottom, exactly `depth`
    function contains(bytes32 top, uint256 depth, uint256 index, bytes32 leaf, bytes32[] calldata proof)
        internal
        pure
        returns (bool)
    {
        return top != 0 && rootOf(depth, index, leaf, proof) == top;
    }

    /// @notice Root of the tree in which `leaf` stands at `index`, or zero if there is no such place.
    /// @param depth depth of the tree
    /// @param index place of the leaf
    /// @param leaf hash of the leaf
    /// @param proof siblings from the bottom, exactly `depth`
    function rootOf(uint256 depth, uint256 index, bytes32 leaf, bytes32[] calldata proof)
        internal
        pure
        returns (bytes32 node)
    {
        if (proof.length != depth || index >> depth != 0) return 0;
        node = leaf;
        assembly ("memory-safe") {
            let end := add(proof.offset, shl(5, depth))
            for { let item := proof.offset } lt(item, end) { item := add(item, 32) } {
                // A right child stands second.
                let own := shl(5, and(index, 1))
                mstore(own, node)
                mstore(xor(own, 32), calldataload(item))
                node := keccak256(0, 64)
                index := shr(1, index)
            }
        }
    }

    /// @notice Appends a leaf and returns its place. Writes one slot of the tree however large it is.
    function append(Appendable storage self, bytes32 leaf) internal returns (uint64 index) {
        index = self.count;
        require(index < 2 ** BURN_DEPTH - 1, TreeFull());
        self.count = index + 1;
        bytes32 node = leaf;
        uint256 height = 0;
        for (uint256 size = uint256(index) + 1; size & 1 == 0; size >>= 1) {
            node = MmrProof.hashPair(self.left[height], node);
            ++height;
        }
        self.left[height] = node;
    }

    /// @notice Root over all leaves appended so far.
    function root(Appendable storage self) internal view returns (bytes32 node) {
        uint256 size = self.count;
        bytes32 empty = 0;
        for (uint256 height = 0; height < BURN_DEPTH; ++height) {
            node = size & 1 == 1 ? MmrProof.hashPair(self.left[height], node) : MmrProof.hashPair(node, empty);
            empty = MmrProof.hashPair(empty, empty);
            size >>= 1;
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MmrProof} from "./MmrProof.sol";

/// @title Keccak trees of fixed depth
/// @notice An unused place is zero and pairs are not sorted, so a place has one path and a path one meaning. Leaves
/// are hashes of more than 64 bytes, so no inner node passes for a leaf.
library KeccakTree {
    /// @notice Depth of the tree of all messages ever locked on NeuroStore; a message's place is its nonce.
    uint256 internal constant MESSAGE_DEPTH = 24;
    /// @notice Depth of the tree of payout leaves, one a node that ever earned for Base: 131,072 nodes. Each level costs
    /// every claim 700 gas, so there are no more than that.
    uint256 internal constant PAYOUT_DEPTH = 17;
    /// @notice Depth of the tree of burns. Filling a tree of depth 24 would cost an attacker little; 4 billion burns
    /// cannot be paid for, so the way back never closes.
    uint256 internal constant BURN_DEPTH = 32;

    /// @notice The tree is full.
    error TreeFull();

    /// @notice An append-only tree: the left siblings that the next leaf will need. Who owns it counts its leaves, in
    /// a slot that is written anyway.
    struct Appendable {
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
            // In units of 32 bytes the lowest bit says where the node stands: a right child stands second.
            let path := shl(5, index)
            mstore(and(path, 32), node)
            for { let item := proof.offset } lt(item, end) { item := add(item, 32) } {
                mstore(and(not(path), 32), calldataload(item))
                path := shr(1, path)
                mstore(and(path, 32), keccak256(0, 64))
            }
            node := mload(and(path, 32))
        }
    }

    /// @notice Appends a leaf. Writes one slot however large the tree is.
    /// @param index place of the leaf: how many there were before
    /// @param leaf hash of the leaf
    function append(Appendable storage self, uint256 index, bytes32 leaf) internal {
        require(index < 2 ** BURN_DEPTH - 1, TreeFull());
        bytes32 node = leaf;
        uint256 height = 0;
        for (uint256 size = index + 1; size & 1 == 0; size >>= 1) {
            node = MmrProof.hashPair(self.left[height], node);
            ++height;
        }
        self.left[height] = node;
    }

    /// @notice Root over all leaves appended so far.
    /// @param size how many these are
    function root(Appendable storage self, uint256 size) internal view returns (bytes32 node) {
        bytes32 empty = 0;
        for (uint256 height = 0; height < BURN_DEPTH; ++height) {
            node = size & 1 == 1 ? MmrProof.hashPair(self.left[height], node) : MmrProof.hashPair(node, empty);
            empty = MmrProof.hashPair(empty, empty);
            size >>= 1;
        }
    }
}

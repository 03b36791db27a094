// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Proof of the newest leaf of a Merkle mountain range
/// @notice A commitment is only ever opened at its own block's leaf, and that leaf is the last one. So the number of
/// leaves alone says what the proof looks like: no position, no order of pairs and no count comes from the caller.
library MmrProof {
    /// @notice The proof has another length than a range of so many leaves gives.
    error WrongProofLength(uint256 given, uint256 needed);

    /// @notice Root of a range of `leafCount` leaves whose last leaf hashes to `leaf`.
    /// @dev Items as in `LeafProof.items` of sp-mmr-primitives 44.0.0: first the peaks to the left, left to right,
    /// then the siblings inside the last peak, from the bottom. polkadot-ckb-merkle-mountain-range 0.8.3: `mmr.rs`,
    /// `MMR::gen_proof`, `calculate_peak_root`, and `bagging_peaks_hashes` (hash of right, then left). Nodes are
    /// hashed by pallet-mmr 50.0.0: `mmr/mod.rs`, `Hasher::merge`. A leaf has 113 bytes and a node 64, so neither
    /// passes for the other.
    /// @param leaf hash of the last leaf
    /// @param leafCount number of leaves, at least 1
    /// @param items the proof
    function rootOfLast(bytes32 leaf, uint256 leafCount, bytes32[] calldata items)
        internal
        pure
        returns (bytes32 root)
    {
        uint256 height = trailingZeros(leafCount);
        uint256 leftPeaks = ones(leafCount) - 1;
        require(items.length == height + leftPeaks, WrongProofLength(items.length, height + leftPeaks));

        root = leaf;
        assembly ("memory-safe") {
            let end := add(items.offset, shl(5, items.length))
            let firstSibling := add(items.offset, shl(5, leftPeaks))
            // Inside its peak the last leaf is a right child at every level.
            mstore(32, root)
            for { let item := firstSibling } lt(item, end) { item := add(item, 32) } {
                mstore(0, calldataload(item))
                mstore(32, keccak256(0, 64))
            }
            // Peaks are bagged from the right, the right one first.
            mstore(0, mload(32))
            for { let item := firstSibling } gt(item, items.offset) {} {
                item := sub(item, 32)
                mstore(32, calldataload(item))
                mstore(0, keccak256(0, 64))
            }
            root := mload(0)
        }
    }

    /// @notice keccak256 of 64 bytes.
    function hashPair(bytes32 a, bytes32 b) internal pure returns (bytes32 h) {
        assembly ("memory-safe") {
            mstore(0, a)
            mstore(32, b)
            h := keccak256(0, 64)
        }
    }

    /// @notice Number of zero bits below the lowest one bit; `v` is not zero.
    function trailingZeros(uint256 v) internal pure returns (uint256 n) {
        assembly ("memory-safe") {
            for {} iszero(and(v, 1)) { v := shr(1, v) } { n := add(n, 1) }
        }
    }

    /// @notice Number of one bits.
    function ones(uint256 v) internal pure returns (uint256 n) {
        assembly ("memory-safe") {
            for {} v { v := and(v, sub(v, 1)) } { n := add(n, 1) }
        }
    }
}

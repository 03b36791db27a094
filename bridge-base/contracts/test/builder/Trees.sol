// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Trees as the chain builds them, level by level
library Trees {
    /// @dev binary-merkle-tree 16.1.2: `lib.rs`, `merkelize_row`, written as recursion over rows.
    function validators(bytes32[] memory row) internal pure returns (bytes32) {
        if (row.length == 1) return row[0];
        bytes32[] memory next = new bytes32[]((row.length + 1) / 2);
        for (uint256 i = 0; i < next.length; ++i) {
            next[i] = 2 * i + 1 < row.length ? keccak256(bytes.concat(row[2 * i], row[2 * i + 1])) : row[2 * i];
        }
        return validators(next);
    }

    /// @notice Root of a tree of fixed depth, and the path of one place.
    function fixedDepth(bytes32[] memory leaves, uint256 depth, uint256 index)
        internal
        pure
        returns (bytes32 root, bytes32[] memory proof)
    {
        proof = new bytes32[](depth);
        bytes32 empty = 0;
        bytes32[] memory row = leaves;
        for (uint256 level = 0; level < depth; ++level) {
            uint256 sibling = index ^ 1;
            proof[level] = sibling < row.length ? row[sibling] : empty;
            bytes32[] memory next = new bytes32[]((row.length + 1) / 2);
            for (uint256 i = 0; i < next.length; ++i) {
                bytes32 right = 2 * i + 1 < row.length ? row[2 * i + 1] : empty;
                next[i] = keccak256(bytes.concat(row[2 * i], right));
            }
            row = next;
            empty = keccak256(bytes.concat(empty, empty));
            index >>= 1;
        }
        root = row.length == 0 ? empty : row[0];
    }
}

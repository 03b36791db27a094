// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Lists of validator addresses, kept as contract code
/// @notice A list is 20 bytes a validator in authority order. Reading code costs 3 gas a word where calldata costs 16
/// a byte (64 once EIP-7976 is live), so a list is sent once and read at every import.
library AddressList {
    /// @notice Most validators a set may have: 1,200 would fill the
    /// code of a contract (24,576 bytes), and 667 signers of 1,000 use 3 million gas, a fifth of what a transaction may.
    uint256 internal constant MAX_VALIDATORS = 1000;

    /// @notice The list is empty, too long or not a multiple of 20 bytes.
    error WrongListLength(uint256 length);
    /// @notice The code could not be stored.
    error ListNotStored();

    /// @notice Number of addresses in a packed list.
    function count(bytes memory list) internal pure returns (uint256 n) {
        n = list.length / 20;
        require(n != 0 && n <= MAX_VALIDATORS && n * 20 == list.length, WrongListLength(list.length));
    }

    /// @notice Binary Merkle root over keccak256 of each address; an odd node at the end of a row is promoted.
    /// @dev pallet-beefy-mmr 51.0.0: `lib.rs`, `compute_authority_set` over `BeefyEcdsaToEthereum` (a key that does
    /// not convert becomes 20 zero bytes); binary-merkle-tree 16.1.2: `lib.rs`, `merkle_root`, `merkelize_row`. The
    /// whole list is hashed: no proof of membership is ever checked, because that crate's proofs alias.
    function root(bytes memory list) internal pure returns (bytes32 h) {
        uint256 n = count(list);
        assembly ("memory-safe") {
            let row := mload(0x40)
            for { let i := 0 } lt(i, n) { i := add(i, 1) } {
                mstore(add(row, shl(5, i)), keccak256(add(add(list, 32), mul(i, 20)), 20))
            }
            for {} gt(n, 1) {} {
                let pairs := shr(1, n)
                for { let i := 0 } lt(i, pairs) { i := add(i, 1) } {
                    mstore(add(row, shl(5, i)), keccak256(add(row, shl(6, i)), 64))
                }
                if and(n, 1) { mstore(add(row, shl(5, pairs)), mload(add(row, shl(5, sub(n, 1))))) }
                n := sub(n, pairs)
            }
            h := mload(row)
        }
    }

    /// @notice Stores a list as the code of a new contract and returns where.
    /// @dev The first byte is STOP, so the code does nothing when called.
    function store(bytes memory list) internal returns (address code) {
        bytes memory init = abi.encodePacked(
            // PUSH4 size, DUP1, PUSH1 14, PUSH1 0, CODECOPY, PUSH1 0, RETURN
            bytes1(0x63),
            uint32(list.length + 1),
            hex"80600e6000396000f3",
            bytes1(0x00),
            list
        );
        uint256 created;
        assembly ("memory-safe") {
            created := create(0, add(init, 32), mload(init))
        }
        code = address(uint160(created));
        require(code != address(0), ListNotStored());
    }

    /// @notice Reads a stored list of `n` addresses; address `i` is the first 20 bytes at `20 * i`.
    function load(address code, uint256 n) internal view returns (bytes memory list) {
        assembly ("memory-safe") {
            let size := mul(n, 20)
            list := mload(0x40)
            mstore(list, size)
            extcodecopy(code, add(list, 32), 1, size)
            mstore(0x40, and(add(add(list, size), 95), not(31)))
        }
    }
}

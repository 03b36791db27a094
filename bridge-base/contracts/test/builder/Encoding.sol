// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title SCALE as the pinned crates write it, byte by byte
/// @notice Written apart from `src/lib/Scale.sol`: the tests compare the two.
library Encoding {
    /// @dev sp-consensus-beefy 32.0.0: `commitment.rs`, `Commitment`; `payload.rs`, `Payload`.
    function commitment(bytes32 mmrRoot, uint32 blockNumber, uint64 setId) internal pure returns (bytes memory) {
        bytes memory payload = bytes.concat(compact(1), "mh", compact(32), mmrRoot);
        return bytes.concat(payload, le(blockNumber, 4), le(setId, 8));
    }

    /// @dev sp-consensus-beefy 32.0.0: `mmr.rs`, `MmrLeaf`, `BeefyAuthoritySet`.
    function leaf(
        uint8 version,
        uint32 parentNumber,
        bytes32 parentHash,
        uint64 nextId,
        uint32 nextLen,
        bytes32 nextRoot,
        bytes32 extra
    ) internal pure returns (bytes memory) {
        bytes memory parent = bytes.concat(le(parentNumber, 4), parentHash);
        bytes memory next = bytes.concat(le(nextId, 8), le(nextLen, 4), nextRoot);
        return bytes.concat(bytes1(version), parent, next, extra);
    }

    /// @dev parity-scale-codec: `Compact<u32>` in its one-byte and two-byte forms.
    function compact(uint256 v) internal pure returns (bytes memory) {
        if (v < 64) return le(v << 2, 1);
        require(v < 2 ** 14, "longer forms are not needed");
        return le(v << 2 | 1, 2);
    }

    /// @dev Least significant byte first.
    function le(uint256 v, uint256 length) internal pure returns (bytes memory out) {
        out = new bytes(length);
        for (uint256 i = 0; i < length; ++i) {
            out[i] = bytes1(uint8(v >> (8 * i)));
        }
    }
}

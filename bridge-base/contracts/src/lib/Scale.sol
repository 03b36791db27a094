// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title SCALE encodings of the two things that BEEFY validators sign for
/// @notice Only encoding, from typed values: nothing a caller sends is ever decoded, so no two byte strings mean the
/// same thing and no byte is left over.
library Scale {
    /// @dev What stands before the root in a commitment: one payload item (compact 1), its id "mh", 32 bytes (compact
    /// 32). sp-consensus-beefy 32.0.0: `payload.rs`, `Payload(Vec<(BeefyPayloadId, Vec<u8>)>)` and
    /// `known_payloads::MMR_ROOT_ID`; made by `mmr.rs`, `MmrRootProvider::payload`.
    bytes4 private constant PAYLOAD_HEAD = 0x046d6880;

    /// @notice Hash that validators sign: keccak256 over the 48 bytes of
    /// `Commitment { payload, block_number: u32, validator_set_id: u64 }`.
    /// @dev sp-consensus-beefy 32.0.0: `commitment.rs`, `Commitment`; `lib.rs`, `ecdsa_crypto`,
    /// `AuthorityId::verify` (keccak_256 of the encoding, no prefix).
    /// @param mmrRoot root of the Merkle mountain range after the block's own leaf
    /// @param blockNumber block that is signed for
    /// @param setId id of the validator set that signs
    function commitmentHash(bytes32 mmrRoot, uint32 blockNumber, uint64 setId) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(PAYLOAD_HEAD, mmrRoot, le32(blockNumber), le64(setId)));
    }

    /// @notice Hash of the leaf that a block adds to the range: keccak256 over exactly 113 bytes.
    /// @dev sp-consensus-beefy 32.0.0: `mmr.rs`, `MmrLeaf` and `BeefyAuthoritySet`, fields in that order; hashed by
    /// sp-mmr-primitives 44.0.0: `lib.rs`, `DataOrHash::hash`. The version is 0; `leaf_extra` is a bare H256.
    /// @param parentNumber number of the block before
    /// @param parentHash hash of the block before
    /// @param nextSetId id of the next validator set
    /// @param nextSetLen number of validators in it
    /// @param nextSetRoot binary Merkle root over their addresses
    /// @param extra what pallet-bridge commits to
    function leafHash(
        uint32 parentNumber,
        bytes32 parentHash,
        uint64 nextSetId,
        uint32 nextSetLen,
        bytes32 nextSetRoot,
        bytes32 extra
    ) internal pure returns (bytes32) {
        return keccak256(
            abi.encodePacked(
                bytes1(0), le32(parentNumber), parentHash, le64(nextSetId), le32(nextSetLen), nextSetRoot, extra
            )
        );
    }

    /// @notice Four bytes, least significant first.
    function le32(uint32 v) internal pure returns (bytes4) {
        v = ((v & 0xff00ff00) >> 8) | ((v & 0x00ff00ff) << 8);
        return bytes4((v >> 16) | (v << 16));
    }

    /// @notice Eight bytes, least significant first.
    function le64(uint64 v) internal pure returns (bytes8) {
        v = ((v & 0xff00ff00ff00ff00) >> 8) | ((v & 0x00ff00ff00ff00ff) << 8);
        v = ((v & 0xffff0000ffff0000) >> 16) | ((v & 0x0000ffff0000ffff) << 16);
        return bytes8((v >> 32) | (v << 32));
    }
}

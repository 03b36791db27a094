// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AddressList} from "./AddressList.sol";

/// @title Full check of a quorum's signatures
/// @notice Every signature of the quorum is recovered; none is sampled. Signers are named by a bitmap, so they are
/// distinct and ascending by construction.
library QuorumSignatures {
    /// @notice Half the order of secp256k1: a greater `s` is the other form of the same signature.
    bytes32 internal constant HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    /// @notice The bitmap has too few or too many words, or a bit beyond the last validator.
    error WrongBitmap();
    /// @notice Not exactly the quorum has signed.
    error WrongSignerCount(uint256 given, uint256 quorum);
    /// @notice The signatures are not 64 bytes for each signer.
    error WrongSignaturesLength(uint256 length);
    /// @notice The signature of the validator at this place is not his, or not in its low-s form.
    error WrongSignature(uint256 place);

    /// @notice Signers needed of `n`: more than two thirds.
    /// @dev As `sp_consensus_beefy::check_commitment_signature` is used by sc-consensus-beefy 39.0.0: `round.rs`,
    /// `threshold`.
    function quorum(uint256 n) internal pure returns (uint256) {
        return n - (n - 1) / 3;
    }

    /// @notice Reverts unless exactly the quorum of the list has signed `digest`.
    /// @param list addresses of the set, packed
    /// @param digest what was signed
    /// @param bitmap who signed, 256 places a word, lowest bit first
    /// @param signatures 64 bytes a signer in the order of the bitmap: r, then s with the parity in its top bit
    /// (EIP-2098)
    function check(bytes memory list, bytes32 digest, uint256[] calldata bitmap, bytes calldata signatures)
        internal
        view
    {
        uint256 n = list.length / 20;
        _checkPadding(n, bitmap);
        (uint256 signers, uint256 wrong) = _recoverAll(list, digest, bitmap, signatures);
        require(wrong == n, WrongSignature(wrong));
        require(signers == quorum(n), WrongSignerCount(signers, quorum(n)));
        require(signatures.length == signers * 64, WrongSignaturesLength(signatures.length));
    }

    function _checkPadding(uint256 n, uint256[] calldata bitmap) private pure {
        require(bitmap.length == (n + 255) / 256, WrongBitmap());
        uint256 inLastWord = n % 256;
        if (inLastWord != 0) require(bitmap[bitmap.length - 1] >> inLastWord == 0, WrongBitmap());
    }

    /// @dev One loop over all places, in assembly because every gas in it counts hundreds of times.
    /// @return signers number of bits set up to the first wrong signature
    /// @return wrong place of the first wrong signature, or the number of places if none is wrong
    function _recoverAll(bytes memory list, bytes32 digest, uint256[] calldata bitmap, bytes calldata signatures)
        private
        view
        returns (uint256 signers, uint256 wrong)
    {
        uint256 highest = uint256(HALF_ORDER);
        assembly ("memory-safe") {
            let n := div(mload(list), 20)
            let entry := add(list, 32)
            let cursor := signatures.offset
            let input := mload(0x40)
            let word := 0
            mstore(input, digest)
            wrong := n
            for { let place := 0 } lt(place, n) { place := add(place, 1) } {
                if iszero(and(place, 255)) { word := calldataload(add(bitmap.offset, shl(5, shr(8, place)))) }
                if and(word, 1) {
                    let vs := calldataload(add(cursor, 32))
                    let s := shr(1, shl(1, vs))
                    mstore(add(input, 32), add(27, shr(255, vs)))
                    calldatacopy(add(input, 64), cursor, 32)
                    mstore(add(input, 96), s)
                    // The precompile returns nothing for a bad signature; this zero then stands.
                    mstore(0, 0)
                    pop(staticcall(gas(), 1, input, 128, 0, 32))
                    let signer := mload(0)
                    // Zero stands in the list for a key that did not convert: it never signs.
                    let refused := or(iszero(signer), xor(signer, shr(96, mload(entry))))
                    // A third party can make the high form out of any signature.
                    refused := or(refused, gt(s, highest))
                    if refused {
                        wrong := place
                        break
                    }
                    signers := add(signers, 1)
                    cursor := add(cursor, 64)
                }
                word := shr(1, word)
                entry := add(entry, 20)
            }
        }
    }
}

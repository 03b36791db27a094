// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AddressList} from "./AddressList.sol";
import {MmrProof} from "./MmrProof.sol";

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
        _checkBitmap(n, bitmap, signatures.length);

        uint256 cursor = 0;
        for (uint256 word = 0; word < bitmap.length; ++word) {
            uint256 bits = bitmap[word];
            while (bits != 0) {
                uint256 place;
                uint256 expected;
                bytes32 r;
                bytes32 vs;
                assembly ("memory-safe") {
                    place := add(shl(8, word), sub(255, clz(and(bits, sub(0, bits)))))
                    bits := and(bits, sub(bits, 1))
                    expected := shr(96, mload(add(add(list, 32), mul(place, 20))))
                    r := calldataload(add(signatures.offset, cursor))
                    vs := calldataload(add(signatures.offset, add(cursor, 32)))
                    cursor := add(cursor, 64)
                }
                uint256 signer = _recover(digest, r, vs);
                // A place with the zero address stands for a key that did not convert: it never signs, although a
                // failed recovery gives zero too.
                require(signer != 0 && signer == expected, WrongSignature(place));
            }
        }
    }

    function _checkBitmap(uint256 n, uint256[] calldata bitmap, uint256 signaturesLength) private pure {
        require(bitmap.length == (n + 255) / 256, WrongBitmap());
        uint256 inLastWord = n % 256;
        if (inLastWord != 0) require(bitmap[bitmap.length - 1] >> inLastWord == 0, WrongBitmap());

        uint256 signers = 0;
        for (uint256 i = 0; i < bitmap.length; ++i) {
            signers += MmrProof.ones(bitmap[i]);
        }
        require(signers == quorum(n), WrongSignerCount(signers, quorum(n)));
        require(signaturesLength == signers * 64, WrongSignaturesLength(signaturesLength));
    }

    /// @dev Who signed, or 0: also for a high s, which a third party could make out of any signature.
    function _recover(bytes32 digest, bytes32 r, bytes32 vs) private view returns (uint256 signer) {
        uint256 s = uint256(vs) & (2 ** 255 - 1);
        if (s > uint256(HALF_ORDER)) return 0;
        assembly ("memory-safe") {
            let input := mload(0x40)
            mstore(input, digest)
            mstore(add(input, 32), add(27, shr(255, vs)))
            mstore(add(input, 64), r)
            mstore(add(input, 96), s)
            mstore(0, 0)
            // The precompile returns nothing for a bad signature; the zero written before then stands.
            if iszero(staticcall(gas(), 1, input, 128, 0, 32)) { mstore(0, 0) }
            signer := mload(0)
        }
    }
}

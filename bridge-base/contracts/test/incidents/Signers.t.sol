// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {BeefyClient} from "src/BeefyClient.sol";
import {Submission} from "src/ClientTypes.sol";
import {QuorumSignatures} from "src/lib/QuorumSignatures.sol";
import {LibraryCalls} from "../builder/LibraryCalls.sol";
import {World} from "../builder/World.sol";

/// @title What went wrong elsewhere with signers
/// @notice Each test has a patch of its name in `mutations/` that takes its guard away, and then fails.
contract SignerIncidents is World {
    uint256 private constant ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;

    /// Kelp, April 2026: one signer of one was the threshold. Here it is no setting.
    function test_kelp_one_signer_is_not_enough() public {
        chain.produce();
        uint256[] memory one = new uint256[](1);
        Submission memory s = chain.signBy(one);
        vm.expectRevert(abi.encodeWithSelector(QuorumSignatures.WrongSignerCount.selector, 1, 3));
        client.submit(s);
    }

    /// BEEFY's own tree, June 2026: a promoted leaf was proven at 256 places, and so one validator was many.
    function test_aliasing_a_validator_stands_at_one_place() public {
        chain.produce();
        Submission memory s = chain.unsigned();
        bytes memory one = chain.signature(chain.digestOf(s), chain.key(0, 0));
        s.signers = new uint256[](1);
        s.signers[0] = 7;
        s.signatures = bytes.concat(one, one, one);
        vm.expectRevert(abi.encodeWithSelector(QuorumSignatures.WrongSignature.selector, 1));
        client.submit(s);
    }

    /// Snowbridge's own test: bits beyond the last validator are a free choice to whoever grinds a hash.
    function test_padding_bits_beyond_the_last_validator_are_refused() public {
        chain.produce();
        Submission memory s = chain.sign();
        s.signers[0] |= 1 << 4;
        vm.expectRevert(QuorumSignatures.WrongBitmap.selector);
        client.submit(s);
    }

    /// Wormhole, 2022: the caller brought the verifier. Anyone stores a list here, and nobody chooses one.
    function test_wormhole_a_list_that_the_caller_brings_does_not_count() public {
        chain.setSet(1, 4, 666);
        chain.setSet(2, 4, 666);
        client.storeList(chain.list(1));
        chain.newSession();
        Submission memory s = chain.sign();
        vm.expectRevert(abi.encodeWithSelector(QuorumSignatures.WrongSignature.selector, 0));
        client.submit(s);
    }

    /// Ronin, 2022: a permission that should have ended had not. The people are the same, their office is over.
    function test_ronin_a_set_that_handed_over_signs_no_more() public {
        importSession();
        chain.setSetId(0);
        chain.produce();
        Submission memory s = chain.sign();
        vm.expectRevert(abi.encodeWithSelector(BeefyClient.WrongSet.selector, 0, 1));
        client.submit(s);
    }

    /// polytope-labs/hyperbridge #968: a key that does not convert stands in the list as zero, and zero is what a
    /// failed recovery leaves.
    function test_hyperbridge_968_a_place_with_the_zero_address_never_signs() public {
        LibraryCalls lib = new LibraryCalls();
        uint256[] memory first = new uint256[](1);
        first[0] = 1;
        vm.expectRevert(abi.encodeWithSelector(QuorumSignatures.WrongSignature.selector, 0));
        lib.checkSignatures(abi.encodePacked(address(0)), keccak256("signed"), first, new bytes(64));
    }

    /// Between half the order and 2^255 a high s fits into 255 bits and ecrecover takes it. With the nonce 1 a key can
    /// be found for any s, so both sides of the border are tried.
    function test_high_s_is_refused_where_it_fits_the_short_form() public {
        LibraryCalls lib = new LibraryCalls();
        uint256 gx = 0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798;
        uint256 digest = uint256(keccak256("signed"));
        uint256[] memory first = new uint256[](1);
        first[0] = 1;
        for (uint256 above = 0; above < 2; ++above) {
            uint256 s = uint256(QuorumSignatures.HALF_ORDER) + above;
            uint256 secret = mulmod(addmod(s, ORDER - digest % ORDER, ORDER), Math.invMod(gx, ORDER), ORDER);
            assertEq(ecrecover(bytes32(digest), 27, bytes32(gx), bytes32(s)), vm.addr(secret));
            bytes memory signature = abi.encodePacked(gx, s);
            if (above == 1) vm.expectRevert(abi.encodeWithSelector(QuorumSignatures.WrongSignature.selector, 0));
            lib.checkSignatures(abi.encodePacked(vm.addr(secret)), bytes32(digest), first, signature);
        }
    }
}

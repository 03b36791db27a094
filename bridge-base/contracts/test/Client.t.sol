// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {BeefyClient} from "src/BeefyClient.sol";
import {ClientState} from "src/ClientState.sol";
import {Anchor, Submission} from "src/ClientTypes.sol";
import {AddressList} from "src/lib/AddressList.sol";
import {MmrProof} from "src/lib/MmrProof.sol";
import {QuorumSignatures} from "src/lib/QuorumSignatures.sol";
import {LibraryCalls} from "./builder/LibraryCalls.sol";
import {NeuroChain} from "./builder/NeuroChain.sol";
import {World} from "./builder/World.sol";

/// @title What is imported and what is refused
contract ClientTest is World {
    uint256 private constant ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;

    function test_sets_of_every_width_up_to_130_import_and_hand_over() public {
        for (uint256 n = 1; n <= 130; ++n) {
            deployWorld(n);
            chain.setSet(2, 131 - n, 9);
            importBlock();
            importSession();
            importSession();
            (uint32 number, uint64 setId,,,) = client.head();
            assertEq(number, chain.blockNumber());
            assertEq(setId, 2);
        }
    }

    function test_a_set_with_more_than_256_places_imports() public {
        deployWorld(300);
        importBlock();
    }

    function test_any_quorum_will_do() public {
        deployWorld(7);
        chain.produce();
        client.submit(chain.signBy(places(6, 5, 4, 2, 0)));
    }

    function test_one_signature_less_than_the_quorum_is_refused() public {
        deployWorld(7);
        chain.produce();
        refuse(
            chain.signBy(places(0, 1, 2, 3)), abi.encodeWithSelector(QuorumSignatures.WrongSignerCount.selector, 4, 5)
        );
    }

    function test_one_signature_more_than_the_quorum_is_refused() public {
        chain.produce();
        refuse(
            chain.signBy(places(0, 1, 2, 3)), abi.encodeWithSelector(QuorumSignatures.WrongSignerCount.selector, 4, 3)
        );
    }

    function test_a_signer_cannot_count_twice() public {
        chain.produce();
        Submission memory s = chain.unsigned();
        bytes memory one = chain.signature(chain.digestOf(s), chain.key(0, 0));
        s.signers = places(7);
        s.signatures = bytes.concat(one, one, one);
        refuse(s, abi.encodeWithSelector(QuorumSignatures.WrongSignature.selector, 1));
    }

    function test_signatures_in_another_order_are_refused() public {
        chain.produce();
        Submission memory s = chain.signBy(places(2, 1, 0));
        refuse(s, abi.encodeWithSelector(QuorumSignatures.WrongSignature.selector, 0));
    }

    function test_a_padding_bit_beside_the_quorum_is_refused() public {
        chain.produce();
        Submission memory s = chain.sign();
        s.signers[0] |= 1 << 255;
        refuse(s, abi.encodeWithSelector(QuorumSignatures.WrongBitmap.selector));
    }

    function test_a_bitmap_with_a_word_too_many_is_refused() public {
        chain.produce();
        Submission memory s = chain.sign();
        uint256[] memory longer = new uint256[](2);
        longer[0] = s.signers[0];
        s.signers = longer;
        refuse(s, abi.encodeWithSelector(QuorumSignatures.WrongBitmap.selector));
    }

    /// A validator's gossip may carry the high form; the relayer turns it. Cut to 255 bits it is nobody's signature.
    function test_a_validator_that_signs_high_s_is_refused_until_the_form_is_turned() public {
        chain.produce();
        Submission memory s = chain.sign();
        (uint8 v, bytes32 r, bytes32 low) = vm.sign(chain.key(0, 0), chain.digestOf(s));
        uint256 high = ORDER - uint256(low);
        bytes memory turned = bytes.concat(r, bytes32((high & (2 ** 255 - 1)) | uint256(28 - v) << 255));
        bytes memory good = bytes.concat(s.signatures);
        for (uint256 i = 0; i < 64; ++i) {
            s.signatures[i] = turned[i];
        }
        refuse(s, abi.encodeWithSelector(QuorumSignatures.WrongSignature.selector, 0));
        s.signatures = good;
        client.submit(s);
    }

    function test_an_old_block_and_the_same_block_are_refused() public {
        chain.produce();
        Submission memory older = chain.sign();
        importBlock();
        refuse(older, abi.encodeWithSelector(BeefyClient.NotNewer.selector, 4, 5));
        Submission memory same = chain.sign();
        refuse(same, abi.encodeWithSelector(BeefyClient.NotNewer.selector, 5, 5));
    }

    function test_an_old_leaf_under_a_new_root_is_refused() public {
        chain.lock(alice, NEURO, 0);
        chain.produce();
        Submission memory older = chain.unsigned();
        bytes32[] memory none = new bytes32[](0);
        chain.produce();
        Submission memory s = chain.sign();
        (s.parentHash, s.extra) = (older.parentHash, older.extra);
        s.mmrProof = chain.mmr().prove(uint64(older.blockNumber) - 1);
        refusePartly(s, MmrProof.WrongProofLength.selector);
        s.mmrProof = none;
        refusePartly(s, MmrProof.WrongProofLength.selector);
    }

    function test_a_set_that_is_not_the_next_is_refused() public {
        chain.setSetId(2);
        chain.produce();
        refuse(chain.sign(), abi.encodeWithSelector(BeefyClient.WrongSet.selector, 2, 0));
    }

    function test_the_next_set_must_be_the_announced_one() public {
        chain.setSet(1, 4, 77);
        chain.newSession();
        client.storeList(chain.list(1));
        refuse(chain.sign(), abi.encodeWithSelector(QuorumSignatures.WrongSignature.selector, 0));
    }

    function test_a_hand_over_to_an_unknown_list_waits_for_the_list() public {
        chain.setSet(2, 5, 3);
        importSession();
        chain.newSession();
        Submission memory s = chain.sign();
        refusePartly(s, ClientState.ListUnknown.selector);
        client.storeList(chain.list(2));
        client.submit(s);
    }

    function test_a_list_is_stored_once() public {
        bytes32 key = client.storeList(chain.list(0));
        (address code,) = client.lists(key);
        assertEq(client.storeList(chain.list(0)), key);
        (address again,) = client.lists(key);
        assertEq(code, again);
    }

    function test_a_list_has_root_and_length_for_its_name() public view {
        assertTrue(client.listKey(bytes32(uint256(1)), 3) != client.listKey(bytes32(uint256(1)), 4));
    }

    function test_an_empty_next_set_is_refused() public {
        bytes32 root = chain.setRoot(0);
        vm.expectRevert(ClientState.EmptySet.selector);
        client.listKey(0, 4);
        vm.expectRevert(ClientState.EmptySet.selector);
        client.listKey(root, 0);
        vm.expectRevert(ClientState.EmptySet.selector);
        client.listKey(root, 1001);
    }

    function test_a_successor_cannot_be_replaced_within_a_session() public {
        bytes32 announced = client.nextListKey();
        chain.setSet(1, 9, 66);
        importBlock();
        assertEq(client.nextListKey(), announced);
    }

    function test_a_batch_catches_up_over_sessions() public {
        Submission[] memory batch = new Submission[](6);
        for (uint64 i = 0; i < 6; ++i) {
            chain.setSet(i + 2, 4 + i, i);
        }
        for (uint64 i = 0; i < 6; ++i) {
            pass(1 hours);
            chain.newSession();
            batch[i] = chain.sign();
            client.storeList(chain.list(i + 1));
        }
        client.submitBatch(batch);
        (uint32 number, uint64 setId,,,) = client.head();
        assertEq(number, chain.blockNumber());
        assertEq(setId, 6);
    }

    function test_a_batch_is_imported_whole_or_not_at_all() public {
        Submission[] memory batch = new Submission[](2);
        chain.produce();
        batch[0] = chain.sign();
        chain.produce();
        batch[1] = chain.sign();
        batch[1].signatures[5] ^= 0x01;
        vm.expectPartialRevert(QuorumSignatures.WrongSignature.selector);
        client.submitBatch(batch);
        (uint32 number,,,,) = client.head();
        assertEq(number, 3);
    }

    function test_an_empty_batch_is_refused() public {
        vm.expectRevert(BeefyClient.EmptyBatch.selector);
        client.submitBatch(new Submission[](0));
    }

    function test_a_falling_sum_is_refused() public {
        chain.setSums(100, 0);
        importBlock();
        chain.setSums(99, 0);
        chain.produce();
        refuse(chain.sign(), abi.encodeWithSelector(BeefyClient.BrokenLeaf.selector));
    }

    function test_a_falling_sum_of_unlocked_is_refused() public {
        chain.setSums(100, 50);
        importBlock();
        chain.setSums(100, 49);
        chain.produce();
        refuse(chain.sign(), abi.encodeWithSelector(BeefyClient.BrokenLeaf.selector));
    }

    function test_more_unlocked_than_locked_is_refused() public {
        chain.setSums(100, 101);
        chain.produce();
        refuse(chain.sign(), abi.encodeWithSelector(BeefyClient.BrokenLeaf.selector));
    }

    function test_a_falling_clock_is_refused() public {
        chain.setTime(uint64(block.timestamp) - 1);
        chain.produce();
        refuse(chain.sign(), abi.encodeWithSelector(BeefyClient.BrokenLeaf.selector));
    }

    function test_a_leaf_from_the_future_is_refused() public {
        uint64 lead = uint64(block.timestamp + 1 hours);
        chain.setTime(lead);
        importBlock();
        chain.setTime(lead + 1);
        chain.produce();
        refuse(chain.sign(), abi.encodeWithSelector(BeefyClient.FromTheFuture.selector, lead + 1));
    }

    function test_a_range_that_began_later_than_genesis_is_counted_from_its_begin() public {
        Anchor memory anchor = chain.anchor();
        NeuroChain late = new NeuroChain(GENESIS, address(gateway), 8453, 4);
        late.produceMany(3);
        anchor.blockNumber = 1003;
        BeefyClient other = new BeefyClient(GENESIS, address(gateway), 1000, guardian, recovery, anchor, late.list(0));
        assertEq(other.BEFORE_FIRST_LEAF(), 1000);
    }

    function test_the_anchor_must_be_fresh_and_its_list_its_own() public {
        Anchor memory anchor = chain.anchor();
        bytes memory list = chain.list(0);
        bytes memory wrong = abi.encodePacked(alice, bob);
        vm.expectPartialRevert(ClientState.ListUnknown.selector);
        new BeefyClient(GENESIS, address(gateway), 0, guardian, recovery, anchor, wrong);
        anchor.time += 1;
        vm.expectRevert(BeefyClient.WrongAnchor.selector);
        new BeefyClient(GENESIS, address(gateway), 0, guardian, recovery, anchor, list);
        anchor.time -= uint64(7 days + 2);
        vm.expectRevert(BeefyClient.WrongAnchor.selector);
        new BeefyClient(GENESIS, address(gateway), 0, guardian, recovery, anchor, list);
    }

    function test_a_wrong_list_length_is_refused() public {
        vm.expectPartialRevert(AddressList.WrongListLength.selector);
        client.storeList(hex"00");
    }

    function refuse(Submission memory s, bytes memory reason) private {
        vm.expectRevert(reason);
        client.submit(s);
    }

    function refusePartly(Submission memory s, bytes4 reason) private {
        vm.expectPartialRevert(reason);
        client.submit(s);
    }

    function places(uint256 word) private pure returns (uint256[] memory p) {
        p = new uint256[](1);
        p[0] = word;
    }

    function placesOf(uint256 a, uint256 b, uint256 c) private pure returns (uint256[] memory p) {
        p = new uint256[](3);
        (p[0], p[1], p[2]) = (a, b, c);
    }

    function places(uint256 a, uint256 b, uint256 c) private pure returns (uint256[] memory) {
        return placesOf(a, b, c);
    }

    function places(uint256 a, uint256 b, uint256 c, uint256 d) private pure returns (uint256[] memory p) {
        p = new uint256[](4);
        (p[0], p[1], p[2], p[3]) = (a, b, c, d);
    }

    /// The bitmap is a set: the signatures of the first argument's order must be ascending.
    function places(uint256 e, uint256 d, uint256 c, uint256 b, uint256 a) private pure returns (uint256[] memory p) {
        p = new uint256[](5);
        (p[0], p[1], p[2], p[3], p[4]) = (a, b, c, d, e);
    }
}

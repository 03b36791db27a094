// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Anchor, Submission} from "src/ClientTypes.sol";
import {Recovery} from "src/Recovery.sol";
import {World} from "./builder/World.sol";

/// @title Freeze, thaw, re-anchoring
contract RecoveryTest is World {
    address private stranger = makeAddr("stranger");

    function test_the_client_freezes_one_second_after_its_limit() public {
        vm.warp(block.timestamp + 7 days);
        assertFalse(client.isFrozen());
        vm.warp(block.timestamp + 1);
        assertTrue(client.isFrozen());
    }

    function test_nothing_is_imported_while_frozen() public {
        freeze();
        chain.produce();
        Submission memory s = chain.sign();
        vm.expectRevert(Recovery.IsFrozen.selector);
        client.submit(s);
        Submission[] memory batch = new Submission[](1);
        batch[0] = s;
        vm.expectRevert(Recovery.IsFrozen.selector);
        client.submitBatch(batch);
    }

    function test_while_frozen_what_is_imported_is_delivered_claimed_and_burned() public {
        uint64 nonce = chain.lock(alice, 5 * NEURO, 0);
        uint32 node = chain.addNode(bob, 0);
        chain.credit(node, 3 * NEURO, 3);
        importBlock();
        freeze();
        deliver(nonce);
        assertEq(claimFor(node), 3 * NEURO);
        burnFrom(alice, NEURO);
    }

    function test_a_freeze_is_reported_once() public {
        vm.expectRevert(Recovery.NotFrozen.selector);
        client.reportFrozen();
        freeze();
        vm.expectEmit(address(client));
        emit Recovery.Frozen(3, 1_800_000_000);
        client.reportFrozen();
        vm.expectRevert(Recovery.AlreadyReported.selector);
        client.reportFrozen();
    }

    function test_a_thaw_lets_only_the_named_account_import() public {
        freeze();
        askThaw();
        pass(2 days);
        client.openThaw();
        chain.produce();
        Submission memory s = chain.sign();
        vm.prank(stranger);
        vm.expectRevert(Recovery.IsFrozen.selector);
        client.submit(s);
        vm.prank(relayer);
        client.submit(s);
        assertFalse(client.isFrozen());
        importBlock();
    }

    function test_a_thaw_takes_the_ordinary_chain_of_hand_overs() public {
        chain.newSession();
        Submission memory first = chain.sign();
        freeze();
        chain.newSession();
        Submission memory second = chain.sign();
        askThaw();
        pass(2 days);
        client.openThaw();
        vm.startPrank(relayer);
        client.submit(first);
        assertTrue(client.isFrozen(), "an old block does not end the freeze");
        client.submit(second);
        assertFalse(client.isFrozen());
    }

    function test_a_thaw_does_not_open_before_its_delay_nor_twice() public {
        freeze();
        vm.expectRevert(Recovery.NotReady.selector);
        client.openThaw();
        askThaw();
        vm.warp(block.timestamp + 2 days - 1);
        vm.expectRevert(Recovery.NotReady.selector);
        client.openThaw();
        vm.warp(block.timestamp + 1);
        client.openThaw();
        vm.expectRevert(Recovery.NotReady.selector);
        client.openThaw();
    }

    function test_a_thaw_closes_after_its_window() public {
        freeze();
        askThaw();
        pass(2 days);
        client.openThaw();
        pass(3 days + 1);
        chain.produce();
        Submission memory s = chain.sign();
        vm.prank(relayer);
        vm.expectRevert(Recovery.IsFrozen.selector);
        client.submit(s);
    }

    function test_a_requested_thaw_lets_nobody_import_before_it_opens() public {
        freeze();
        askThaw();
        chain.produce();
        Submission memory s = chain.sign();
        vm.prank(relayer);
        vm.expectRevert(Recovery.IsFrozen.selector);
        client.submit(s);
    }

    function test_the_recovery_key_alone_imports_nothing() public {
        freeze();
        vm.prank(recovery);
        client.requestThaw(recovery);
        pass(2 days);
        client.openThaw();
        chain.setSet(0, 4, 5);
        chain.produce();
        Submission memory forged = chain.sign();
        vm.prank(recovery);
        vm.expectRevert();
        client.submit(forged);
    }

    function test_the_guardian_cancels_a_thaw() public {
        freeze();
        askThaw();
        vm.prank(guardian);
        client.cancelRecovery();
        pass(2 days);
        vm.expectRevert(Recovery.NotReady.selector);
        client.openThaw();
    }

    function test_the_guardian_closes_an_open_thaw() public {
        freeze();
        askThaw();
        pass(2 days);
        client.openThaw();
        vm.prank(guardian);
        client.cancelRecovery();
        chain.produce();
        Submission memory s = chain.sign();
        vm.prank(relayer);
        vm.expectRevert(Recovery.IsFrozen.selector);
        client.submit(s);
    }

    function test_recovery_begins_only_while_frozen() public {
        Anchor memory anchor = newAnchor();
        vm.startPrank(recovery);
        vm.expectRevert(Recovery.NotFrozen.selector);
        client.requestThaw(relayer);
        vm.expectRevert(Recovery.NotFrozen.selector);
        client.proposeAnchor(anchor, relayer);
    }

    function test_a_broken_chain_is_anchored_anew_after_14_public_days() public {
        freeze();
        // The chain lost its keys and began a set that nobody handed over to.
        chain.setSet(9, 5, 4);
        chain.setSet(10, 5, 4);
        chain.setSetId(9);
        Anchor memory anchor = newAnchor();
        client.storeList(chain.list(9));
        propose(anchor);
        pass(14 days);
        vm.prank(recovery);
        client.executeAnchor(anchor, relayer);
        chain.produce();
        Submission memory s = chain.sign();
        vm.prank(relayer);
        client.submit(s);
        (, uint64 setId,,,) = client.head();
        assertEq(setId, 9);
    }

    function test_an_anchor_is_not_set_a_second_too_early_nor_after_its_window() public {
        freeze();
        Anchor memory anchor = newAnchor();
        propose(anchor);
        vm.warp(block.timestamp + 14 days - 1);
        vm.prank(recovery);
        vm.expectRevert(Recovery.NotReady.selector);
        client.executeAnchor(anchor, relayer);
        vm.warp(block.timestamp + 7 days + 2);
        vm.prank(recovery);
        vm.expectRevert(Recovery.NotReady.selector);
        client.executeAnchor(anchor, relayer);
    }

    function test_only_the_proposed_anchor_and_submitter_are_set() public {
        freeze();
        Anchor memory anchor = newAnchor();
        propose(anchor);
        pass(14 days);
        vm.startPrank(recovery);
        vm.expectRevert(Recovery.NotReady.selector);
        client.executeAnchor(anchor, stranger);
        anchor.setId += 1;
        vm.expectRevert(Recovery.NotReady.selector);
        client.executeAnchor(anchor, relayer);
    }

    function test_an_anchor_is_not_set_on_a_client_that_thawed_meanwhile() public {
        freeze();
        Anchor memory anchor = newAnchor();
        propose(anchor);
        askThaw();
        pass(2 days);
        client.openThaw();
        chain.produce();
        Submission memory s = chain.sign();
        vm.prank(relayer);
        client.submit(s);
        for (uint256 i = 0; i < 3; ++i) {
            pass(5 days);
            importBlock();
        }
        vm.prank(recovery);
        vm.expectRevert(Recovery.NotFrozen.selector);
        client.executeAnchor(anchor, relayer);
    }

    function test_the_guardian_cancels_an_anchor() public {
        freeze();
        Anchor memory anchor = newAnchor();
        propose(anchor);
        vm.prank(guardian);
        client.cancelRecovery();
        pass(14 days);
        vm.prank(recovery);
        vm.expectRevert(Recovery.NotReady.selector);
        client.executeAnchor(anchor, relayer);
    }

    function test_an_anchor_never_turns_back() public {
        importSession();
        freeze();
        Anchor memory good = newAnchor();
        Anchor memory anchor = newAnchor();
        anchor.blockNumber = 4;
        refuseAnchor(anchor);
        anchor = abi.decode(abi.encode(good), (Anchor));
        anchor.setId = 0;
        refuseAnchor(anchor);
        anchor = abi.decode(abi.encode(good), (Anchor));
        anchor.time = 1_799_999_999;
        refuseAnchor(anchor);
        anchor = abi.decode(abi.encode(good), (Anchor));
        anchor.time = uint64(block.timestamp + 1);
        refuseAnchor(anchor);
    }

    function test_an_anchor_changes_no_sum_and_no_root() public {
        lockAndDeliver(alice, NEURO);
        (bytes32 root, uint128 locked) = client.messages();
        freeze();
        chain.produce();
        Anchor memory anchor = newAnchor();
        propose(anchor);
        pass(14 days);
        vm.prank(recovery);
        client.executeAnchor(anchor, relayer);
        (bytes32 rootAfter, uint128 lockedAfter) = client.messages();
        assertEq(root, rootAfter);
        assertEq(locked, lockedAfter);
    }

    function freeze() private {
        pass(7 days + 1);
    }

    function askThaw() private {
        vm.prank(recovery);
        client.requestThaw(relayer);
    }

    function newAnchor() private returns (Anchor memory) {
        chain.produce();
        return chain.anchor();
    }

    function propose(Anchor memory anchor) private {
        vm.prank(recovery);
        client.proposeAnchor(anchor, relayer);
    }

    function refuseAnchor(Anchor memory anchor) private {
        vm.prank(recovery);
        vm.expectRevert(Recovery.AnchorTurnsBack.selector);
        client.proposeAnchor(anchor, relayer);
    }
}

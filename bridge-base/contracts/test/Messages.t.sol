// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Message, Scope} from "src/GatewayTypes.sol";
import {Messages} from "src/Messages.sol";
import {Reserve} from "src/Reserve.sol";
import {World} from "./builder/World.sol";

/// @title Delivery of messages
contract MessagesTest is World {
    function test_a_message_is_delivered_once() public {
        uint64 nonce = lockAndDeliver(alice, NEURO);
        assertTrue(gateway.isDelivered(nonce));
        refuse(nonce, abi.encodeWithSelector(Messages.AlreadyDelivered.selector, nonce));
    }

    function test_messages_are_delivered_in_any_order() public {
        for (uint128 i = 1; i <= 9; ++i) {
            chain.lock(alice, i * NEURO, 0);
        }
        importBlock();
        uint64[9] memory order = [uint64(8), 0, 3, 1, 7, 2, 6, 5, 4];
        for (uint256 i = 0; i < 9; ++i) {
            deliver(order[i]);
        }
        assertEq(token.balanceOf(alice), 45 * NEURO);
    }

    function test_a_message_that_no_import_has_proven_is_refused() public {
        importBlock();
        uint64 nonce = chain.lock(alice, NEURO, 0);
        refuse(nonce, abi.encodeWithSelector(Messages.MessageNotProven.selector));
    }

    function test_nothing_is_delivered_before_the_first_import() public {
        uint64 nonce = chain.lock(alice, NEURO, 0);
        refuse(nonce, abi.encodeWithSelector(Messages.MessageNotProven.selector));
    }

    function test_the_tip_goes_to_the_account_that_the_deliverer_names() public {
        uint64 nonce = chain.lock(alice, NEURO, NEURO / 10);
        importBlock();
        (Message memory m, bytes32[] memory proof) = chain.message(nonce);
        gateway.deliver(m, proof, bob);
        assertEq(token.balanceOf(bob), NEURO / 10);
        assertEq(token.balanceOf(alice), NEURO * 9 / 10);
    }

    function test_a_tip_for_nobody_is_refused() public {
        uint64 nonce = chain.lock(alice, NEURO, 1);
        importBlock();
        (Message memory m, bytes32[] memory proof) = chain.message(nonce);
        vm.expectRevert(abi.encodeWithSelector(Reserve.WrongRecipient.selector, address(0)));
        gateway.deliver(m, proof, address(0));
    }

    function test_a_tip_above_the_amount_and_an_amount_of_zero_are_refused() public {
        uint64 first = chain.forgeMessage(alice, 5, 6);
        uint64 second = chain.forgeMessage(alice, 0, 0);
        importBlock();
        refuse(first, abi.encodeWithSelector(Messages.WrongAmount.selector));
        refuse(second, abi.encodeWithSelector(Messages.WrongAmount.selector));
    }

    function test_zero_gateway_and_token_receive_nothing() public {
        address[3] memory wrong = [address(0), address(gateway), address(token)];
        for (uint256 i = 0; i < 3; ++i) {
            uint64 nonce = chain.lock(wrong[i], NEURO, 0);
            importBlock();
            refuse(nonce, abi.encodeWithSelector(Reserve.WrongRecipient.selector, wrong[i]));
        }
    }

    function test_what_is_over_the_limit_waits_and_is_paid_in_parts() public {
        uint64 nonce = chain.lock(alice, 2 * DAILY, 3);
        importBlock();
        deliver(nonce);
        assertEq(token.balanceOf(alice), DAILY / 2 - 3);
        assertEq(token.balanceOf(relayer), 3);
        vm.expectRevert(Messages.LimitReached.selector);
        gateway.executeQueued(nonce);
        while (token.totalSupply() < 2 * DAILY) {
            vm.warp(block.timestamp + 1 days);
            gateway.executeQueued(nonce);
        }
        assertEq(token.balanceOf(alice), 2 * DAILY - 3);
        vm.expectRevert(abi.encodeWithSelector(Messages.NothingWaiting.selector, nonce));
        gateway.executeQueued(nonce);
    }

    function test_a_tip_that_does_not_fit_the_limit_waits_for_the_first_deliverer() public {
        uint64 first = chain.lock(alice, DAILY / 2, 0);
        uint64 second = chain.lock(alice, 100, 40);
        importBlock();
        deliver(first);
        deliver(second);
        assertEq(token.balanceOf(relayer), 0);
        vm.warp(block.timestamp + 1 hours);
        vm.prank(bob);
        gateway.executeQueued(second);
        assertEq(token.balanceOf(relayer), 40);
    }

    function test_a_full_message_bucket_leaves_payouts_alone() public {
        uint32 node = chain.addNode(bob, 0);
        chain.credit(node, 12 * NEURO, 12);
        uint64 nonce = chain.lock(alice, 2 * DAILY, 0);
        importBlock();
        deliver(nonce);
        assertEq(gateway.available(Scope.Messages), 0);
        vm.warp(block.timestamp + 12);
        assertEq(claimFor(node), NEURO);
    }

    function test_a_queued_rest_is_covered_too() public {
        chain.setSums(DAILY, 0);
        uint64 nonce = chain.forgeMessage(alice, 2 * DAILY, 0);
        importBlock();
        deliver(nonce);
        vm.warp(block.timestamp + 1 days);
        gateway.executeQueued(nonce);
        vm.warp(block.timestamp + 1 days);
        vm.expectRevert(abi.encodeWithSelector(Reserve.NotCovered.selector, DAILY * 3 / 2, DAILY));
        gateway.executeQueued(nonce);
    }

    function refuse(uint64 nonce, bytes memory reason) private {
        (Message memory m, bytes32[] memory proof) = chain.message(nonce);
        vm.expectRevert(reason);
        gateway.deliver(m, proof, relayer);
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {World} from "./builder/World.sol";

/// @title The whole way, once
contract LoopTest is World {
    function test_a_locked_amount_is_minted_to_the_last_unit_and_burned_again() public {
        uint64 nonce = chain.lock(alice, 100 * NEURO + 7, 2);
        importBlock();
        deliver(nonce);
        assertEq(token.balanceOf(alice), 100 * NEURO + 5);
        assertEq(token.balanceOf(relayer), 2);
        assertEq(token.totalSupply(), chain.lockedSum());

        burnFrom(alice, 40 * NEURO);
        assertEq(token.totalSupply(), 60 * NEURO + 7);
        assertEq(gateway.burnCount(), 1);
        assertEq(gateway.burnedSum(), 40 * NEURO);
    }

    function test_a_node_is_paid_tick_by_tick_from_one_import() public {
        uint32 node = chain.addNode(alice, 0);
        chain.credit(node, 300 * NEURO, 300);
        importBlock();
        for (uint256 tick = 1; tick <= 5; ++tick) {
            vm.warp(block.timestamp + 12);
            assertEq(claimFor(node), NEURO);
        }
        vm.warp(block.timestamp + 1 hours);
        claimFor(node);
        assertEq(token.balanceOf(alice), 300 * NEURO, "never more than the proven credit");
    }

    function test_validators_hand_over_and_the_client_follows() public {
        chain.setSet(2, 7, 1);
        chain.setSet(3, 5, 2);
        for (uint256 i = 0; i < 3; ++i) {
            pass(1 hours);
            importSession();
        }
        (,, uint64 time,,) = client.head();
        assertEq(time, chain.time());
        lockAndDeliver(bob, NEURO);
        assertEq(token.balanceOf(bob), NEURO);
    }
}

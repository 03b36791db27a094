// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BeefyClient} from "src/BeefyClient.sol";
import {Submission} from "src/ClientTypes.sol";
import {Claim, Message} from "src/GatewayTypes.sol";
import {Messages} from "src/Messages.sol";
import {Payouts} from "src/Payouts.sol";
import {Reserve} from "src/Reserve.sol";
import {World} from "../builder/World.sol";

/// @title What went wrong elsewhere with amounts, and what must not go wrong with payouts
/// @notice Each test has a patch of its name in `mutations/` that takes its guard away, and then fails.
contract MoneyIncidents is World {
    address private thief = makeAddr("thief");

    /// Qubit, 2022: a deposit of nothing was believed.
    function test_qubit_a_lock_of_nothing_is_no_message() public {
        uint64 nonce = chain.forgeMessage(thief, 0, 0);
        importBlock();
        _refuseDelivery(nonce, abi.encodeWithSelector(Messages.WrongAmount.selector));
    }

    /// Poly, 2021: a message reached the contract that held the keys.
    function test_poly_no_message_reaches_a_contract_of_the_bridge() public {
        address[2] memory ours = [address(gateway), address(token)];
        for (uint256 i = 0; i < ours.length; ++i) {
            uint64 nonce = chain.lock(ours[i], NEURO, 0);
            importBlock();
            _refuseDelivery(nonce, abi.encodeWithSelector(Reserve.WrongRecipient.selector, ours[i]));
        }
    }

    /// Shibarium, 2025: two thirds of the stake were bought for a day. They sign whatever they like, and take the
    /// limit of that day.
    function test_shibarium_whoever_owns_the_validators_takes_a_day_s_limit() public {
        chain.setSums(type(uint128).max, 0);
        for (uint256 hour = 0; hour < 24; ++hour) {
            uint64 nonce = chain.forgeMessage(thief, DAILY, 0);
            importBlock();
            deliver(nonce);
            pass(1 hours);
        }
        assertLe(token.totalSupply(), DAILY);
        assertGt(token.totalSupply(), DAILY * 9 / 10);
    }

    /// DGLD, 2026: a credit was written without looking at what had moved.
    function test_dgld_a_burn_is_what_the_balance_lost() public {
        lockAndDeliver(alice, 10 * NEURO);
        burnFrom(alice, 4 * NEURO);
        assertEq(gateway.burnedSum(), 4 * NEURO);
        assertEq(token.balanceOf(alice), 6 * NEURO);
        assertEq(token.totalSupply(), 6 * NEURO);
    }

    /// Opul, 2025: one lock was minted twice.
    function test_opul_one_lock_is_minted_once() public {
        chain.lock(bob, NEURO, 0);
        uint64 nonce = lockAndDeliver(alice, NEURO);
        _refuseDelivery(nonce, abi.encodeWithSelector(Messages.AlreadyDelivered.selector, nonce));
        importBlock();
        _refuseDelivery(nonce, abi.encodeWithSelector(Messages.AlreadyDelivered.selector, nonce));
    }

    /// Verus, 2026: a transfer was valid in form, and nothing covered it.
    function test_verus_an_amount_that_is_not_locked_is_not_minted() public {
        chain.lock(bob, NEURO, 0);
        uint64 nonce = chain.forgeMessage(thief, NEURO + 1, 0);
        importBlock();
        _refuseDelivery(nonce, abi.encodeWithSelector(Reserve.NotCovered.selector, NEURO + 1, NEURO));
    }

    /// Secret, 2026: supply passed what was locked, and nobody saw. Burned units do not cover a second mint.
    function test_secret_what_was_burned_covers_nothing() public {
        lockAndDeliver(alice, 100 * NEURO);
        burnFrom(alice, 100 * NEURO);
        chain.unlock(100 * NEURO);
        uint64 nonce = chain.forgeMessage(thief, 100 * NEURO, 0);
        importBlock();
        _refuseDelivery(nonce, abi.encodeWithSelector(Reserve.NotCovered.selector, 200 * NEURO, 100 * NEURO));
    }

    /// base/base #3793: Base dropped blocks that were not final. An unlock for a burn that is gone is not made good by
    /// burning once more: what was unlocked is loose on NeuroStore.
    function test_base_unsafe_reorg_a_burn_that_vanished_stops_minting_for_good() public {
        lockAndDeliver(alice, 100 * NEURO);
        uint256 before = vm.snapshotState();
        burnFrom(alice, 10 * NEURO);
        vm.revertToState(before);
        chain.unlock(10 * NEURO);
        importBlock();
        burnFrom(alice, 10 * NEURO);
        chain.unlock(1);
        burnFrom(alice, NEURO);
        uint64 nonce = chain.lock(bob, NEURO, 0);
        importBlock();
        _refuseDelivery(nonce, abi.encodeWithSelector(Reserve.MintingStopped.selector));
    }

    function test_overdrawn_more_unlocked_than_burned_stops_minting() public {
        lockAndDeliver(alice, 100 * NEURO);
        burnFrom(alice, 10 * NEURO);
        chain.unlock(10 * NEURO);
        lockAndDeliver(bob, NEURO);

        uint64 nonce = chain.lock(bob, NEURO, 0);
        chain.unlock(1);
        chain.produce();
        Submission memory s = chain.sign();
        vm.expectEmit(address(client));
        emit BeefyClient.Overdrawn(10 * NEURO + 1, 10 * NEURO);
        client.submit(s);
        _refuseDelivery(nonce, abi.encodeWithSelector(Reserve.MintingStopped.selector));
        burnFrom(alice, NEURO);
    }

    /// The node's later credits stay on NeuroStore, then come to Base again: every credit for Base is paid, once, and
    /// the stream that ended does not run on.
    function test_switched_payouts_are_paid_to_the_last_credit_and_no_further() public {
        uint32 node = chain.addNode(alice, 0);
        chain.addNode(bob, 0);
        chain.credit(1, 500 * NEURO, 1);
        chain.credit(node, 100 * NEURO, 100);
        importBlock();
        pass(50 * 12);
        claimFor(node);
        pass(400 * 12);
        importBlock();
        claimFor(node);
        assertEq(token.balanceOf(alice), 100 * NEURO, "nothing was earned for Base meanwhile");
        chain.credit(node, 100 * NEURO, 100);
        importBlock();
        pass(200 * 12);
        claimFor(node);
        assertEq(token.balanceOf(alice), 200 * NEURO);
    }

    function test_changed_address_is_not_paid_what_the_old_one_got() public {
        uint32 node = _streamingNode();
        vm.warp(block.timestamp + 120);
        assertEq(claimFor(node), 10 * NEURO);
        chain.setPayoutAddress(node, bob);
        importBlock();
        vm.warp(block.timestamp + 12);
        assertEq(claimFor(node), NEURO);
    }

    function test_old_leaf_after_a_new_one_is_refused() public {
        uint32 node = _streamingNode();
        vm.warp(block.timestamp + 12);
        Claim memory older = chain.payout(node);
        chain.setPayoutAddress(node, bob);
        importBlock();
        claimFor(node);
        vm.warp(block.timestamp + 12);
        vm.expectRevert(abi.encodeWithSelector(Payouts.LeafSuperseded.selector, node, 1, 2));
        gateway.claimFor(older, relayer);
    }

    function test_two_roots_in_one_tick_pay_once() public {
        uint32 node = _streamingNode();
        vm.warp(block.timestamp + 12);
        Claim memory older = chain.payout(node);
        chain.addNode(bob, 0);
        importBlock();
        assertEq(gateway.claimFor(older, relayer), NEURO);
        assertEq(claimFor(node), 0);
    }

    function _streamingNode() private returns (uint32 node) {
        node = chain.addNode(alice, 0);
        chain.credit(node, 100 * NEURO, 100);
        importBlock();
    }

    function _refuseDelivery(uint64 nonce, bytes memory reason) private {
        (Message memory m, bytes32[] memory proof) = chain.message(nonce);
        vm.expectRevert(reason);
        gateway.deliver(m, proof, relayer);
    }
}

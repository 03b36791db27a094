// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Claim, PayoutLeaf} from "src/GatewayTypes.sol";
import {Payouts} from "src/Payouts.sol";
import {Reserve} from "src/Reserve.sol";
import {World} from "./builder/World.sol";

/// @title The stream of payouts
contract PayoutsTest is World {
    uint32 private node;

    function setUp() public override {
        super.setUp();
        node = chain.addNode(alice, 500);
        chain.credit(node, 100 * NEURO, 100);
        importBlock();
    }

    function test_nothing_is_due_before_the_first_tick() public {
        assertEq(claimFor(node), 0);
        vm.warp(block.timestamp + 11);
        assertEq(claimFor(node), 0);
        vm.warp(block.timestamp + 1);
        assertEq(claimFor(node), NEURO);
    }

    function test_five_blocks_in_one_second_pay_a_tick_once() public {
        vm.warp(block.timestamp + 12);
        uint128 paid;
        for (uint256 i = 0; i < 5; ++i) {
            vm.roll(block.number + 1);
            paid += claimFor(node);
        }
        assertEq(paid, NEURO);
    }

    function test_a_sequencer_halt_of_33_minutes_loses_no_tick() public {
        vm.warp(block.timestamp + 24);
        assertEq(claimFor(node), 2 * NEURO);
        // The halt passes on our chain; Base's clock stands, then jumps.
        chain.setTime(uint64(block.timestamp + 33 minutes));
        chain.credit(node, 50 * NEURO, 50);
        importBlock();
        assertEq(claimFor(node), 98 * NEURO, "what was settled is due, the stream that begins later is not");
        vm.warp(block.timestamp + 33 minutes + 12);
        assertEq(claimFor(node), NEURO);
        vm.warp(block.timestamp + 1 days);
        claimFor(node);
        assertEq(gateway.mintedSum(), 150 * NEURO);
    }

    function test_a_stream_that_begins_later_than_base_s_clock_pays_nothing_yet() public {
        Claim memory c = chain.payout(node);
        assertEq(gateway.earned(c.leaf, c.leaf.startTime - 1), 0);
        assertEq(gateway.earned(c.leaf, 0), 0);
    }

    function test_a_stream_ends_at_the_proven_credit() public {
        Claim memory c = chain.payout(node);
        assertEq(gateway.earned(c.leaf, c.leaf.startTime + 99 * 12 + 11), 99 * NEURO);
        assertEq(gateway.earned(c.leaf, c.leaf.startTime + 100 * 12), 100 * NEURO);
        assertEq(gateway.earned(c.leaf, type(uint64).max), 100 * NEURO);
    }

    /// As `stream_released` of the chain's primitives counts it.
    function test_a_stream_over_no_ticks_has_run_out_when_it_begins() public view {
        PayoutLeaf memory leaf = PayoutLeaf(0, alice, 0, 7, 5, 0, 0, 1);
        assertEq(gateway.earned(leaf, block.timestamp), 12);
    }

    function testFuzz_earnings_never_fall_and_never_pass_the_credit(
        uint128 settled,
        uint128 credit,
        uint64 start,
        uint64 ticks,
        uint64 t1,
        uint64 t2
    ) public view {
        PayoutLeaf memory leaf = PayoutLeaf(0, alice, 0, settled, credit, start, ticks, 1);
        (uint64 early, uint64 late) = t1 < t2 ? (t1, t2) : (t2, t1);
        uint256 a = gateway.earned(leaf, early);
        uint256 b = gateway.earned(leaf, late);
        assertTrue(settled <= a && a <= b && b <= uint256(settled) + credit);
    }

    function test_the_payee_claims_without_a_tip() public {
        vm.warp(block.timestamp + 120);
        Claim memory c = chain.payout(node);
        vm.prank(alice);
        assertEq(gateway.claim(c), 10 * NEURO);
        assertEq(token.balanceOf(alice), 10 * NEURO);
    }

    function test_only_the_payee_claims_without_a_tip() public {
        Claim memory c = chain.payout(node);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(Payouts.NotPayee.selector, bob));
        gateway.claim(c);
    }

    function test_a_keeper_gets_the_tip_of_the_leaf() public {
        vm.warp(block.timestamp + 120);
        claimFor(node);
        assertEq(token.balanceOf(relayer), NEURO / 2);
        assertEq(token.balanceOf(alice), 10 * NEURO - NEURO / 2);
    }

    function test_a_tip_is_a_tenth_at_most() public {
        uint32 generous = chain.addNode(alice, 10_000);
        chain.credit(generous, NEURO, 1);
        importBlock();
        vm.warp(block.timestamp + 12);
        claimFor(generous);
        assertEq(token.balanceOf(relayer), NEURO / 10);
    }

    function test_many_nodes_are_claimed_in_one_call() public {
        Claim[] memory claims = new Claim[](5);
        for (uint256 i = 0; i < 5; ++i) {
            uint32 another = chain.addNode(bob, 0);
            chain.credit(another, 10 * NEURO, 10);
        }
        importBlock();
        vm.warp(block.timestamp + 36);
        for (uint32 i = 0; i < 5; ++i) {
            claims[i] = chain.payout(i + 1);
        }
        assertEq(gateway.claimMany(claims, relayer), 15 * NEURO);
        assertEq(token.balanceOf(bob), 15 * NEURO);
    }

    function test_the_same_claim_twice_in_one_call_pays_once() public {
        vm.warp(block.timestamp + 12);
        Claim[] memory claims = new Claim[](2);
        (claims[0], claims[1]) = (chain.payout(node), chain.payout(node));
        assertEq(gateway.claimMany(claims, relayer), NEURO);
    }

    function test_the_root_before_the_newest_still_counts_and_the_one_before_does_not() public {
        Claim memory older = chain.payout(node);
        chain.addNode(bob, 0);
        importBlock();
        vm.warp(block.timestamp + 12);
        assertEq(gateway.claimFor(older, relayer), NEURO);
        chain.addNode(bob, 0);
        importBlock();
        vm.expectRevert(abi.encodeWithSelector(Payouts.LeafNotUnderRoot.selector, node));
        gateway.claimFor(older, relayer);
    }

    function test_a_leaf_that_earned_less_than_was_paid_pays_nothing() public {
        vm.warp(block.timestamp + 1200);
        claimFor(node);
        chain.setLeaf(node, PayoutLeaf(node, alice, 0, 1, 1, 0, 1, 9));
        importBlock();
        assertEq(claimFor(node), 0);
        (uint128 paid,) = gateway.accountOf(node);
        assertEq(paid, 100 * NEURO);
    }

    function test_a_claim_after_30_days_pays_the_whole_credit() public {
        chain.credit(node, 216_000 * NEURO, 216_000);
        importBlock();
        vm.warp(block.timestamp + 30 days);
        claimFor(node);
        assertEq(gateway.mintedSum(), 216_100 * NEURO);
    }

    function test_over_the_limit_a_claim_pays_a_part_and_the_rest_later() public {
        chain.credit(node, 2 * DAILY, 1);
        importBlock();
        vm.warp(block.timestamp + 12);
        assertEq(claimFor(node), DAILY / 2);
        assertEq(claimFor(node), 0);
        vm.warp(block.timestamp + 12 hours);
        assertEq(claimFor(node), DAILY / 4);
    }

    function test_a_credit_that_is_not_locked_is_not_paid() public {
        chain.setLeaf(node, PayoutLeaf(node, alice, 0, 100 * NEURO + 1, 0, 0, 1, 9));
        importBlock();
        Claim memory c = chain.payout(node);
        vm.expectRevert(abi.encodeWithSelector(Reserve.NotCovered.selector, 100 * NEURO + 1, 100 * NEURO));
        gateway.claimFor(c, relayer);
    }

    function test_zero_gateway_and_token_are_paid_nothing() public {
        address[3] memory wrong = [address(0), address(gateway), address(token)];
        for (uint256 i = 0; i < 3; ++i) {
            chain.setPayoutAddress(node, wrong[i]);
            importBlock();
            Claim memory c = chain.payout(node);
            vm.expectRevert(abi.encodeWithSelector(Reserve.WrongRecipient.selector, wrong[i]));
            gateway.claimFor(c, relayer);
            vm.expectRevert(abi.encodeWithSelector(Reserve.WrongRecipient.selector, wrong[i]));
            gateway.claimFor(c, wrong[i]);
        }
    }

    function test_what_is_shown_as_due_is_what_is_paid() public {
        vm.warp(block.timestamp + 120);
        Claim memory c = chain.payout(node);
        uint256 due = gateway.due(c.leaf);
        assertEq(claimFor(node), due);
        assertEq(gateway.due(c.leaf), 0);
    }
}

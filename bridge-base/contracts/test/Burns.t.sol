// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {NeuroGateway} from "src/NeuroGateway.sol";
import {NeuroToken} from "src/NeuroToken.sol";
import {Reserve} from "src/Reserve.sol";
import {BeefyClient} from "src/BeefyClient.sol";
import {Submission} from "src/ClientTypes.sol";
import {Claim, Message, Scope} from "src/GatewayTypes.sol";
import {Trees} from "./builder/Trees.sol";
import {World} from "./builder/World.sol";

/// @title The Base side of the way back
contract BurnsTest is World {
    function setUp() public override {
        super.setUp();
        lockAndDeliver(alice, 100 * NEURO);
    }

    function test_burns_stand_in_a_tree_that_anyone_can_rebuild_from_events() public {
        bytes32[] memory leaves = new bytes32[](13);
        for (uint64 i = 0; i < 13; ++i) {
            uint128 amount = (i + 1) * NEURO;
            vm.expectEmit(address(gateway));
            emit NeuroGateway.Burned(i, alice, DESTINATION, amount, i);
            vm.prank(alice);
            gateway.burnToNeuro(DESTINATION, amount, i);
            leaves[i] = keccak256(abi.encode(i, DESTINATION, amount, uint128(i)));
        }
        (bytes32 root,) = Trees.fixedDepth(leaves, 32, 0);
        assertEq(gateway.burnRoot(), root);
        assertEq(gateway.burnCount(), 13);
        assertEq(gateway.burnedSum(), 91 * NEURO);
        assertEq(token.totalSupply(), 9 * NEURO);
    }

    function test_less_than_the_existential_deposit_is_not_burned() public {
        uint128 ed = gateway.EXISTENTIAL_DEPOSIT();
        vm.startPrank(alice);
        vm.expectRevert(NeuroGateway.BelowExistentialDeposit.selector);
        gateway.burnToNeuro(DESTINATION, ed - 1, 0);
        vm.expectRevert(NeuroGateway.BelowExistentialDeposit.selector);
        gateway.burnToNeuro(DESTINATION, ed, 1);
        vm.expectRevert(NeuroGateway.BelowExistentialDeposit.selector);
        gateway.burnToNeuro(DESTINATION, ed, ed + 1);
        gateway.burnToNeuro(DESTINATION, ed + 1, 1);
    }

    function test_zero_escrow_and_pot_are_no_destinations() public {
        bytes32[3] memory wrong = [bytes32(0), ESCROW, POT];
        vm.startPrank(alice);
        for (uint256 i = 0; i < 3; ++i) {
            vm.expectRevert(abi.encodeWithSelector(NeuroGateway.WrongDestination.selector, wrong[i]));
            gateway.burnToNeuro(wrong[i], NEURO, 0);
        }
    }

    function test_nobody_burns_what_he_has_not() public {
        vm.prank(bob);
        vm.expectRevert();
        gateway.burnToNeuro(DESTINATION, NEURO, 0);
        assertEq(gateway.burnedSum(), 0);
    }

    function test_burns_go_on_through_pauses_limits_of_zero_and_a_freeze() public {
        vm.startPrank(guardian);
        gateway.pause(Scope.Messages, 7 days);
        gateway.pause(Scope.Payouts, 7 days);
        gateway.lowerLimit(Scope.Messages, 0);
        gateway.lowerLimit(Scope.Payouts, 0);
        vm.stopPrank();
        vm.warp(block.timestamp + 6 days);
        burnFrom(alice, NEURO);
        vm.warp(block.timestamp + 30 days);
        assertTrue(client.isFrozen());
        burnFrom(alice, NEURO);
    }

    function test_more_unlocked_than_burned_stops_payouts_too() public {
        uint32 node = chain.addNode(bob, 0);
        chain.credit(node, NEURO, 1);
        chain.unlock(1);
        importBlock();
        vm.warp(block.timestamp + 12);
        Claim memory c = chain.payout(node);
        vm.expectRevert(Reserve.MintingStopped.selector);
        gateway.claimFor(c, relayer);
    }

    function test_the_token_has_the_chain_s_decimals_and_its_standards() public view {
        assertEq(token.decimals(), 12);
        assertTrue(token.supportsInterface(0x33331994));
        assertEq(token.BRIDGE(), address(gateway));
    }

    function test_a_token_without_a_bridge_is_not_made() public {
        vm.expectRevert(NeuroToken.NoBridge.selector);
        new NeuroToken(address(0));
    }

    function test_a_permit_moves_units_without_a_transaction_of_the_holder() public {
        (address holder, uint256 secret) = makeAddrAndKey("holder");
        vm.prank(alice);
        token.transfer(holder, NEURO);
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"),
                holder,
                bob,
                NEURO,
                0,
                block.timestamp
            )
        );
        (uint8 v, bytes32 r, bytes32 s) =
            vm.sign(secret, keccak256(abi.encodePacked(hex"1901", token.DOMAIN_SEPARATOR(), structHash)));
        token.permit(holder, bob, NEURO, block.timestamp, v, r, s);
        vm.prank(bob);
        token.transferFrom(holder, bob, NEURO);
        assertEq(token.balanceOf(bob), NEURO);
    }
}

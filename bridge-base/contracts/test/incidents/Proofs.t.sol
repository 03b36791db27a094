// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BeefyClient} from "src/BeefyClient.sol";
import {Submission} from "src/ClientTypes.sol";
import {Claim, Message} from "src/GatewayTypes.sol";
import {Messages} from "src/Messages.sol";
import {Payouts} from "src/Payouts.sol";
import {QuorumSignatures} from "src/lib/QuorumSignatures.sol";
import {NeuroChain} from "../builder/NeuroChain.sol";
import {World} from "../builder/World.sol";

/// @title What went wrong elsewhere with proofs
/// @notice Each test has a patch of its name in `mutations/` that takes its guard away, and then fails.
contract ProofIncidents is World {
    address private thief = makeAddr("thief");

    /// Hyperbridge, April 2026: the message was not bound to the proof beside it.
    function test_hyperbridge_a_proof_carries_no_other_message() public {
        chain.lock(alice, NEURO, 0);
        chain.lock(bob, 1000 * NEURO, 0);
        importBlock();
        (Message memory m, bytes32[] memory proof) = chain.message(0);
        (m.recipient, m.amount) = (thief, 900 * NEURO);
        vm.expectRevert(Messages.MessageNotProven.selector);
        gateway.deliver(m, proof, thief);
    }

    /// polytope-labs/solidity-merkle-trees, June 2026: what a proof carried beyond its need was not looked at.
    function test_multiproof_no_item_of_a_proof_is_left_over() public {
        chain.lock(alice, NEURO, 0);
        importBlock();
        (Message memory m, bytes32[] memory proof) = chain.message(0);
        bytes32[] memory longer = new bytes32[](25);
        for (uint256 i = 0; i < 24; ++i) {
            longer[i] = proof[i];
        }
        vm.expectRevert(Messages.MessageNotProven.selector);
        gateway.deliver(m, longer, relayer);
    }

    /// BNB, 2022: bytes that nobody hashed or read left room for another truth.
    function test_bnb_no_byte_of_a_submission_is_left_over() public {
        chain.produce();
        Submission memory s = chain.sign();
        s.signatures = bytes.concat(s.signatures, hex"00");
        vm.expectRevert(abi.encodeWithSelector(QuorumSignatures.WrongSignaturesLength.selector, 193));
        client.submit(s);
    }

    /// Nomad, 2022: zero stood for "proven". After the first import one of our two payout roots is zero still, and a
    /// path of a wrong length has no root.
    function test_nomad_zero_is_no_root() public {
        uint32 node = chain.addNode(thief, 0);
        chain.credit(node, 100 * NEURO, 1);
        importBlock();
        vm.warp(block.timestamp + 12);
        Claim memory c = chain.payout(node);
        c.proof = new bytes32[](0);
        vm.prank(thief);
        vm.expectRevert(abi.encodeWithSelector(Payouts.LeafNotUnderRoot.selector, node));
        gateway.claim(c);
    }

    /// A credit that no proof on NeuroStore earned is in no payout tree.
    function test_a_credit_without_a_proof_is_not_paid() public {
        uint32 node = chain.addNode(alice, 0);
        chain.credit(node, NEURO, 1);
        importBlock();
        vm.warp(block.timestamp + 12);
        Claim memory c = chain.payout(node);
        c.leaf.evmAddress = thief;
        vm.prank(thief);
        vm.expectRevert(abi.encodeWithSelector(Payouts.LeafNotUnderRoot.selector, node));
        gateway.claim(c);
    }

    /// BEEFY signs no domain: a test chain with equal keys could announce a set of its own.
    function test_equal_keys_hand_over_nothing_from_another_chain() public {
        NeuroChain otherGenesis = new NeuroChain(keccak256("a test chain"), address(gateway), 8453, 4);
        NeuroChain otherBase = new NeuroChain(GENESIS, address(gateway), 84532, 4);
        NeuroChain otherGateway = new NeuroChain(GENESIS, address(client), 8453, 4);
        _refuseHandover(otherGenesis);
        _refuseHandover(otherBase);
        _refuseHandover(otherGateway);
        importSession();
    }

    /// The tree holds all messages ever, so no block has to be imported for its own messages.
    function test_never_imported_a_message_is_delivered_under_a_later_block() public {
        importBlock();
        uint64 nonce = chain.lock(alice, NEURO, 0);
        chain.produceMany(5);
        chain.lock(bob, NEURO, 0);
        importBlock();
        deliver(nonce);
        assertEq(token.balanceOf(alice), NEURO);
    }

    function _refuseHandover(NeuroChain other) private {
        other.produceMany(3);
        other.setSet(2, 4, 666);
        other.newSession();
        assertEq(other.setRoot(1), chain.setRoot(1), "the keys are equal");
        Submission memory s = other.sign();
        vm.expectPartialRevert(BeefyClient.LeafNotProven.selector);
        client.submit(s);
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BeefyClient} from "src/BeefyClient.sol";
import {Anchor, Submission} from "src/ClientTypes.sol";
import {Claim, Message, Scope} from "src/GatewayTypes.sol";
import {NeuroGateway} from "src/NeuroGateway.sol";
import {NeuroToken} from "src/NeuroToken.sol";
import {Recovery} from "src/Recovery.sol";
import {Deploy} from "../../script/Deploy.s.sol";
import {World} from "../builder/World.sol";

/// @title What went wrong elsewhere with roles and keys
/// @notice Each test has a patch of its name in `mutations/` that takes its guard away, and then fails.
contract AccessIncidents is World {
    address private stranger = makeAddr("stranger");
    mapping(string name => bool done) private _tried;

    /// Port3, 2025: the owner was zero, and a failed check gave zero too.
    function test_port3_no_role_is_the_zero_address() public {
        Anchor memory anchor = chain.anchor();
        bytes memory list = chain.list(0);
        vm.expectRevert(Recovery.NoAddress.selector);
        new BeefyClient(GENESIS, address(gateway), 0, address(0), recovery, anchor, list);
        vm.expectRevert(Recovery.NoAddress.selector);
        new BeefyClient(GENESIS, address(gateway), 0, guardian, address(0), anchor, list);
    }

    /// CrossCurve, 2026: one external function had no guard. A stranger tries every one that writes, with arguments
    /// that would do harm, and owns nothing after it.
    function test_crosscurve_a_stranger_gets_nothing_from_any_function() public {
        lockAndDeliver(alice, 100 * NEURO);
        vm.startPrank(stranger);
        _tryToken();
        _tryClient();
        _tryGateway();
        vm.stopPrank();
        _assertAllTried("NeuroToken");
        _assertAllTried("BeefyClient");
        _assertAllTried("NeuroGateway");

        assertEq(token.totalSupply(), 100 * NEURO);
        assertEq(token.balanceOf(alice), 100 * NEURO);
        assertEq(gateway.burnCount(), 0);
        (uint32 number,,,,) = client.head();
        assertEq(number, 4);
        assertEq(gateway.pausedUntil(Scope.Messages), 0);
        assertEq(gateway.pausedUntil(Scope.Payouts), 0);
        assertEq(gateway.dailyLimit(Scope.Messages), DAILY);
        assertEq(gateway.dailyLimit(Scope.Payouts), DAILY);
        (address submitter,,) = client.thaw();
        assertEq(submitter, address(0));
        assertEq(client.anchorHash(), 0);
    }

    /// Taiko, 2026: the key was in the repository.
    function test_taiko_keys_that_everyone_has_are_refused_on_base() public {
        Deploy script = new Deploy();
        address known = 0xE04CC55ebEE1cBCE552f250e85c57B70B2E2625b;
        Deploy.Plan memory plan = _plan();
        plan.validators = abi.encodePacked(alice, known);
        _refuse(script, plan, known);
        known = 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266;
        plan = _plan();
        plan.guardian = known;
        _refuse(script, plan, known);
        plan = _plan();
        plan.recovery = known;
        _refuse(script, plan, known);
        plan = _plan();
        plan.proposer = known;
        _refuse(script, plan, known);
        vm.chainId(31337);
        script.deploy(plan, address(script));
    }

    function _tryToken() private {
        _try(address(token), "crosschainMint", abi.encodeCall(token.crosschainMint, (stranger, NEURO)));
        _try(address(token), "crosschainBurn", abi.encodeCall(token.crosschainBurn, (alice, NEURO)));
        _try(address(token), "transfer", abi.encodeCall(token.transfer, (stranger, NEURO)));
        _try(address(token), "transferFrom", abi.encodeCall(token.transferFrom, (alice, stranger, NEURO)));
        _try(
            address(token),
            "permit",
            abi.encodeCall(token.permit, (alice, stranger, NEURO, block.timestamp, 27, bytes32(0), bytes32(0)))
        );
        // What he may: give others leave over his own nothing.
        token.approve(stranger, type(uint256).max);
        _tried["approve"] = true;
    }

    function _tryClient() private {
        Anchor memory anchor = Anchor(9, uint64(block.timestamp), 9, bytes32(uint256(1)), 1, bytes32(uint256(1)), 1);
        Submission memory forged;
        forged.blockNumber = 9;
        forged.signers = new uint256[](1);
        Submission[] memory batch = new Submission[](1);
        batch[0] = forged;
        _try(address(client), "submit", abi.encodeCall(client.submit, (forged)));
        _try(address(client), "submitBatch", abi.encodeCall(client.submitBatch, (batch)));
        uint256 start = block.timestamp;
        vm.warp(start + 8 days); // what opens only while frozen is tried while frozen
        _try(address(client), "requestThaw", abi.encodeCall(client.requestThaw, (stranger)));
        _try(address(client), "openThaw", abi.encodeCall(client.openThaw, ()));
        _try(address(client), "proposeAnchor", abi.encodeCall(client.proposeAnchor, (anchor, stranger)));
        _try(address(client), "executeAnchor", abi.encodeCall(client.executeAnchor, (anchor, stranger)));
        _try(address(client), "cancelRecovery", abi.encodeCall(client.cancelRecovery, ()));
        // What he may: say that the client is frozen, and pay for a list that nobody names.
        client.reportFrozen();
        _tried["reportFrozen"] = true;
        vm.warp(start);
        client.storeList(abi.encodePacked(stranger));
        _tried["storeList"] = true;
    }

    function _tryGateway() private {
        bytes32[] memory path = new bytes32[](24);
        Message memory m = Message(7, stranger, NEURO, 0);
        Claim memory c;
        c.leaf.evmAddress = stranger;
        c.leaf.settledCumulative = NEURO;
        c.proof = new bytes32[](17);
        Claim[] memory claims = new Claim[](1);
        claims[0] = c;
        _try(address(gateway), "deliver", abi.encodeCall(gateway.deliver, (m, path, stranger)));
        _try(address(gateway), "executeQueued", abi.encodeCall(gateway.executeQueued, (0)));
        _try(address(gateway), "claim", abi.encodeCall(gateway.claim, (c)));
        _try(address(gateway), "claimFor", abi.encodeCall(gateway.claimFor, (c, stranger)));
        _try(address(gateway), "claimMany", abi.encodeCall(gateway.claimMany, (claims, stranger)));
        _try(address(gateway), "burnToNeuro", abi.encodeCall(gateway.burnToNeuro, (DESTINATION, NEURO, 0)));
        _try(address(gateway), "pause", abi.encodeCall(gateway.pause, (Scope.Payouts, 1 days)));
        _try(address(gateway), "unpause", abi.encodeCall(gateway.unpause, (Scope.Payouts)));
        _try(address(gateway), "lowerLimit", abi.encodeCall(gateway.lowerLimit, (Scope.Messages, 0)));
        _try(address(gateway), "raiseLimit", abi.encodeCall(gateway.raiseLimit, (Scope.Messages, DAILY * 2)));
    }

    function _try(address target, string memory name, bytes memory call) private {
        (bool success,) = target.call(call);
        assertFalse(success, name);
        _tried[name] = true;
    }

    /// A function that is added later is not forgotten here.
    function _assertAllTried(string memory name) private view {
        string memory abi_ = vm.readFile(string.concat("abi/", name, ".abi.json"));
        uint256 writing = 0;
        for (uint256 i = 0;; ++i) {
            string memory entry = string.concat("$[", vm.toString(i), "]");
            if (!vm.keyExistsJson(abi_, entry)) break;
            if (!_is(abi_, entry, ".type", "function") || !_is(abi_, entry, ".stateMutability", "nonpayable")) {
                continue;
            }
            string memory method = vm.parseJsonString(abi_, string.concat(entry, ".name"));
            assertTrue(_tried[method], method);
            ++writing;
        }
        assertGt(writing, 5);
    }

    function _is(string memory json, string memory entry, string memory key, string memory value)
        private
        pure
        returns (bool)
    {
        return keccak256(bytes(vm.parseJsonString(json, string.concat(entry, key)))) == keccak256(bytes(value));
    }

    function _refuse(Deploy script, Deploy.Plan memory plan, address known) private {
        vm.expectRevert(abi.encodeWithSelector(Deploy.KnownKey.selector, known));
        script.deploy(plan, address(script));
    }

    function _plan() private returns (Deploy.Plan memory plan) {
        plan.genesisHash = GENESIS;
        plan.anchor = chain.anchor();
        plan.validators = chain.list(0);
        (plan.guardian, plan.recovery, plan.proposer) = (guardian, recovery, proposer);
        (plan.messagesLimit, plan.payoutsLimit) = (DAILY, DAILY);
        (plan.escrow, plan.pot) = (ESCROW, POT);
    }
}

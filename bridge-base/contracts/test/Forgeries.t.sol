// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Claim, Message} from "src/GatewayTypes.sol";
import {World} from "./builder/World.sol";

/// @title Valid calls with one bit changed
/// @notice The bit is anywhere in the call: a field, a sibling, a signature, a length or an offset. 256 tries each, and
/// 100,000 with FOUNDRY_PROFILE=deep.
contract ForgeriesTest is World {
    bytes private _import;
    bytes private _delivery;
    bytes private _claim;

    function setUp() public override {
        super.setUp();
        for (uint256 i = 0; i < 3; ++i) {
            chain.lock(alice, 100 * NEURO, NEURO);
            chain.credit(chain.addNode(bob, 100), 100 * NEURO, 100);
        }
        importBlock();
        (Message memory m, bytes32[] memory proof) = chain.message(1);
        _delivery = abi.encodeCall(gateway.deliver, (m, proof, relayer));
        Claim memory c = chain.payout(1);
        _claim = abi.encodeCall(gateway.claimFor, (c, relayer));
        chain.produce();
        _import = abi.encodeCall(client.submit, (chain.sign()));
        pass(1 days);
    }

    function test_unchanged_they_pass() public {
        assertTrue(_send(address(gateway), _delivery));
        assertTrue(_send(address(gateway), _claim));
        assertTrue(_send(address(client), _import));
    }

    function testFuzz_an_import_with_a_bit_changed_is_refused(uint256 bit) public {
        assertFalse(_send(address(client), _flipped(_import, bit, type(uint256).max)));
    }

    /// Whom the tip goes to is the sender's choice: word 5.
    function testFuzz_a_delivery_with_a_bit_changed_is_refused(uint256 bit) public {
        assertFalse(_send(address(gateway), _flipped(_delivery, bit, 5)));
    }

    /// Whom the tip goes to is the sender's choice: word 1.
    function testFuzz_a_claim_with_a_bit_changed_is_refused(uint256 bit) public {
        assertFalse(_send(address(gateway), _flipped(_claim, bit, 1)));
    }

    /// The call without its selector, one bit of it changed, but none of the word `free`.
    function _flipped(bytes memory call, uint256 bit, uint256 free) private pure returns (bytes memory) {
        uint256 words = (call.length - 4) / 32;
        bit = bound(bit, 0, words * 256 - 1);
        if (bit / 256 == free) bit = (bit + 256) % (words * 256);
        call[4 + bit / 8] ^= bytes1(uint8(1 << (bit % 8)));
        return call;
    }

    function _send(address target, bytes memory call) private returns (bool success) {
        vm.prank(relayer);
        (success,) = target.call(call);
    }
}

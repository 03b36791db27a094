// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Submission} from "src/ClientTypes.sol";
import {Claim, Message} from "src/GatewayTypes.sol";
import {NeuroChain} from "../test/builder/NeuroChain.sol";
import {Deploy} from "./Deploy.s.sol";

/// @title The calls whose gas is measured
/// @notice Sends each to a running anvil, which charges what Base charges for execution. `tools/gas-table.js` reads
/// the receipts: it knows the rows by the order in which they are sent here.
contract Gas is Deploy {
    uint128 private constant NEURO = 1e12;
    /// Two years of blocks, and so that proofs have twelve items, the average.
    uint32 private constant OLD_BLOCKS = 10_000_082;

    address private me;
    NeuroChain private chain;
    Deployment private d;

    function measure() external {
        me = msg.sender;
        _imports(10);
        _imports(32);
        _imports(100);
        _gateway();
    }

    function _imports(uint256 size) private {
        chain = new NeuroChain(keccak256("genesis"), gatewayOf(me), block.chainid, size);
        chain.pretendAge(OLD_BLOCKS);
        chain.produce();

        Plan memory plan;
        plan.genesisHash = keccak256("genesis");
        plan.anchor = chain.anchor();
        plan.validators = chain.list(0);
        (plan.guardian, plan.recovery) = (_named("guardian"), _named("recovery"));
        plan.proposer = _named("proposer");
        (plan.messagesLimit, plan.payoutsLimit) = (1e9 * NEURO, 1e9 * NEURO);
        (plan.escrow, plan.pot) = (keccak256("escrow"), keccak256("pot"));
        vm.startBroadcast();
        d = deploy(plan, me);
        vm.stopBroadcast();

        _happenings();
        _submit(); // the first two imports write into empty slots
        chain.credit(0, NEURO, 432_000);
        _submit();
        chain.lock(vm.addr(0xa11ce), NEURO, 0);
        chain.credit(0, NEURO, 432_000);
        _submit(); // the ordinary import: every slot changes
        chain.setSetId(1);
        _submit(); // hand-over to a list that is known
        bytes memory list = chain.listOf(size, 9);
        vm.startBroadcast();
        d.client.storeList(list);
        vm.stopBroadcast();
    }

    /// Three messages to two holders, and three nodes of which two have streamed for 30 days and one for a tick.
    function _happenings() private {
        chain.lock(vm.addr(0xa11ce), 5 * NEURO, NEURO / 10);
        chain.lock(vm.addr(0xb0b), 5 * NEURO, NEURO / 10);
        chain.lock(vm.addr(0xa11ce), 5 * NEURO, NEURO / 10);
        uint64 today = chain.time();
        for (uint256 i = 0; i < 3; ++i) {
            chain.addNode(vm.addr(0xca401 + i), 100);
        }
        chain.setTime(today - 30 days);
        chain.credit(1, 300 * NEURO, 432_000);
        chain.setTime(today - 12);
        chain.credit(2, 300 * NEURO, 432_000);
        chain.addNode(me, 0);
        chain.credit(3, 300 * NEURO, 432_000);
        chain.setTime(today);
    }

    function _gateway() private {
        _deliver(0); // also the first message of all
        _deliver(1); // to a new holder
        _deliver(2); // to one who has some
        _claim(0); // so that the bucket of payouts is in use
        _claim(1); // first claim, 30 days late
        _claim(2); // first claim, 12 seconds late
        _claim(1); // repeat claim, by a keeper who is tipped
        Claim memory own = chain.payout(3);
        vm.startBroadcast();
        d.gateway.claim(own); // first claim of the payee himself
        d.gateway.claim(own); // repeat claim of the payee himself
        vm.stopBroadcast();
        chain.addNode(me, 0); // so that the root is another
        _submit();
        vm.startBroadcast();
        d.gateway.claim(own); // the same under the older of the two roots
        vm.stopBroadcast();
        vm.startBroadcast();
        for (uint256 i = 0; i < 3; ++i) {
            d.gateway.burnToNeuro(keccak256("account"), NEURO / 100, 0);
        }
        vm.stopBroadcast();
    }

    function _named(string memory name) private pure returns (address) {
        return vm.addr(uint256(keccak256(bytes(name))));
    }

    function _submit() private {
        chain.produce();
        Submission memory s = chain.sign();
        vm.startBroadcast();
        d.client.submit(s);
        vm.stopBroadcast();
    }

    function _deliver(uint64 nonce) private {
        (Message memory m, bytes32[] memory proof) = chain.message(nonce);
        vm.startBroadcast();
        d.gateway.deliver(m, proof, me);
        vm.stopBroadcast();
    }

    function _claim(uint32 node) private {
        Claim memory c = chain.payout(node);
        vm.startBroadcast();
        d.gateway.claimFor(c, me);
        vm.stopBroadcast();
    }
}

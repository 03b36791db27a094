// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {BeefyClient} from "src/BeefyClient.sol";
import {Submission} from "src/ClientTypes.sol";
import {Claim, Message} from "src/GatewayTypes.sol";
import {NeuroGateway} from "src/NeuroGateway.sol";
import {NeuroToken} from "src/NeuroToken.sol";
import {NeuroChain} from "./NeuroChain.sol";

/// @title Both sides of the bridge, deployed
abstract contract World is Test {
    uint128 internal constant NEURO = 1e12;
    uint128 internal constant DAILY = 1_000_000 * NEURO;
    bytes32 internal constant GENESIS = keccak256("genesis of NeuroStore");
    bytes32 internal constant ESCROW = keccak256("escrow");
    bytes32 internal constant POT = keccak256("pot");

    address internal guardian = makeAddr("guardian");
    address internal recovery = makeAddr("recovery");
    address internal proposer = makeAddr("proposer");
    address internal relayer = makeAddr("relayer");
    address internal alice = makeAddr("alice");
    address internal bob = makeAddr("bob");
    bytes32 internal constant DESTINATION = keccak256("account on NeuroStore");

    NeuroChain internal chain;
    NeuroToken internal token;
    BeefyClient internal client;
    NeuroGateway internal gateway;
    TimelockController internal timelock;

    function setUp() public virtual {
        deployWorld(4);
    }

    /// Deploys in the order of the deploy script, with `size` validators in every set.
    function deployWorld(uint256 size) internal {
        vm.warp(1_800_000_000);
        vm.chainId(8453);
        address[] memory proposers = new address[](1);
        proposers[0] = proposer;
        timelock = new TimelockController(48 hours, proposers, new address[](1), address(0));

        address expected = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 3);
        chain = new NeuroChain(GENESIS, expected, 8453, size);
        chain.produceMany(3);
        token = new NeuroToken(expected);
        client = new BeefyClient(GENESIS, expected, 0, guardian, recovery, chain.anchor(), chain.list(0));
        gateway = new NeuroGateway(token, client, guardian, timelock, DAILY, DAILY, ESCROW, POT);
        assertEq(address(gateway), expected, "the gateway stands where it was promised");
    }

    /// Both clocks run on.
    function pass(uint256 duration) internal {
        vm.warp(block.timestamp + duration);
        chain.setTime(uint64(block.timestamp));
    }

    /// A block is made, signed and imported.
    function importBlock() internal {
        chain.produce();
        client.submit(chain.sign());
    }

    /// A session begins; its first block is imported.
    function importSession() internal {
        chain.newSession();
        client.storeList(chain.list(chain.setId()));
        client.submit(chain.sign());
    }

    function deliver(uint64 nonce) internal {
        (Message memory m, bytes32[] memory proof) = chain.message(nonce);
        vm.prank(relayer);
        gateway.deliver(m, proof, relayer);
    }

    function claimFor(uint32 node) internal returns (uint128) {
        Claim memory c = chain.payout(node);
        vm.prank(relayer);
        return gateway.claimFor(c, relayer);
    }

    function lockAndDeliver(address to, uint128 amount) internal returns (uint64 nonce) {
        nonce = chain.lock(to, amount, 0);
        importBlock();
        deliver(nonce);
    }

    function burnFrom(address who, uint128 amount) internal {
        vm.prank(who);
        gateway.burnToNeuro(DESTINATION, amount, 0);
    }
}

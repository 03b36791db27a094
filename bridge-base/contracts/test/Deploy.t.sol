// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Deploy} from "../script/Deploy.s.sol";
import {World} from "./builder/World.sol";

/// @title The deployment
contract DeployTest is World {
    Deploy private script = new Deploy();

    function test_a_plan_in_a_file_is_what_is_deployed() public {
        Deploy.Plan memory plan = script.read(vm.readFile("deployments/example.plan.json"));
        // The example has a list of one validator; its anchor is from the time that the test has.
        plan.anchor.time = uint64(block.timestamp);
        address expected = script.gatewayOf(address(script));
        Deploy.Deployment memory d = script.deploy(plan, address(script));
        assertEq(address(d.gateway), expected);
        assertEq(d.token.BRIDGE(), expected);
        assertEq(d.client.GATEWAY(), expected);
        assertEq(d.client.GENESIS_HASH(), plan.genesisHash);
        assertEq(d.client.domain(), keccak256(abi.encode(plan.genesisHash, block.chainid, expected)));
        assertEq(d.client.GUARDIAN(), plan.guardian);
        assertEq(d.client.RECOVERY(), plan.recovery);
        assertEq(address(d.gateway.TIMELOCK()), address(d.timelock));
        (uint32 number, uint64 setId,,,) = d.client.head();
        assertEq(number, plan.anchor.blockNumber);
        assertEq(setId, plan.anchor.setId);
    }

    function test_the_timelock_is_nobody_s_and_waits_two_days() public {
        Deploy.Plan memory plan = script.read(vm.readFile("deployments/example.plan.json"));
        plan.anchor.time = uint64(block.timestamp);
        Deploy.Deployment memory d = script.deploy(plan, address(script));
        bytes32 admin = d.timelock.DEFAULT_ADMIN_ROLE();
        assertEq(d.timelock.getMinDelay(), 48 hours);
        assertFalse(d.timelock.hasRole(admin, address(script)));
        assertFalse(d.timelock.hasRole(admin, plan.proposer));
        assertTrue(d.timelock.hasRole(d.timelock.PROPOSER_ROLE(), plan.proposer));
    }

    function test_guardian_and_recovery_are_two_people_on_base() public {
        Deploy.Plan memory plan = script.read(vm.readFile("deployments/example.plan.json"));
        plan.recovery = plan.guardian;
        vm.expectRevert(abi.encodeWithSelector(Deploy.RolesInOneHand.selector, plan.guardian));
        script.deploy(plan, address(script));
    }
}

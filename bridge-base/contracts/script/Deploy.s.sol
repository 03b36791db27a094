// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Script} from "forge-std/Script.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {BeefyClient} from "src/BeefyClient.sol";
import {Anchor} from "src/ClientTypes.sol";
import {NeuroGateway} from "src/NeuroGateway.sol";
import {NeuroToken} from "src/NeuroToken.sol";

/// @title Deployment
/// @notice The gateway's address must be known to NeuroStore before the first leaf names it: call `gatewayOf` first,
/// set it on the chain, wait for a block whose leaf carries it, then deploy with that block as anchor, from the same
/// account, which must not have sent anything in between.
contract Deploy is Script {
    /// @notice Transactions before the gateway's: timelock, token, client.
    uint256 internal constant BEFORE_GATEWAY = 3;

    /// @notice What a deployment needs to know.
    struct Plan {
        bytes32 genesisHash;
        uint32 beforeFirstLeaf;
        Anchor anchor;
        /// Addresses of the anchor's set in authority order, 20 bytes each.
        bytes validators;
        address guardian;
        address recovery;
        address proposer;
        uint128 messagesLimit;
        uint128 payoutsLimit;
        bytes32 escrow;
        bytes32 pot;
    }

    /// @notice What was deployed.
    struct Deployment {
        TimelockController timelock;
        NeuroToken token;
        BeefyClient client;
        NeuroGateway gateway;
    }

    /// @notice The anchor's list does not fit its root, or a contract stands where it was not expected.
    error UnexpectedAddress(address expected, address found);

    /// @notice Address of the gateway that `deployer` will deploy next.
    function gatewayOf(address deployer) public view returns (address) {
        return vm.computeCreateAddress(deployer, vm.getNonce(deployer) + BEFORE_GATEWAY);
    }

    /// @notice Deploys what the file says and writes `deployments/<chain id>.json`.
    /// @param file path of a JSON file inside `deployments/`, in the form of `deployments/example.plan.json`
    function run(string calldata file) external returns (Deployment memory d) {
        Plan memory plan = read(vm.readFile(file));
        vm.startBroadcast();
        d = deploy(plan, msg.sender);
        vm.stopBroadcast();
        _write(d, plan);
    }

    /// @notice Deploys from `deployer`, which sends the transactions.
    function deploy(Plan memory plan, address deployer) public returns (Deployment memory d) {
        address expected = gatewayOf(deployer);
        address[] memory proposers = new address[](1);
        proposers[0] = plan.proposer;
        // Anyone executes what was public for two days; nobody administers the timelock but itself.
        d.timelock = new TimelockController(48 hours, proposers, new address[](1), address(0));
        d.token = new NeuroToken(expected);
        d.client = new BeefyClient(
            plan.genesisHash, expected, plan.beforeFirstLeaf, plan.guardian, plan.recovery, plan.anchor, plan.validators
        );
        d.gateway = new NeuroGateway(
            d.token, d.client, plan.guardian, d.timelock, plan.messagesLimit, plan.payoutsLimit, plan.escrow, plan.pot
        );
        require(address(d.gateway) == expected, UnexpectedAddress(expected, address(d.gateway)));
    }

    /// @notice Reads a plan.
    function read(string memory json) public pure returns (Plan memory plan) {
        plan.genesisHash = vm.parseJsonBytes32(json, ".genesisHash");
        plan.beforeFirstLeaf = uint32(vm.parseJsonUint(json, ".beforeFirstLeaf"));
        plan.anchor = Anchor({
            blockNumber: uint32(vm.parseJsonUint(json, ".anchor.blockNumber")),
            time: uint64(vm.parseJsonUint(json, ".anchor.time")),
            setId: uint64(vm.parseJsonUint(json, ".anchor.setId")),
            setRoot: vm.parseJsonBytes32(json, ".anchor.setRoot"),
            setLen: uint32(vm.parseJsonUint(json, ".anchor.setLen")),
            nextSetRoot: vm.parseJsonBytes32(json, ".anchor.nextSetRoot"),
            nextSetLen: uint32(vm.parseJsonUint(json, ".anchor.nextSetLen"))
        });
        plan.validators = vm.parseJsonBytes(json, ".validators");
        plan.guardian = vm.parseJsonAddress(json, ".guardian");
        plan.recovery = vm.parseJsonAddress(json, ".recovery");
        plan.proposer = vm.parseJsonAddress(json, ".proposer");
        plan.messagesLimit = uint128(vm.parseJsonUint(json, ".messagesLimit"));
        plan.payoutsLimit = uint128(vm.parseJsonUint(json, ".payoutsLimit"));
        plan.escrow = vm.parseJsonBytes32(json, ".escrow");
        plan.pot = vm.parseJsonBytes32(json, ".pot");
    }

    function _write(Deployment memory d, Plan memory plan) private {
        string memory out = "deployment";
        vm.serializeUint(out, "chainId", block.chainid);
        vm.serializeBytes32(out, "genesisHash", plan.genesisHash);
        vm.serializeUint(out, "anchorBlock", plan.anchor.blockNumber);
        vm.serializeBytes32(out, "domain", d.client.domain());
        vm.serializeAddress(out, "timelock", address(d.timelock));
        vm.serializeAddress(out, "token", address(d.token));
        vm.serializeAddress(out, "client", address(d.client));
        string memory json = vm.serializeAddress(out, "gateway", address(d.gateway));
        vm.writeJson(json, string.concat("deployments/", vm.toString(block.chainid), ".json"));
    }
}

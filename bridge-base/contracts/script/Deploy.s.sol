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
    /// @notice Chain id of Base.
    uint256 internal constant BASE = 8453;
    /// @notice Addresses whose keys stand in everyone's documentation: Substrate's six development validators, then
    /// the ten accounts of anvil and Hardhat.
    bytes internal constant KNOWN_KEYS = hex"e04cc55ebee1cbce552f250e85c57b70b2e2625b"
        hex"25451a4de12dccc2d166922fa938e900fcc4ed24" hex"5630a480727cd7799073b36472d9b1a6031f840b"
        hex"4bb32a4263e369acbb6c020ffa89a41fd9722894" hex"362855f7c9c5c9d00a84157cdefe889fea436741"
        hex"0c8a57c77e50afc224f06caeeca12c46178b37c7" hex"f39fd6e51aad88f6f4ce6ab8827279cfffb92266"
        hex"70997970c51812dc3a010c7d01b50e0d17dc79c8" hex"3c44cdddb6a900fa2b585dd299e03d12fa4293bc"
        hex"90f79bf6eb2c4f870365e785982e1f101e93b906" hex"15d34aaf54267db7d7c367839aaf71a00a2c6a65"
        hex"9965507d1a55bcc2695c58ba16fb37d819b0a4dc" hex"976ea74026e726554db657fa54763abd0c3a0aa9"
        hex"14dc79964da2c08b23698b3d3cc7ca32193d9955" hex"23618e81e3f5cdf7f54c3d65f7fbc0abf5b21e8f"
        hex"a0ee7a142d267c1f36714e4a8f75612f20a79720";

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

    /// @notice The gateway does not stand where NeuroStore expects it.
    error UnexpectedAddress(address expected, address found);
    /// @notice The key of a role or a validator is public.
    error KnownKey(address owner);
    /// @notice Who recovers would answer to nobody.
    error RolesInOneHand(address owner);

    /// @notice Address of the gateway that `deployer` will deploy next.
    /// @param deployer account that sends the deployment, and nothing before it
    function gatewayOf(address deployer) public view returns (address) {
        return vm.computeCreateAddress(deployer, vm.getNonce(deployer) + BEFORE_GATEWAY);
    }

    /// @notice Deploys what the file says and writes `deployments/<chain id>.json`.
    /// @param file path of a JSON file inside `deployments/`, in the form of `deployments/example.plan.json`
    /// @return d what was deployed
    function run(string calldata file) external returns (Deployment memory d) {
        Plan memory plan = read(vm.readFile(file));
        vm.startBroadcast();
        d = deploy(plan, msg.sender);
        vm.stopBroadcast();
        _write(d, plan);
    }

    /// @notice Deploys from `deployer`, which sends the transactions.
    /// @param plan what to deploy
    /// @param deployer the sender
    /// @return d what was deployed
    function deploy(Plan memory plan, address deployer) public returns (Deployment memory d) {
        _checkKeys(plan);
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
    /// @param json text of the file
    /// @return plan what it says
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

    /// @dev Other chain ids are for trying out, with keys that everyone has.
    function _checkKeys(Plan memory plan) private view {
        if (block.chainid != BASE) return;
        require(plan.guardian != plan.recovery, RolesInOneHand(plan.guardian));
        for (uint256 i = 0; i < KNOWN_KEYS.length; i += 20) {
            address known = _addressAt(KNOWN_KEYS, i);
            require(known != plan.guardian && known != plan.recovery && known != plan.proposer, KnownKey(known));
            for (uint256 j = 0; j < plan.validators.length; j += 20) {
                require(known != _addressAt(plan.validators, j), KnownKey(known));
            }
        }
    }

    function _addressAt(bytes memory packed, uint256 offset) private pure returns (address) {
        bytes32 word;
        assembly ("memory-safe") {
            word := mload(add(add(packed, 32), offset))
        }
        return address(bytes20(word));
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

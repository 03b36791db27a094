// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {IBeefyClient} from "./ClientTypes.sol";
import {Limits} from "./Limits.sol";
import {Messages} from "./Messages.sol";
import {NeuroToken} from "./NeuroToken.sol";
import {Payouts} from "./Payouts.sol";
import {Reserve} from "./Reserve.sol";
import {KeccakTree} from "./lib/KeccakTree.sol";

/// @title Gateway between NeuroStore and Base
/// @notice Mints what the chain has proven to be locked or earned, and burns what shall be unlocked there. It has no
/// proxy and no call to a target that a message names.
contract NeuroGateway is Messages, Payouts {
    using KeccakTree for KeccakTree.Appendable;

    /// @notice Least planck that an unlock may pay: the existential deposit of NeuroStore.
    uint128 public constant EXISTENTIAL_DEPOSIT = 1_000_000_000;

    /// @notice Account of the escrow on NeuroStore: an unlock to it would be a loop.
    bytes32 public immutable ESCROW;
    /// @notice Account of the pot on NeuroStore: an unlock to it would mix the books.
    bytes32 public immutable POT;

    KeccakTree.Appendable private _burns;

    /// @notice Units were burned, to be unlocked on NeuroStore.
    event Burned(uint64 indexed index, address indexed from, bytes32 indexed destination, uint128 amount, uint128 tip);

    /// @notice Nothing may be unlocked to this account.
    error WrongDestination(bytes32 destination);
    /// @notice Less than the existential deposit would be unlocked.
    error BelowExistentialDeposit();

    /// @param token made for this address
    /// @param client made for this address
    /// @param guardian may pause and lower limits
    /// @param timelock may raise limits
    /// @param messagesLimit planck a day for messages
    /// @param payoutsLimit planck a day for payouts
    /// @param escrow account of the escrow on NeuroStore
    /// @param pot account of the pot on NeuroStore
    constructor(
        NeuroToken token,
        IBeefyClient client,
        address guardian,
        TimelockController timelock,
        uint128 messagesLimit,
        uint128 payoutsLimit,
        bytes32 escrow,
        bytes32 pot
    ) Limits(guardian, timelock, messagesLimit, payoutsLimit) Reserve(token, client) {
        require(escrow != 0 && pot != 0, WrongDestination(0));
        ESCROW = escrow;
        POT = pot;
    }

    /// @notice Burns units of the caller, to be unlocked on NeuroStore. Works always: no pause, limit or freeze
    /// reaches it.
    /// @param destination account on NeuroStore
    /// @param amount planck, the tip included
    /// @param tip planck of it for whoever carries the proof to NeuroStore
    /// @return index place in the tree of burns
    function burnToNeuro(bytes32 destination, uint128 amount, uint128 tip) external returns (uint64 index) {
        require(destination != 0 && destination != ESCROW && destination != POT, WrongDestination(destination));
        require(amount >= tip && amount - tip >= EXISTENTIAL_DEPOSIT, BelowExistentialDeposit());
        index = _burnFromCaller(amount);
        _burns.append(index, keccak256(abi.encode(index, destination, amount, tip)));
        emit Burned(index, msg.sender, destination, amount, tip);
    }

    /// @notice Root over all burns. Validators read it at finalised blocks and attest it.
    /// @return root of a tree of 32 levels
    function burnRoot() external view returns (bytes32) {
        return _burns.root(burnCount);
    }
}

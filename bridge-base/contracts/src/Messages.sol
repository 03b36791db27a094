// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {hashOf, Message, Scope} from "./GatewayTypes.sol";
import {Limits} from "./Limits.sol";
import {Reserve} from "./Reserve.sol";
import {KeccakTree} from "./lib/KeccakTree.sol";

/// @title Delivery of what was locked
abstract contract Messages is Limits, Reserve {
    /// @notice A delivered message of which a part waits for the limit.
    struct Waiting {
        address recipient;
        address relayer;
        uint128 amount;
        uint128 tip;
    }

    /// @notice What waits, by nonce.
    mapping(uint64 nonce => Waiting waiting) public waitingOf;
    mapping(uint256 word => uint256 bits) private _delivered;

    /// @notice A message was delivered.
    event Delivered(
        uint64 indexed nonce, address indexed recipient, address indexed relayer, uint128 amount, uint128 tip
    );
    /// @notice A part of a message waits for the limit.
    event Queued(uint64 indexed nonce, uint128 amount);
    /// @notice A part of a waiting message was paid.
    event Executed(uint64 indexed nonce, uint128 amount, uint128 left);

    /// @notice The message is not among those that the chain has proven.
    error MessageNotProven();
    /// @notice The message was delivered before.
    error AlreadyDelivered(uint64 nonce);
    /// @notice The amount is zero or less than the tip.
    error WrongAmount();
    /// @notice Nothing waits under this nonce.
    error NothingWaiting(uint64 nonce);
    /// @notice The limit has nothing left now.
    error LimitReached();

    /// @notice Mints what a proven message says. Anyone may. What is over the limit waits and is paid in parts.
    /// @param message the message
    /// @param proof 24 siblings under the newest messages root
    /// @param relayer who gets the tip
    function deliver(Message memory message, bytes32[] calldata proof, address relayer) external {
        _checkOpen(Scope.Messages);
        _checkRecipient(message.recipient);
        require(message.amount != 0 && message.tip <= message.amount, WrongAmount());
        if (message.tip != 0) _checkRecipient(relayer);

        (bytes32 root, uint128 ceiling) = CLIENT.messages();
        require(
            KeccakTree.contains(root, KeccakTree.MESSAGE_DEPTH, message.nonce, hashOf(message), proof),
            MessageNotProven()
        );
        _markDelivered(message.nonce);
        emit Delivered(message.nonce, message.recipient, relayer, message.amount, message.tip);

        Waiting memory due = Waiting(message.recipient, relayer, message.amount - message.tip, message.tip);
        _pay(due, ceiling);
        if (due.amount != 0 || due.tip != 0) {
            waitingOf[message.nonce] = due;
            emit Queued(message.nonce, due.amount + due.tip);
        }
    }

    /// @notice Pays as much of a waiting message as the limit allows. Anyone may.
    /// @param nonce of the message
    function executeQueued(uint64 nonce) external {
        _checkOpen(Scope.Messages);
        Waiting memory due = waitingOf[nonce];
        require(due.recipient != address(0), NothingWaiting(nonce));
        (, uint128 ceiling) = CLIENT.messages();
        uint128 paid = _pay(due, ceiling);
        require(paid != 0, LimitReached());

        uint128 left = due.amount + due.tip;
        if (left == 0) delete waitingOf[nonce];
        else waitingOf[nonce] = due;
        emit Executed(nonce, paid, left);
    }

    /// @notice Whether a message was delivered, even if a part of it still waits.
    /// @param nonce of the message
    /// @return true once `deliver` has taken it
    function isDelivered(uint64 nonce) public view returns (bool) {
        return _delivered[nonce >> 8] >> (nonce & 255) & 1 == 1;
    }

    function _markDelivered(uint64 nonce) private {
        require(!isDelivered(nonce), AlreadyDelivered(nonce));
        _delivered[nonce >> 8] |= 1 << (nonce & 255);
    }

    /// @dev Pays within the limit, the tip first, and leaves in `due` what remains.
    function _pay(Waiting memory due, uint128 ceiling) private returns (uint128 paid) {
        paid = _take(Scope.Messages, due.amount + due.tip);
        _checkCovered(paid, ceiling);
        uint128 tip = paid < due.tip ? paid : due.tip;
        due.tip -= tip;
        due.amount -= paid - tip;
        _mint(due.relayer, tip);
        _mint(due.recipient, paid - tip);
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {RateLimiter} from "@openzeppelin/contracts/utils/RateLimiter.sol";
import {Scope} from "./GatewayTypes.sol";

/// @title Pauses and daily limits of minting
/// @notice Messages and payouts have a bucket each, so that no holder who moves much starves the nodes.
abstract contract Limits {
    using RateLimiter for RateLimiter.RefillingBucket;

    /// @notice Longest pause, in seconds.
    uint256 public constant MAX_PAUSE = 7 days;
    /// @notice Seconds after a pause before the same scope may be paused again: pauses do not add up to a stop.
    uint256 public constant PAUSE_REST = 7 days;
    /// @notice Least delay of the timelock that raises limits.
    uint256 public constant MIN_RAISE_DELAY = 48 hours;

    /// @dev Each scope has a limiter of its own, hence one entry in each.
    bytes32 private constant ONLY_ENTRY = 0;

    /// @notice May pause for a time and lower limits.
    address public immutable GUARDIAN;
    /// @notice May raise limits, with a delay of two days at least.
    TimelockController public immutable TIMELOCK;

    RateLimiter.RefillingBucket private _messagesBucket;
    RateLimiter.RefillingBucket private _payoutsBucket;
    // These share a slot with `Reserve.burnedSum`, which every mint reads, and `Reserve.burnCount`.
    uint48 private _messagesPausedUntil;
    uint48 private _payoutsPausedUntil;

    /// @notice A scope was paused.
    event Paused(Scope indexed scope, uint256 until);
    /// @notice A pause was ended early.
    event Unpaused(Scope indexed scope);
    /// @notice A daily limit was changed.
    event LimitChanged(Scope indexed scope, uint128 dailyLimit);

    /// @notice The caller has not the role that this takes.
    error NotAllowed(address caller);
    /// @notice The scope is paused.
    error IsPaused(Scope scope);
    /// @notice The scope is not paused.
    error NotPaused(Scope scope);
    /// @notice The pause is longer than allowed.
    error PauseTooLong(uint256 duration);
    /// @notice The scope was paused and has to rest.
    error PauseTooSoon(uint256 notBefore);
    /// @notice The guardian only lowers limits, the timelock only raises them.
    error WrongDirection(uint128 current, uint128 wanted);
    /// @notice The timelock may be passed in less than two days.
    error TimelockTooShort(uint256 delay);
    /// @notice A role may not be the zero address.
    error NoAddress();

    constructor(address guardian, TimelockController timelock, uint128 messagesLimit, uint128 payoutsLimit) {
        require(guardian != address(0), NoAddress());
        GUARDIAN = guardian;
        TIMELOCK = timelock;
        _checkTimelock();
        _setLimit(Scope.Messages, messagesLimit);
        _setLimit(Scope.Payouts, payoutsLimit);
    }

    /// @notice Pauses a scope. Imports, hand-overs and burns cannot be paused.
    /// @param scope what to pause
    /// @param duration seconds, `MAX_PAUSE` at most
    function pause(Scope scope, uint256 duration) external {
        _onlyGuardian();
        require(duration <= MAX_PAUSE, PauseTooLong(duration));
        uint256 last = pausedUntil(scope);
        require(last == 0 || block.timestamp >= last + PAUSE_REST, PauseTooSoon(last + PAUSE_REST));
        _setPausedUntil(scope, uint48(block.timestamp + duration));
        emit Paused(scope, block.timestamp + duration);
    }

    /// @notice Ends a pause early; the rest before the next one counts from now.
    /// @param scope what to open again
    function unpause(Scope scope) external {
        _onlyGuardian();
        require(block.timestamp < pausedUntil(scope), NotPaused(scope));
        _setPausedUntil(scope, uint48(block.timestamp));
        emit Unpaused(scope);
    }

    /// @notice Lowers a daily limit at once.
    /// @param scope whose limit
    /// @param limit planck a day, less than now; zero stops the scope until the timelock raises it
    function lowerLimit(Scope scope, uint128 limit) external {
        _onlyGuardian();
        uint128 current = dailyLimit(scope);
        require(limit < current, WrongDirection(current, limit));
        _setLimit(scope, limit);
    }

    /// @notice Raises a daily limit; the caller is the timelock, so this was public for two days.
    /// @param scope whose limit
    /// @param limit planck a day, more than now
    function raiseLimit(Scope scope, uint128 limit) external {
        require(msg.sender == address(TIMELOCK), NotAllowed(msg.sender));
        _checkTimelock();
        uint128 current = dailyLimit(scope);
        require(limit > current, WrongDirection(current, limit));
        _setLimit(scope, limit);
    }

    /// @notice Until when a scope is, or was, paused.
    /// @param scope which
    /// @return time in seconds; zero if it never was
    function pausedUntil(Scope scope) public view returns (uint48) {
        return scope == Scope.Messages ? _messagesPausedUntil : _payoutsPausedUntil;
    }

    /// @notice Most planck that a scope mints in any 24 hours.
    /// @param scope which
    /// @return planck
    function dailyLimit(Scope scope) public view returns (uint128) {
        return uint128(uint256(_bucket(scope)._capacity) * 2);
    }

    /// @notice Planck that a scope may mint now.
    /// @param scope which
    /// @return planck
    function available(Scope scope) public view returns (uint256) {
        return _bucket(scope).available(ONLY_ENTRY);
    }

    /// @dev Takes as much of `wanted` as the bucket has and returns it.
    function _take(Scope scope, uint128 wanted) internal returns (uint128 taken) {
        RateLimiter.RefillingBucket storage bucket = _bucket(scope);
        if (bucket.tryConsume(ONLY_ENTRY, wanted)) return wanted;
        taken = uint128(bucket.available(ONLY_ENTRY));
        bucket.consume(ONLY_ENTRY, taken);
    }

    function _checkOpen(Scope scope) internal view {
        require(block.timestamp >= pausedUntil(scope), IsPaused(scope));
    }

    /// @dev A full bucket and what flows in over a day are both spent in 24 hours, so each is half of the limit.
    function _setLimit(Scope scope, uint128 limit) private {
        RateLimiter.RefillingBucket storage bucket = _bucket(scope);
        bucket.sync(ONLY_ENTRY);
        bucket.updateSettings(1 days, limit / 2);
        emit LimitChanged(scope, limit);
    }

    function _checkTimelock() private view {
        uint256 delay = TIMELOCK.getMinDelay();
        require(delay >= MIN_RAISE_DELAY, TimelockTooShort(delay));
    }

    function _setPausedUntil(Scope scope, uint48 time) private {
        if (scope == Scope.Messages) _messagesPausedUntil = time;
        else _payoutsPausedUntil = time;
    }

    function _bucket(Scope scope) private view returns (RateLimiter.RefillingBucket storage) {
        return scope == Scope.Messages ? _messagesBucket : _payoutsBucket;
    }

    function _onlyGuardian() private view {
        require(msg.sender == GUARDIAN, NotAllowed(msg.sender));
    }
}

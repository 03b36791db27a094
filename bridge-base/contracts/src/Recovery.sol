// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Anchor} from "./ClientTypes.sol";
import {ClientState} from "./ClientState.sol";

/// @title Freeze, thaw and re-anchoring
/// @notice Validators whose bond is released can sign anything at no cost. So when nothing was imported for too long,
/// nothing is imported any more. A thaw lets one named account follow the ordinary chain of hand-overs again. A
/// re-anchoring replaces the chain of hand-overs and is for a chain that is broken.
abstract contract Recovery is ClientState {
    /// @notice Seconds after which an anchor or an import is too old to build on. At most half of the delay after which
    /// NeuroStore releases a validator's bond.
    uint256 public constant MAX_STALENESS = 7 days;
    /// @notice Seconds between the request of a thaw and the thaw.
    uint256 public constant THAW_DELAY = 2 days;
    /// @notice Seconds for which a thaw, or a re-anchoring, lets the named account import.
    uint256 public constant THAW_WINDOW = 3 days;
    /// @notice Seconds for which a new anchor is public before it may be set.
    uint256 public constant ANCHOR_DELAY = 14 days;
    /// @notice Seconds within which it must be set after that, so that no old proposal waits for a later freeze.
    uint256 public constant ANCHOR_WINDOW = 7 days;

    /// @notice May cancel what the recovery key began.
    address public immutable GUARDIAN;
    /// @notice May begin a thaw or a re-anchoring, only while frozen.
    address public immutable RECOVERY;

    /// @notice A thaw: `readyAt` is zero when none was asked for, `until` when none is open.
    struct Thaw {
        address submitter;
        uint48 readyAt;
        uint48 until;
    }

    /// @notice The current thaw.
    Thaw public thaw;
    /// @notice Hash of the proposed anchor and its submitter; zero when there is none.
    bytes32 public anchorHash;
    /// @notice When the proposed anchor may be set.
    uint64 public anchorReadyAt;
    /// @notice The head for which the freeze was reported.
    uint32 public frozenReportedFor;

    /// @notice The client is frozen since its newest import became too old.
    event Frozen(uint32 blockNumber, uint64 time);
    /// @notice A thaw was asked for.
    event ThawRequested(address indexed submitter, uint256 readyAt);
    /// @notice A thaw is open.
    event Thawed(address indexed submitter, uint256 until);
    /// @notice A new anchor was proposed; anyone can now compare it with a node of his own.
    event AnchorProposed(bytes32 indexed hash, Anchor anchor, address submitter, uint256 readyAt);
    /// @notice The anchor was replaced.
    event Reanchored(bytes32 indexed hash, uint32 blockNumber, uint64 setId);
    /// @notice The guardian cancelled what the recovery key had begun.
    event RecoveryCancelled();

    /// @notice The caller has not the role that this takes.
    error NotAllowed(address caller);
    /// @notice The client is not frozen.
    error NotFrozen();
    /// @notice The client is frozen, and the caller is not the submitter of an open thaw.
    error IsFrozen();
    /// @notice The freeze of this head was reported before.
    error AlreadyReported();
    /// @notice Nothing of the kind was begun, or its time has not come, or is over.
    error NotReady();
    /// @notice The anchor would turn the client back.
    error AnchorTurnsBack();
    /// @notice A role or the submitter may not be the zero address.
    error NoAddress();

    constructor(address guardian, address recovery) {
        require(guardian != address(0) && recovery != address(0), NoAddress());
        GUARDIAN = guardian;
        RECOVERY = recovery;
    }

    /// @notice Whether the newest import is too old to build on.
    /// @return true when nothing is imported but through a thaw
    function isFrozen() public view returns (bool) {
        return block.timestamp > uint256(head.time) + MAX_STALENESS;
    }

    /// @notice Emits `Frozen`, once for a head. Anyone may.
    function reportFrozen() external {
        require(isFrozen(), NotFrozen());
        require(frozenReportedFor != head.blockNumber, AlreadyReported());
        frozenReportedFor = head.blockNumber;
        emit Frozen(head.blockNumber, head.time);
    }

    /// @notice Begins a thaw.
    /// @param submitter the only account that may import while the head is too old
    function requestThaw(address submitter) external {
        _onlyRecoveryWhileFrozen();
        require(submitter != address(0), NoAddress());
        uint256 readyAt = block.timestamp + THAW_DELAY;
        thaw = Thaw(submitter, uint48(readyAt), 0);
        emit ThawRequested(submitter, readyAt);
    }

    /// @notice Opens the thaw after its delay. Anyone may.
    function openThaw() external {
        require(isFrozen(), NotFrozen());
        require(thaw.readyAt != 0 && block.timestamp >= thaw.readyAt, NotReady());
        _openThaw(thaw.submitter);
    }

    /// @notice Proposes a new anchor.
    /// @param anchor where to follow the chain from; its list must be stored when it is set
    /// @param submitter the only account that may import until the head is fresh again
    function proposeAnchor(Anchor calldata anchor, address submitter) external {
        _onlyRecoveryWhileFrozen();
        require(submitter != address(0), NoAddress());
        _checkAnchorAhead(anchor);
        anchorHash = keccak256(abi.encode(anchor, submitter));
        anchorReadyAt = uint64(block.timestamp + ANCHOR_DELAY);
        emit AnchorProposed(anchorHash, anchor, submitter, anchorReadyAt);
    }

    /// @notice Sets the proposed anchor after its public days, if the client is frozen still. Sums, roots and limits
    /// stay as they are.
    /// @param anchor as it was proposed
    /// @param submitter as it was proposed
    function executeAnchor(Anchor calldata anchor, address submitter) external {
        _onlyRecoveryWhileFrozen();
        bytes32 hash = keccak256(abi.encode(anchor, submitter));
        require(anchorHash != 0 && hash == anchorHash, NotReady());
        require(block.timestamp >= anchorReadyAt && block.timestamp <= anchorReadyAt + ANCHOR_WINDOW, NotReady());
        _checkAnchorAhead(anchor);
        anchorHash = 0;
        anchorReadyAt = 0;
        _setAnchor(anchor);
        emit Reanchored(hash, anchor.blockNumber, anchor.setId);
        _openThaw(submitter);
    }

    /// @notice Cancels a thaw, asked for or open, and a proposed anchor.
    function cancelRecovery() external {
        require(msg.sender == GUARDIAN, NotAllowed(msg.sender));
        delete thaw;
        anchorHash = 0;
        anchorReadyAt = 0;
        emit RecoveryCancelled();
    }

    /// @dev Reverts unless the caller may import now.
    function _checkImportAllowed(uint64 headTime) internal view {
        if (block.timestamp <= uint256(headTime) + MAX_STALENESS) return;
        require(msg.sender == thaw.submitter && block.timestamp <= thaw.until, IsFrozen());
    }

    function _openThaw(address submitter) private {
        uint256 until = block.timestamp + THAW_WINDOW;
        thaw = Thaw(submitter, 0, uint48(until));
        emit Thawed(submitter, until);
    }

    function _checkAnchorAhead(Anchor calldata anchor) private view {
        require(
            anchor.blockNumber > head.blockNumber && anchor.setId >= head.setId && anchor.time >= head.time
                && anchor.time <= block.timestamp,
            AnchorTurnsBack()
        );
    }

    function _onlyRecoveryWhileFrozen() private view {
        require(msg.sender == RECOVERY, NotAllowed(msg.sender));
        require(isFrozen(), NotFrozen());
    }
}

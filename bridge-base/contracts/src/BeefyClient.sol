// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Anchor, Extra, Head, IBeefyClient, IBurnedSum, StoredList, Submission} from "./ClientTypes.sol";
import {Recovery} from "./Recovery.sol";
import {AddressList} from "./lib/AddressList.sol";
import {MmrProof} from "./lib/MmrProof.sol";
import {QuorumSignatures} from "./lib/QuorumSignatures.sol";
import {Scale} from "./lib/Scale.sol";

/// @title Light client of NeuroStore's BEEFY finality
/// @notice Imports a block when more than two thirds of the validators have signed for it, every signature checked,
/// and keeps what pallet-bridge committed to in that block's leaf.
contract BeefyClient is Recovery, IBeefyClient {
    /// @notice Most seconds by which the chain's clock may be ahead of Base's. A leaf from the future would keep old
    /// validators in office for longer than their bond.
    uint256 public constant MAX_CLOCK_LEAD = 1 hours;

    /// @notice Hash of NeuroStore's genesis block.
    bytes32 public immutable GENESIS_HASH;
    /// @inheritdoc IBeefyClient
    address public immutable override GATEWAY;
    /// @notice Block before the first leaf of the Merkle mountain range; 0 when the range was there from genesis.
    uint32 public immutable BEFORE_FIRST_LEAF;

    /// @notice A block was imported.
    event Imported(
        uint32 indexed blockNumber,
        uint64 indexed setId,
        bytes32 mmrRoot,
        uint64 time,
        uint128 lockedSum,
        uint128 unlockedSum
    );
    /// @notice The next set has taken over.
    event HandedOver(uint64 indexed setId, uint64 nextSetId, bytes32 nextSetRoot, uint32 nextSetLen);
    /// @notice More was unlocked than was burned: minting has stopped for good.
    event Overdrawn(uint128 unlockedSum, uint128 burnedSum);

    /// @notice The block is not after the newest imported one.
    error NotNewer(uint32 blockNumber, uint32 newest);
    /// @notice The signing set is neither the current one nor the next.
    error WrongSet(uint64 setId, uint64 current);
    /// @notice The leaf is not the one that was signed for: a field differs, or the leaf is of another chain or gateway.
    error LeafNotProven(bytes32 computed, bytes32 signed);
    /// @notice A root is zero, a sum or the clock has fallen, or more is unlocked than locked.
    error BrokenLeaf();
    /// @notice The chain's clock is too far ahead of Base's.
    error FromTheFuture(uint64 time);
    /// @notice The batch has no submission.
    error EmptyBatch();
    /// @notice The anchor is not what the list and the clock say.
    error WrongAnchor();

    /// @param genesisHash hash of NeuroStore's genesis block
    /// @param gateway the gateway, which is deployed after the client
    /// @param beforeFirstLeaf block before the first leaf of the range
    /// @param guardian may cancel a recovery
    /// @param recovery may begin one
    /// @param anchor block from which hand-overs are followed, younger than `MAX_STALENESS`
    /// @param list validators of the anchor's set
    constructor(
        bytes32 genesisHash,
        address gateway,
        uint32 beforeFirstLeaf,
        address guardian,
        address recovery,
        Anchor memory anchor,
        bytes memory list
    ) Recovery(guardian, recovery) {
        require(genesisHash != 0 && gateway != address(0), NoAddress());
        GENESIS_HASH = genesisHash;
        GATEWAY = gateway;
        BEFORE_FIRST_LEAF = beforeFirstLeaf;
        _storeList(list);
        _setAnchor(anchor);
        require(anchor.blockNumber >= beforeFirstLeaf && anchor.time <= block.timestamp && !isFrozen(), WrongAnchor());
    }

    /// @notice Imports one block. Anyone may; while the client is frozen only the submitter of a thaw.
    /// @param submission signed commitment, its block's leaf and the proof of that leaf
    function submit(Submission calldata submission) external {
        _import(submission);
    }

    /// @notice Imports blocks in order, all or none: to catch up over many sessions. Store their lists first.
    /// @param submissions at least one
    function submitBatch(Submission[] calldata submissions) external {
        require(submissions.length != 0, EmptyBatch());
        for (uint256 i = 0; i < submissions.length; ++i) {
            _import(submissions[i]);
        }
    }

    /// @inheritdoc IBeefyClient
    function messages() external view override returns (bytes32, uint128) {
        return (messagesRoot, ceiling);
    }

    /// @inheritdoc IBeefyClient
    function payoutsUnder(bytes32 root) external view override returns (bool, uint128) {
        // Before two imports a place is empty: zero is no root.
        return (root != 0 && (root == payoutRoots[0] || root == payoutRoots[1]), ceiling);
    }

    /// @notice What separates this bridge from every other chain, fork of Base and gateway. BEEFY signs no domain, so
    /// the leaf carries it.
    /// @return keccak256 of genesis hash, chain id and gateway, 96 bytes
    function domain() public view returns (bytes32) {
        return keccak256(abi.encode(GENESIS_HASH, block.chainid, GATEWAY));
    }

    function _import(Submission calldata s) private {
        Head memory h = head;
        _checkImportAllowed(h.time);
        require(s.blockNumber > h.blockNumber, NotNewer(s.blockNumber, h.blockNumber));

        bool handover = s.setId != h.setId;
        require(!handover || s.setId == h.setId + 1, WrongSet(s.setId, h.setId));
        StoredList memory list = handover ? _knownList(nextListKey) : currentList;

        // Nothing is written before the leaf, which carries the domain, and the quorum are checked.
        _checkLeaf(s);
        QuorumSignatures.check(
            AddressList.load(list.code, list.len),
            Scale.commitmentHash(s.mmrRoot, s.blockNumber, s.setId),
            s.signers,
            s.signatures
        );

        if (handover) {
            currentList = list;
            nextListKey = listKey(s.nextSetRoot, s.nextSetLen);
            h.setId = s.setId;
            emit HandedOver(s.setId, s.setId + 1, s.nextSetRoot, s.nextSetLen);
        }
        _keepExtra(s.extra, h);
        h.blockNumber = s.blockNumber;
        h.time = s.extra.time;
        head = h;
        emit Imported(s.blockNumber, s.setId, s.mmrRoot, s.extra.time, s.extra.lockedSum, s.extra.unlockedSum);
    }

    /// @dev The leaf is built, not read: its parent is the block before the signed one, so an old leaf cannot be
    /// opened under a new root, and its next set is the signers' set plus one.
    function _checkLeaf(Submission calldata s) private view {
        bytes32 extra = keccak256(
            abi.encode(
                domain(), s.extra.time, s.extra.payoutRoot, s.extra.messagesRoot, s.extra.lockedSum, s.extra.unlockedSum
            )
        );
        bytes32 leaf = Scale.leafHash(s.blockNumber - 1, s.parentHash, s.setId + 1, s.nextSetLen, s.nextSetRoot, extra);
        bytes32 root = MmrProof.rootOfLast(leaf, s.blockNumber - BEFORE_FIRST_LEAF, s.mmrProof);
        require(root == s.mmrRoot, LeafNotProven(root, s.mmrRoot));
    }

    function _keepExtra(Extra calldata extra, Head memory h) private {
        // Two thirds signed for this, so none of it happens on a sound chain; each would do lasting harm here.
        require(extra.payoutRoot != 0 && extra.messagesRoot != 0, BrokenLeaf());
        require(extra.time >= h.time, BrokenLeaf());
        require(extra.lockedSum >= ceiling && extra.unlockedSum >= unlockedSum, BrokenLeaf());
        require(extra.unlockedSum <= extra.lockedSum, BrokenLeaf());
        require(extra.time <= block.timestamp + MAX_CLOCK_LEAD, FromTheFuture(extra.time));

        // What was burned never falls, so only a new unlock can pass it.
        if (extra.unlockedSum != unlockedSum && !h.overdrawn) {
            uint128 burned = IBurnedSum(GATEWAY).burnedSum();
            if (extra.unlockedSum > burned) {
                h.overdrawn = true;
                emit Overdrawn(extra.unlockedSum, burned);
            }
        }
        ceiling = h.overdrawn ? 0 : extra.lockedSum;
        unlockedSum = extra.unlockedSum;
        messagesRoot = extra.messagesRoot;
        h.newestPayout ^= 1;
        payoutRoots[h.newestPayout] = extra.payoutRoot;
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice What pallet-bridge puts into the leaf, without the domain: the client adds its own, so a leaf of another
/// chain, another Base or another gateway does not hash to the committed value.
struct Extra {
    /// Timestamp of the chain, in seconds.
    uint64 time;
    /// Root of the payout leaves.
    bytes32 payoutRoot;
    /// Root of all messages ever.
    bytes32 messagesRoot;
    /// Planck ever put into escrow for this gateway.
    uint128 lockedSum;
    /// Planck ever released from escrow for burns at this gateway.
    uint128 unlockedSum;
}

/// @notice One signed commitment and the opening of its own block's leaf. The parent's number and the id of the next
/// set are not here: they follow from the block's number and the signers' set id.
struct Submission {
    uint32 blockNumber;
    uint64 setId;
    bytes32 mmrRoot;
    bytes32 parentHash;
    uint32 nextSetLen;
    bytes32 nextSetRoot;
    Extra extra;
    bytes32[] mmrProof;
    uint256[] signers;
    bytes signatures;
}

/// @notice A point from which the chain of hand-overs is followed.
struct Anchor {
    uint32 blockNumber;
    uint64 time;
    uint64 setId;
    bytes32 setRoot;
    uint32 setLen;
    bytes32 nextSetRoot;
    uint32 nextSetLen;
}

/// @notice The newest imported block.
struct Head {
    uint32 blockNumber;
    uint64 setId;
    /// Timestamp of the chain at that block, in seconds.
    uint64 time;
    /// More was unlocked on NeuroStore than was burned here. Never taken back.
    bool overdrawn;
    /// Which of the two payout roots is the newest.
    uint8 newestPayout;
}

/// @notice A stored list of validators.
struct StoredList {
    address code;
    uint32 len;
}

/// @title What the gateway asks of the client
interface IBeefyClient {
    /// @notice The gateway whose domain the client accepts.
    function GATEWAY() external view returns (address);

    /// @notice Root of all messages, and how much may ever be minted: zero once minting has stopped for good.
    function messages() external view returns (bytes32 root, uint128 ceiling);

    /// @notice Whether this is one of the two newest payout roots, and how much may ever be minted.
    function payoutsUnder(bytes32 root) external view returns (bool known, uint128 ceiling);
}

/// @title What the client asks of the gateway
interface IBurnedSum {
    /// @notice Planck ever burned at the gateway.
    function burnedSum() external view returns (uint128);
}

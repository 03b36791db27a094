// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice What was locked on NeuroStore for someone on Base.
struct Message {
    /// Place in the tree of all messages.
    uint64 nonce;
    address recipient;
    /// Planck, the tip included.
    uint128 amount;
    /// Planck of it for whom the deliverer names.
    uint128 tip;
}

/// @notice What a node has earned for Base, as pallet-bridge commits to it. Cumulative: it never falls and is never
/// removed.
struct PayoutLeaf {
    /// Id of the node on NeuroStore.
    uint32 node;
    /// Where its earnings go.
    address evmAddress;
    /// Part for whoever claims for the node, in hundredths of a percent.
    uint16 tipBps;
    /// Planck of all credits that have streamed out.
    uint128 settledCumulative;
    /// Planck of the credit that streams now.
    uint128 credit;
    /// When that stream began, by the chain's clock, in seconds.
    uint64 startTime;
    /// Ticks of 12 seconds over which it streams.
    uint64 ticks;
    /// Rises whenever the leaf changes.
    uint64 seq;
}

/// @notice A payout leaf and its path.
struct Claim {
    PayoutLeaf leaf;
    uint32 index;
    bytes32[] proof;
}

/// @notice What a gateway may pause and limit.
enum Scope {
    Messages,
    Payouts
}

/// @dev keccak256 over `abi.encode(message)`: in memory the four words already stand like this, each cleaned.
function hashOf(Message memory message) pure returns (bytes32 h) {
    assembly ("memory-safe") {
        h := keccak256(message, 128)
    }
}

/// @dev keccak256 over `abi.encode(leaf)`, eight words.
function hashOf(PayoutLeaf memory leaf) pure returns (bytes32 h) {
    assembly ("memory-safe") {
        h := keccak256(leaf, 256)
    }
}

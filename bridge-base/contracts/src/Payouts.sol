// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Claim, hashOf, PayoutLeaf, Scope} from "./GatewayTypes.sol";
import {Limits} from "./Limits.sol";
import {Reserve} from "./Reserve.sol";
import {KeccakTree} from "./lib/KeccakTree.sol";

/// @title The stream of what storage nodes have proven
/// @notice A node's leaf is a proven total and one credit that streams out in ticks. A claim pays the difference to
/// what was paid before, so it costs the same after a tick and after a month, and nothing unproven is ever paid.
abstract contract Payouts is Limits, Reserve {
    /// @notice Seconds of a tick: two blocks of NeuroStore.
    uint256 public constant TICK = 12;
    /// @notice Most that a claimer gets, in hundredths of a percent: a tenth of the payment.
    uint256 public constant MAX_TIP_BPS = 1000;

    /// @notice What a node was paid, and the newest of its leaves that was seen.
    struct Account {
        uint128 paid;
        uint64 seq;
    }

    /// @notice Accounts by node id.
    mapping(uint32 node => Account account) public accountOf;

    /// @notice A node was paid.
    event Claimed(uint32 indexed node, address indexed to, address indexed keeper, uint128 amount, uint128 tip);

    /// @notice The leaf is under neither of the two newest payout roots.
    error LeafNotUnderRoot(uint32 node);
    /// @notice A newer leaf of this node was claimed before.
    error LeafSuperseded(uint32 node, uint64 seq, uint64 newest);
    /// @notice Only the leaf's own address claims without a tip.
    error NotPayee(address caller);

    /// @notice Pays a node's earnings to the caller, who is the leaf's address. No tip is taken.
    /// @param c leaf and path under one of the two newest payout roots
    /// @return paid planck paid now; 0 when nothing is due or the limit is reached
    function claim(Claim calldata c) external returns (uint128 paid) {
        require(msg.sender == c.leaf.evmAddress, NotPayee(msg.sender));
        _checkOpen(Scope.Payouts);
        return _claim(c, address(0));
    }

    /// @notice Pays a node's earnings to the leaf's address. Anyone may.
    /// @param c leaf and path under one of the two newest payout roots
    /// @param keeper who gets the tip that the leaf offers
    /// @return paid planck paid now, the tip included
    function claimFor(Claim calldata c, address keeper) external returns (uint128 paid) {
        _checkRecipient(keeper);
        _checkOpen(Scope.Payouts);
        return _claim(c, keeper);
    }

    /// @notice `claimFor` for many nodes, each with a proof of its own: all or none.
    /// @param claims leaves and paths
    /// @param keeper who gets the tips that the leaves offer
    /// @return paid planck paid now in all
    function claimMany(Claim[] calldata claims, address keeper) external returns (uint128 paid) {
        _checkRecipient(keeper);
        _checkOpen(Scope.Payouts);
        for (uint256 i = 0; i < claims.length; ++i) {
            paid += _claim(claims[i], keeper);
        }
    }

    /// @notice What a leaf has earned at a time: never more than its proven credit, and nothing before the stream
    /// began.
    /// @param leaf what the chain has proven
    /// @param time seconds, by Base's clock
    /// @return planck since the node began
    function earned(PayoutLeaf memory leaf, uint256 time) public pure returns (uint256) {
        uint256 start = leaf.startTime;
        uint256 ticks = leaf.ticks;
        uint256 streamed = leaf.credit;
        // Two numbers of 128 bits and one of 64: nothing here leaves 256.
        unchecked {
            uint256 elapsed = time > start ? (time - start) / TICK : 0;
            // As the chain counts: a stream over no ticks has run out when it begins.
            if (elapsed < ticks) streamed = streamed * elapsed / ticks;
            return leaf.settledCumulative + streamed;
        }
    }

    /// @notice What would be paid for a leaf now, before limits. The leaf is not checked.
    /// @param leaf as the chain shows it
    /// @return planck
    function due(PayoutLeaf memory leaf) public view returns (uint256) {
        uint256 total = earned(leaf, block.timestamp);
        uint256 paid = accountOf[leaf.node].paid;
        return total > paid ? total - paid : 0;
    }

    function _claim(Claim calldata c, address keeper) private returns (uint128 paid) {
        PayoutLeaf memory leaf = c.leaf;
        _checkRecipient(leaf.evmAddress);
        uint128 ceiling = _checkUnderRoot(leaf, c.index, c.proof);
        Account memory account = accountOf[leaf.node];
        require(leaf.seq >= account.seq, LeafSuperseded(leaf.node, leaf.seq, account.seq));

        paid = _take(Scope.Payouts, _dueTo(leaf, account.paid));
        _checkCovered(paid, ceiling);
        accountOf[leaf.node] = Account(account.paid + paid, leaf.seq);

        uint128 tip = _tip(leaf, keeper, paid);
        emit Claimed(leaf.node, leaf.evmAddress, keeper, paid, tip);
        _mint(keeper, tip);
        _mint(leaf.evmAddress, paid - tip);
    }

    function _checkUnderRoot(PayoutLeaf memory leaf, uint256 index, bytes32[] calldata proof)
        private
        view
        returns (uint128 ceiling)
    {
        bytes32 root = KeccakTree.rootOf(KeccakTree.PAYOUT_DEPTH, index, hashOf(leaf), proof);
        bool known;
        (known, ceiling) = CLIENT.payoutsUnder(root);
        require(known, LeafNotUnderRoot(leaf.node));
    }

    /// @dev A sum that does not fit is no amount that exists: NeuroStore's balances have 128 bits.
    function _dueTo(PayoutLeaf memory leaf, uint128 paid) private view returns (uint128) {
        uint256 total = earned(leaf, block.timestamp);
        if (total > type(uint128).max) total = type(uint128).max;
        return total > paid ? uint128(total - paid) : 0;
    }

    function _tip(PayoutLeaf memory leaf, address keeper, uint128 paid) private pure returns (uint128) {
        if (keeper == address(0)) return 0;
        uint256 bps = leaf.tipBps > MAX_TIP_BPS ? MAX_TIP_BPS : leaf.tipBps;
        return uint128(uint256(paid) * bps / 10_000);
    }
}

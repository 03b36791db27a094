// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CommonBase} from "forge-std/Base.sol";
import {Anchor, Extra, Submission} from "src/ClientTypes.sol";
import {Claim, Message, PayoutLeaf} from "src/GatewayTypes.sol";
import {Encoding} from "./Encoding.sol";
import {Mmr} from "./Mmr.sol";
import {Trees} from "./Trees.sol";

/// @title A model of NeuroStore that signs with real keys
/// @notice Keeps messages, payout leaves, sums, validator sets and the Merkle mountain range, and makes commitments
/// as validators do. Nothing of `src/lib` is used.
contract NeuroChain is CommonBase {
    bytes32 public genesisHash;
    address public gateway;
    uint256 public baseChainId;

    Mmr public mmr = new Mmr();
    uint32 public blockNumber;
    uint64 public time;
    uint64 public setId;
    uint128 public lockedSum;
    uint128 public unlockedSum;

    Message[] internal _messages;
    PayoutLeaf[] internal _payouts;
    Extra public extra;
    bytes32 public parentHash;
    /// Size of each set and the seed of its keys: sets with equal seed and size are the same people.
    mapping(uint64 id => uint256 size) public sizeOf;
    mapping(uint64 id => uint256 seed) public seedOf;

    /// Roots by size and seed: deriving a hundred addresses is slow.
    mapping(uint256 size => mapping(uint256 seed => bytes32 root)) private _rootOf;

    constructor(bytes32 genesis, address gateway_, uint256 chainId, uint256 size) {
        genesisHash = genesis;
        gateway = gateway_;
        baseChainId = chainId;
        time = uint64(block.timestamp);
        for (uint64 id = 0; id < 64; ++id) {
            sizeOf[id] = size;
        }
    }

    // What happens on the chain.

    function setSet(uint64 id, uint256 size, uint256 seed) external {
        sizeOf[id] = size;
        seedOf[id] = seed;
    }

    function setSums(uint128 locked, uint128 unlocked) external {
        (lockedSum, unlockedSum) = (locked, unlocked);
    }

    function lock(address recipient, uint128 amount, uint128 tip) external returns (uint64 nonce) {
        nonce = uint64(_messages.length);
        _messages.push(Message(nonce, recipient, amount, tip));
        lockedSum += amount;
    }

    /// A message without a lock behind it: only a broken chain makes one.
    function forgeMessage(address recipient, uint128 amount, uint128 tip) external returns (uint64 nonce) {
        nonce = uint64(_messages.length);
        _messages.push(Message(nonce, recipient, amount, tip));
    }

    function unlock(uint128 amount) external {
        unlockedSum += amount;
    }

    function addNode(address to, uint16 tipBps) external returns (uint32 node) {
        node = uint32(_payouts.length);
        _payouts.push(PayoutLeaf(node, to, tipBps, 0, 0, 0, 1, 0));
    }

    /// A proven window: the running credit is settled, the new one streams from now.
    function credit(uint32 node, uint128 amount, uint64 ticks) external {
        PayoutLeaf storage leaf = _payouts[node];
        leaf.settledCumulative += leaf.credit;
        leaf.credit = amount;
        leaf.startTime = time;
        leaf.ticks = ticks;
        leaf.seq += 1;
        lockedSum += amount;
    }

    function setPayoutAddress(uint32 node, address to) external {
        _payouts[node].evmAddress = to;
        _payouts[node].seq += 1;
    }

    function setLeaf(uint32 node, PayoutLeaf calldata leaf) external {
        _payouts[node] = leaf;
    }

    /// Makes a block: what was done before it is in its leaf.
    function produce() public {
        ++blockNumber;
        parentHash = keccak256(abi.encode("block", blockNumber - 1, genesisHash));
        (bytes32 messagesRoot,) = Trees.fixedDepth(_messageLeaves(), 24, 0);
        (bytes32 payoutRoot,) = Trees.fixedDepth(_payoutLeaves(), 17, 0);
        extra = Extra(time, payoutRoot, messagesRoot, lockedSum, unlockedSum);
        mmr.push(keccak256(leafBytes()));
    }

    function produceMany(uint256 n) external {
        for (uint256 i = 0; i < n; ++i) {
            produce();
        }
    }

    /// Time passes, then a block of a new session is made.
    function newSession() external {
        ++setId;
        produce();
    }

    function setTime(uint64 t) external {
        time = t;
    }

    function setSetId(uint64 id) external {
        setId = id;
    }

    function pretendAge(uint32 blocks) external {
        mmr.pretend(blocks);
        blockNumber = blocks;
    }

    // What a relayer reads.

    function leafBytes() public returns (bytes memory) {
        return Encoding.leaf(
            0,
            blockNumber - 1,
            parentHash,
            setId + 1,
            uint32(sizeOf[setId + 1]),
            setRoot(setId + 1),
            keccak256(
                abi.encode(
                    domain(), extra.time, extra.payoutRoot, extra.messagesRoot, extra.lockedSum, extra.unlockedSum
                )
            )
        );
    }

    function domain() public view returns (bytes32) {
        return keccak256(abi.encode(genesisHash, baseChainId, gateway));
    }

    /// The newest block, signed by the first quorum of the set that is in office.
    function sign() external returns (Submission memory) {
        uint256 n = sizeOf[setId];
        uint256[] memory places = new uint256[](n - (n - 1) / 3);
        for (uint256 i = 0; i < places.length; ++i) {
            places[i] = i;
        }
        return signBy(places);
    }

    /// The newest block, signed by the given places, in that order.
    function signBy(uint256[] memory places) public returns (Submission memory s) {
        s = unsigned();
        (s.signers, s.signatures) = signatures(digestOf(s), setId, places);
    }

    function unsigned() public returns (Submission memory s) {
        s.blockNumber = blockNumber;
        s.setId = setId;
        s.mmrRoot = mmr.root();
        s.parentHash = parentHash;
        s.nextSetLen = uint32(sizeOf[setId + 1]);
        s.nextSetRoot = setRoot(setId + 1);
        s.extra = extra;
        s.mmrProof = mmr.prove(mmr.leafCount() - 1);
    }

    function digestOf(Submission memory s) public pure returns (bytes32) {
        return keccak256(Encoding.commitment(s.mmrRoot, s.blockNumber, s.setId));
    }

    function signatures(bytes32 digest, uint64 id, uint256[] memory places)
        public
        view
        returns (uint256[] memory bitmap, bytes memory packed)
    {
        bitmap = new uint256[]((sizeOf[id] + 255) / 256);
        for (uint256 i = 0; i < places.length; ++i) {
            bitmap[places[i] / 256] |= 1 << (places[i] % 256);
            packed = bytes.concat(packed, signature(digest, key(id, places[i])));
        }
    }

    /// r, then s with the parity in its top bit.
    function signature(bytes32 digest, uint256 secret) public pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(secret, digest);
        return bytes.concat(r, bytes32(uint256(s) | uint256(v - 27) << 255));
    }

    function key(uint64 id, uint256 place) public view returns (uint256) {
        return keyOf(seedOf[id], place);
    }

    function keyOf(uint256 seed, uint256 place) public pure returns (uint256) {
        return uint256(keccak256(abi.encode("validator", seed, place))) >> 1;
    }

    function list(uint64 id) public view returns (bytes memory) {
        return listOf(sizeOf[id], seedOf[id]);
    }

    function listOf(uint256 size, uint256 seed) public pure returns (bytes memory packed) {
        packed = new bytes(size * 20);
        for (uint256 i = 0; i < size; ++i) {
            bytes20 a = bytes20(vm.addr(keyOf(seed, i)));
            for (uint256 j = 0; j < 20; ++j) {
                packed[20 * i + j] = a[j];
            }
        }
    }

    function setRoot(uint64 id) public returns (bytes32 root) {
        root = _rootOf[sizeOf[id]][seedOf[id]];
        if (root != 0) return root;
        bytes32[] memory row = new bytes32[](sizeOf[id]);
        for (uint256 i = 0; i < row.length; ++i) {
            row[i] = keccak256(abi.encodePacked(vm.addr(key(id, i))));
        }
        root = Trees.validators(row);
        _rootOf[sizeOf[id]][seedOf[id]] = root;
    }

    function anchor() external returns (Anchor memory) {
        return Anchor(
            blockNumber,
            time,
            setId,
            setRoot(setId),
            uint32(sizeOf[setId]),
            setRoot(setId + 1),
            uint32(sizeOf[setId + 1])
        );
    }

    function message(uint64 nonce) external view returns (Message memory m, bytes32[] memory proof) {
        (, proof) = Trees.fixedDepth(_messageLeaves(), 24, nonce);
        m = _messages[nonce];
    }

    /// As the tree was when it had `count` messages: a relayer keeps what it saw.
    function messageAmong(uint64 nonce, uint256 count)
        external
        view
        returns (Message memory m, bytes32[] memory proof)
    {
        bytes32[] memory leaves = _messageLeaves();
        assembly ("memory-safe") {
            mstore(leaves, count)
        }
        (, proof) = Trees.fixedDepth(leaves, 24, nonce);
        m = _messages[nonce];
    }

    function messageCount() external view returns (uint256) {
        return _messages.length;
    }

    function payout(uint32 node) external view returns (Claim memory c) {
        (, bytes32[] memory proof) = Trees.fixedDepth(_payoutLeaves(), 17, node);
        c = Claim(_payouts[node], node, proof);
    }

    function nodeCount() external view returns (uint256) {
        return _payouts.length;
    }

    function _messageLeaves() internal view returns (bytes32[] memory leaves) {
        leaves = new bytes32[](_messages.length);
        for (uint256 i = 0; i < leaves.length; ++i) {
            Message memory m = _messages[i];
            leaves[i] = keccak256(abi.encode(m.nonce, m.recipient, m.amount, m.tip));
        }
    }

    function _payoutLeaves() internal view returns (bytes32[] memory leaves) {
        leaves = new bytes32[](_payouts.length);
        for (uint256 i = 0; i < leaves.length; ++i) {
            PayoutLeaf memory p = _payouts[i];
            leaves[i] = keccak256(
                abi.encode(p.node, p.evmAddress, p.tipBps, p.settledCumulative, p.credit, p.startTime, p.ticks, p.seq)
            );
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Submission} from "src/ClientTypes.sol";
import {Claim, Message, Scope} from "src/GatewayTypes.sol";
import {Trees} from "../builder/Trees.sol";
import {World} from "../builder/World.sol";

/// @title Whatever can happen on both sides, in any order
/// @notice Keeps books of its own beside the contracts, says beforehand of every call whether it must succeed, and
/// remembers the first time that it was wrong.
contract Campaign is World {
    uint256 private constant MOST_NODES = 4;
    uint256 private constant MOST_MESSAGES = 24;

    /// What was wrong first; empty while all is well.
    string public wrong;
    /// How often each thing happened, by name.
    mapping(string what => uint256 times) public happened;

    address[3] public holders;
    uint256 public importedMessages;
    uint256 public importedUnlocked;
    bool public overdrawn;
    uint32 public highestBlock;
    uint64 public highestSet;
    mapping(uint64 nonce => uint256 times) public deliveries;
    mapping(uint32 node => uint256 planck) public credited;
    mapping(uint32 node => uint128 planck) public paidTo;
    uint256 public burned;
    bytes32[] private _burns;
    Claim[] private _newest;
    Claim[] private _older;

    struct Mint {
        uint256 time;
        uint256 amount;
    }
    mapping(Scope scope => Mint[] mints) private _mints;

    function setUp() public override {
        super.setUp();
        holders = [alice, bob, relayer];
        highestBlock = chain.blockNumber();
    }

    // On NeuroStore.

    function lock(uint256 who, uint128 amount, uint128 tip) external {
        if (chain.messageCount() == MOST_MESSAGES) return;
        amount = uint128(bound(amount, 1, amount % 5 == 0 ? 2 * DAILY : 1000 * NEURO));
        chain.lock(holders[who % 3], amount, uint128(bound(tip, 0, amount)));
    }

    function credit(uint256 seed, uint128 amount, uint64 ticks) external {
        uint32 node = uint32(seed % MOST_NODES);
        if (node >= chain.nodeCount()) node = chain.addNode(holders[seed % 3], uint16(seed % 2000));
        amount = uint128(bound(amount, 1, amount % 7 == 0 ? 2 * DAILY : 100 * NEURO));
        chain.credit(node, amount, uint64(bound(ticks, 0, 500)));
        credited[node] += amount;
    }

    function changeAddress(uint256 seed) external {
        if (chain.nodeCount() == 0) return;
        chain.setPayoutAddress(uint32(seed % chain.nodeCount()), holders[seed / 7 % 3]);
    }

    /// Unlocks what was burned; rarely one planck more.
    function unlock(uint256 seed, uint128 amount) external {
        uint256 open = burned > chain.unlockedSum() ? burned - chain.unlockedSum() : 0;
        if (seed % 32 == 0 && chain.unlockedSum() + open < chain.lockedSum()) chain.unlock(uint128(open) + 1);
        else chain.unlock(uint128(bound(amount, 0, open)));
    }

    // Time.

    function wait_(uint256 seed) external {
        _pass(seed % 15 == 0 ? bound(seed, 1 days, 9 days) : bound(seed, 1, 3 hours));
    }

    /// Base's clock stands while NeuroStore goes on.
    function baseHalts(uint256 seed) external {
        uint256 until = chain.time() + bound(seed, 1, 33 minutes);
        if (until < block.timestamp + 1 hours) chain.setTime(uint64(until));
    }

    // Imports.

    function importNext() external {
        chain.produce();
        _import(chain.sign());
    }

    function importHandover(uint256 seed) external {
        if (client.isFrozen()) return;
        _import(_newSession(seed));
    }

    function importOverSessions(uint256 seed) external {
        if (client.isFrozen()) return;
        Submission[] memory batch = new Submission[](2 + seed % 2);
        for (uint256 i = 0; i < batch.length; ++i) {
            batch[i] = _newSession(seed / (i + 2));
            _remember();
        }
        client.submitBatch(batch);
        _noteImport();
        ++happened["batch"];
    }

    function thaw() external {
        if (!client.isFrozen()) return;
        vm.prank(recovery);
        client.requestThaw(relayer);
        _pass(2 days);
        client.openThaw();
        chain.produce();
        Submission memory s = chain.sign();
        vm.prank(relayer);
        client.submit(s);
        _remember();
        _noteImport();
        ++happened["thaw"];
    }

    // At the gateway.

    function deliverOne(uint256 seed) external {
        if (importedMessages == 0) return;
        uint64 nonce = uint64(seed % importedMessages);
        (Message memory m, bytes32[] memory proof) = chain.messageAmong(nonce, importedMessages);
        bool expected = deliveries[nonce] == 0 && !overdrawn && !_paused(Scope.Messages);
        uint256 before = token.totalSupply();
        vm.prank(relayer);
        try gateway.deliver(m, proof, relayer) {
            _expect(expected, "I3, I8: a message was delivered twice, while paused, or after minting stopped");
            ++deliveries[nonce];
            ++happened["deliver"];
            (address waits,,,) = gateway.waitingOf(nonce);
            if (waits != address(0)) ++happened["queue"];
        } catch {
            _expect(!expected, "a message that was due was refused");
            ++happened["refused delivery"];
        }
        _noteMint(Scope.Messages, before);
    }

    function executeWaiting(uint256 seed) external {
        if (importedMessages == 0) return;
        uint64 nonce = _waitingFrom(seed % importedMessages);
        (address waits,,,) = gateway.waitingOf(nonce);
        bool may =
            waits != address(0) && !overdrawn && !_paused(Scope.Messages) && gateway.available(Scope.Messages) != 0;
        uint256 before = token.totalSupply();
        try gateway.executeQueued(nonce) {
            _expect(may, "I8, I9: a rest was paid that must wait");
            ++happened["execute"];
        } catch {
            _expect(!may, "I9: a rest within the limit was refused");
        }
        _noteMint(Scope.Messages, before);
    }

    function claimOne(uint256 seed) external {
        Claim[] storage claims = seed % 3 == 0 ? _older : _newest;
        if (claims.length == 0) return;
        Claim memory c = claims[seed / 3 % claims.length];
        uint32 node = c.leaf.node;
        (uint128 paidBefore, uint64 seq) = gateway.accountOf(node);
        bool expected = c.leaf.seq >= seq && !overdrawn && !_paused(Scope.Payouts) && client.ceiling() != 0;
        uint256 before = token.totalSupply();
        vm.prank(relayer);
        try gateway.claimFor(c, relayer) returns (uint128 paid) {
            _expect(expected, "I7, I8: a claim was paid under an old leaf, while paused, or after minting stopped");
            (uint128 paidAfter,) = gateway.accountOf(node);
            _expect(paidAfter == paidBefore + paid, "I7: the account does not say what was paid");
            _expect(paid == 0 || paidAfter <= gateway.earned(c.leaf, block.timestamp), "I7: more was paid than earned");
            if (paid != 0) ++happened["claim"];
        } catch {
            _expect(!expected, "a claim that was due was refused");
        }
        _noteMint(Scope.Payouts, before);
    }

    function burn(uint256 who, uint128 amount, uint128 tip) external {
        address holder = holders[who % 3];
        uint256 balance = token.balanceOf(holder);
        uint128 least = gateway.EXISTENTIAL_DEPOSIT();
        if (balance < least) return;
        amount = uint128(bound(amount, least, balance));
        tip = uint128(bound(tip, 0, amount - least));
        vm.prank(holder);
        uint64 index = gateway.burnToNeuro(DESTINATION, amount, tip);
        _expect(index == _burns.length, "I3: the places of burns are not dense");
        _burns.push(keccak256(abi.encode(index, DESTINATION, amount, tip)));
        burned += amount;
        ++happened["burn"];
        if (_paused(Scope.Messages) || client.isFrozen()) ++happened["burn while stopped"];
    }

    // The guardian and the timelock.

    function pause(uint256 seed) external {
        vm.prank(guardian);
        try gateway.pause(Scope(seed % 2), bound(seed, 1, 7 days)) {
            ++happened["pause"];
        } catch {}
    }

    function unpause(uint256 seed) external {
        vm.prank(guardian);
        try gateway.unpause(Scope(seed % 2)) {} catch {}
    }

    function changeLimit(uint256 seed) external {
        Scope scope = Scope(seed % 2);
        vm.prank(guardian);
        try gateway.lowerLimit(scope, uint128(bound(seed, DAILY / 4, DAILY))) {} catch {}
        if (seed % 3 != 0) return;
        vm.prank(address(timelock));
        try gateway.raiseLimit(scope, DAILY) {} catch {}
    }

    // Whoever should get nothing.

    function forgeImport(uint256 seed) external {
        chain.produce();
        Submission memory s = chain.sign();
        uint256 kind = seed % 7;
        if (kind == 0) {
            uint256 quorum = s.signatures.length / 64;
            uint256[] memory fewer = new uint256[](seed / 7 % quorum);
            for (uint256 i = 0; i < fewer.length; ++i) {
                fewer[i] = i;
            }
            s = chain.signBy(fewer);
        } else if (kind == 1) {
            if (s.setId == 0) return;
            chain.setSetId(s.setId - 1);
            Submission memory old = chain.sign();
            chain.setSetId(s.setId);
            s = old;
        } else if (kind == 2) {
            s.signatures[seed / 7 % s.signatures.length] ^= bytes1(uint8(1 << (seed / 777 % 8)));
        } else if (kind == 3) {
            s.extra.lockedSum += 1;
        } else if (kind == 4) {
            s.nextSetRoot = keccak256("a set of thieves");
        } else if (kind == 5) {
            s.blockNumber -= 1;
        } else {
            s.setId += 2;
        }
        try client.submit(s) {
            _expect(false, "I5, I6: a forged or outdated commitment was imported");
        } catch {
            ++happened["forged import"];
        }
    }

    function forgeMint(uint256 seed, address who) external {
        vm.assume(who != address(gateway) && who != address(vm));
        vm.startPrank(who);
        try token.crosschainMint(who, 1) {
            _expect(false, "I10: a stranger minted");
        } catch {}
        if (importedMessages != 0) {
            (Message memory m, bytes32[] memory proof) =
                chain.messageAmong(uint64(seed % importedMessages), importedMessages);
            m.amount += 1;
            try gateway.deliver(m, proof, who) {
                _expect(false, "I10: a changed message was delivered");
            } catch {}
        }
        if (_newest.length != 0) {
            Claim memory c = _newest[seed % _newest.length];
            c.leaf.settledCumulative += 1;
            try gateway.claimFor(c, who) {
                _expect(false, "I10: a changed leaf was paid");
            } catch {}
        }
        vm.stopPrank();
        ++happened["forged mint"];
    }

    // What the books say.

    function burnRoot() external view returns (bytes32 root) {
        (root,) = Trees.fixedDepth(_burns, 32, 0);
    }

    function burnCount() external view returns (uint256) {
        return _burns.length;
    }

    /// What messages and payouts have minted, without asking for the supply.
    function mintedByBooks() external view returns (uint256 sum) {
        for (uint64 nonce = 0; nonce < importedMessages; ++nonce) {
            if (deliveries[nonce] == 0) continue;
            (Message memory m,) = chain.message(nonce);
            (,, uint128 amount, uint128 tip) = gateway.waitingOf(nonce);
            sum += m.amount - amount - tip;
        }
        for (uint32 node = 0; node < chain.nodeCount(); ++node) {
            (uint128 paid,) = gateway.accountOf(node);
            sum += paid;
        }
    }

    /// Most that a scope minted within any 24 hours that end with a mint.
    function mostInADay(Scope scope) external view returns (uint256 most) {
        Mint[] storage mints = _mints[scope];
        for (uint256 last = 0; last < mints.length; ++last) {
            uint256 sum = 0;
            for (uint256 i = last + 1; i > 0 && mints[i - 1].time + 1 days > mints[last].time; --i) {
                sum += mints[i - 1].amount;
            }
            if (sum > most) most = sum;
        }
    }

    function world()
        external
        view
        returns (address chain_, address token_, address client_, address gateway_, uint128 daily)
    {
        return (address(chain), address(token), address(client), address(gateway), DAILY);
    }

    /// Keeps what must not fall; the invariants compare with it after each call.
    function noteHighest(uint32 blockNumber, uint64 setId) external {
        (highestBlock, highestSet) = (blockNumber, setId);
    }

    function notePaid(uint32 node, uint128 paid) external {
        paidTo[node] = paid;
    }

    /// The next message that waits, counted in a circle; the given one if none does.
    function _waitingFrom(uint256 start) private view returns (uint64) {
        for (uint256 i = 0; i < importedMessages; ++i) {
            uint64 nonce = uint64((start + i) % importedMessages);
            (address waits,,,) = gateway.waitingOf(nonce);
            if (waits != address(0)) return nonce;
        }
        return uint64(start);
    }

    function _pass(uint256 duration) private {
        vm.warp(block.timestamp + duration);
        if (chain.time() < block.timestamp) chain.setTime(uint64(block.timestamp));
    }

    function _newSession(uint256 seed) private returns (Submission memory s) {
        chain.setSet(chain.setId() + 2, 1 + seed % 7, seed % 5);
        chain.newSession();
        client.storeList(chain.list(chain.setId()));
        s = chain.sign();
    }

    function _import(Submission memory s) private {
        bool frozen = client.isFrozen();
        try client.submit(s) {
            _expect(!frozen, "I11: a block was imported while frozen");
            _remember();
            _noteImport();
            ++happened["import"];
            if (_paused(Scope.Messages)) ++happened["import while paused"];
        } catch {
            _expect(frozen, "an import that was due was refused");
            ++happened["refused while frozen"];
        }
    }

    /// Keeps the leaves as they are under the root that is imported now.
    function _remember() private {
        delete _older;
        for (uint256 i = 0; i < _newest.length; ++i) {
            _older.push(_newest[i]);
        }
        delete _newest;
        for (uint32 node = 0; node < chain.nodeCount(); ++node) {
            _newest.push(chain.payout(node));
        }
    }

    function _noteImport() private {
        importedMessages = chain.messageCount();
        importedUnlocked = chain.unlockedSum();
        if (importedUnlocked > burned && !overdrawn) {
            overdrawn = true;
            ++happened["overdrawn"];
        }
    }

    function _noteMint(Scope scope, uint256 supplyBefore) private {
        uint256 amount = token.totalSupply() - supplyBefore;
        if (amount != 0) _mints[scope].push(Mint(block.timestamp, amount));
    }

    function _paused(Scope scope) private view returns (bool) {
        return block.timestamp < gateway.pausedUntil(scope);
    }

    function _expect(bool right, string memory otherwise) private {
        if (!right && bytes(wrong).length == 0) wrong = otherwise;
    }
}

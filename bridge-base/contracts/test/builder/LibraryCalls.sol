// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AddressList} from "src/lib/AddressList.sol";
import {KeccakTree} from "src/lib/KeccakTree.sol";
import {MmrProof} from "src/lib/MmrProof.sol";
import {QuorumSignatures} from "src/lib/QuorumSignatures.sol";
import {Scale} from "src/lib/Scale.sol";

/// @title The libraries behind external calls, so that tests can pass calldata and catch reverts
contract LibraryCalls {
    using KeccakTree for KeccakTree.Appendable;

    KeccakTree.Appendable private _tree;
    uint256 private _count;

    function commitmentHash(bytes32 root, uint32 number, uint64 setId) external pure returns (bytes32) {
        return Scale.commitmentHash(root, number, setId);
    }

    function leafHash(uint32 parent, bytes32 hash, uint64 id, uint32 len, bytes32 root, bytes32 extra)
        external
        pure
        returns (bytes32)
    {
        return Scale.leafHash(parent, hash, id, len, root, extra);
    }

    function rootOfLast(bytes32 leaf, uint256 count, bytes32[] calldata items) external pure returns (bytes32) {
        return MmrProof.rootOfLast(leaf, count, items);
    }

    function contains(bytes32 root, uint256 depth, uint256 index, bytes32 leaf, bytes32[] calldata proof)
        external
        pure
        returns (bool)
    {
        return KeccakTree.contains(root, depth, index, leaf, proof);
    }

    function append(bytes32 leaf) external returns (uint256 index) {
        index = _count++;
        _tree.append(index, leaf);
    }

    function treeRoot() external view returns (bytes32) {
        return _tree.root(_count);
    }

    function setTreeCount(uint256 count) external {
        _count = count;
    }

    function listRoot(bytes memory list) external pure returns (bytes32) {
        return AddressList.root(list);
    }

    function storeAndLoad(bytes memory list) external returns (address code, bytes memory loaded) {
        code = AddressList.store(list);
        loaded = AddressList.load(code, list.length / 20);
    }

    function checkSignatures(bytes memory list, bytes32 digest, uint256[] calldata bitmap, bytes calldata signatures)
        external
        view
    {
        QuorumSignatures.check(list, digest, bitmap, signatures);
    }

    function quorum(uint256 n) external pure returns (uint256) {
        return QuorumSignatures.quorum(n);
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";
import {AddressList} from "src/lib/AddressList.sol";
import {KeccakTree} from "src/lib/KeccakTree.sol";
import {MmrProof} from "src/lib/MmrProof.sol";
import {Encoding} from "./builder/Encoding.sol";
import {LibraryCalls} from "./builder/LibraryCalls.sol";
import {Mmr} from "./builder/Mmr.sol";
import {Trees} from "./builder/Trees.sol";

/// @title Encodings, trees and lists against a second writing of each
contract LibrariesTest is Test {
    LibraryCalls private lib = new LibraryCalls();

    function test_a_commitment_has_48_bytes_and_a_leaf_113() public pure {
        assertEq(Encoding.commitment(0, 0, 0).length, 48);
        assertEq(Encoding.leaf(0, 0, 0, 0, 0, 0, 0).length, 113);
    }

    /// Bytes written down by hand from the field order of the crates.
    function test_the_encoding_of_a_commitment_is_known_byte_by_byte() public view {
        bytes memory known = hex"046d6880" hex"1111111111111111111111111111111111111111111111111111111111111111"
            hex"04030201" hex"0807060504030201";
        bytes32 root = 0x1111111111111111111111111111111111111111111111111111111111111111;
        assertEq(lib.commitmentHash(root, 0x01020304, 0x0102030405060708), keccak256(known));
    }

    function test_the_encoding_of_a_leaf_is_known_byte_by_byte() public view {
        bytes memory known = bytes.concat(
            hex"00",
            hex"04030201",
            bytes32(uint256(0xaa)),
            hex"0807060504030201",
            hex"64000000",
            bytes32(uint256(0xbb)),
            bytes32(uint256(0xcc))
        );
        assertEq(known.length, 113);
        bytes32 made = lib.leafHash(
            0x01020304, bytes32(uint256(0xaa)), 0x0102030405060708, 100, bytes32(uint256(0xbb)), bytes32(uint256(0xcc))
        );
        assertEq(made, keccak256(known));
    }

    function testFuzz_both_encoders_agree(bytes32 a, bytes32 b, bytes32 c, uint32 number, uint64 id, uint32 len)
        public
        view
    {
        assertEq(lib.commitmentHash(a, number, id), keccak256(Encoding.commitment(a, number, id)));
        assertEq(lib.leafHash(number, a, id, len, b, c), keccak256(Encoding.leaf(0, number, a, id, len, b, c)));
    }

    function test_the_last_leaf_of_every_range_up_to_300_is_proven() public {
        Mmr mmr = new Mmr();
        for (uint64 n = 1; n <= 300; ++n) {
            bytes32 leaf = keccak256(abi.encode("leaf", n));
            mmr.push(leaf);
            assertEq(lib.rootOfLast(leaf, n, mmr.prove(n - 1)), mmr.root());
        }
    }

    function test_a_proof_of_another_leaf_does_not_pass() public {
        Mmr mmr = new Mmr();
        for (uint64 n = 1; n <= 40; ++n) {
            mmr.push(keccak256(abi.encode("leaf", n)));
        }
        for (uint64 i = 0; i < 39; ++i) {
            bytes32[] memory items = mmr.prove(i);
            try lib.rootOfLast(keccak256(abi.encode("leaf", i + 1)), 40, items) returns (bytes32 root) {
                assertTrue(root != mmr.root());
            } catch {}
        }
    }

    function test_a_proof_of_another_length_is_refused() public {
        bytes32[] memory items = new bytes32[](2);
        vm.expectRevert(abi.encodeWithSelector(MmrProof.WrongProofLength.selector, 2, 3));
        lib.rootOfLast(0, 8, items);
        items = new bytes32[](4);
        vm.expectRevert(abi.encodeWithSelector(MmrProof.WrongProofLength.selector, 4, 3));
        lib.rootOfLast(0, 8, items);
    }

    function test_list_roots_agree_for_every_width_up_to_130() public view {
        for (uint256 n = 1; n <= 130; ++n) {
            (bytes memory list, bytes32[] memory row) = _list(n);
            assertEq(lib.listRoot(list), Trees.validators(row));
        }
    }

    function test_a_list_of_1000_is_stored_and_read_back() public {
        for (uint256 n = 1; n <= 1000; n += 111) {
            (bytes memory list,) = _list(n);
            (address code, bytes memory loaded) = lib.storeAndLoad(list);
            assertEq(loaded, list);
            assertEq(code.code.length, list.length + 1);
            (bool success, bytes memory data) = code.call(hex"01");
            assertTrue(success && data.length == 0, "a list does nothing when called");
        }
    }

    function test_a_list_of_a_wrong_length_is_refused() public {
        uint256[4] memory lengths = [uint256(0), 19, 41, 20 * 1001];
        for (uint256 i = 0; i < lengths.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(AddressList.WrongListLength.selector, lengths[i]));
            lib.listRoot(new bytes(lengths[i]));
        }
    }

    function test_the_appended_tree_has_the_root_of_the_whole_tree() public {
        bytes32[] memory all = new bytes32[](70);
        for (uint256 n = 0; n < all.length; ++n) {
            bytes32[] memory soFar = new bytes32[](n);
            for (uint256 i = 0; i < n; ++i) {
                soFar[i] = all[i];
            }
            (bytes32 root,) = Trees.fixedDepth(soFar, 32, 0);
            assertEq(lib.treeRoot(), root);
            all[n] = keccak256(abi.encode("burn", n));
            assertEq(lib.append(all[n]), n);
        }
    }

    function test_a_full_tree_takes_nothing_more() public {
        lib.setTreeCount(2 ** 32 - 1);
        vm.expectRevert(KeccakTree.TreeFull.selector);
        lib.append(0);
    }

    function test_every_place_has_one_path() public view {
        bytes32[] memory leaves = new bytes32[](11);
        for (uint256 i = 0; i < leaves.length; ++i) {
            leaves[i] = keccak256(abi.encode("leaf", i));
        }
        for (uint256 i = 0; i < leaves.length; ++i) {
            (bytes32 root, bytes32[] memory proof) = Trees.fixedDepth(leaves, 20, i);
            for (uint256 j = 0; j < 16; ++j) {
                assertEq(lib.contains(root, 20, j, leaves[i], proof), i == j);
            }
        }
    }

    function test_a_place_beyond_the_tree_does_not_wrap_around() public view {
        bytes32[] memory leaves = new bytes32[](1);
        leaves[0] = keccak256("leaf");
        (bytes32 root, bytes32[] memory proof) = Trees.fixedDepth(leaves, 20, 0);
        assertTrue(lib.contains(root, 20, 0, leaves[0], proof));
        assertFalse(lib.contains(root, 20, 2 ** 20, leaves[0], proof));
    }

    function test_a_path_of_another_length_is_refused() public view {
        bytes32[] memory leaves = new bytes32[](2);
        leaves[0] = keccak256("leaf");
        (bytes32 root, bytes32[] memory proof) = Trees.fixedDepth(leaves, 19, 0);
        assertFalse(lib.contains(root, 20, 0, leaves[0], proof));
        // An inner node is no leaf: it would need a shorter path.
        bytes32 inner = keccak256(bytes.concat(leaves[0], leaves[1]));
        bytes32[] memory shorter = new bytes32[](18);
        for (uint256 i = 0; i < 18; ++i) {
            shorter[i] = proof[i + 1];
        }
        assertFalse(lib.contains(root, 19, 0, inner, shorter));
    }

    function test_the_quorum_is_more_than_two_thirds() public view {
        for (uint256 n = 1; n <= 1000; ++n) {
            uint256 q = lib.quorum(n);
            assertTrue(3 * q > 2 * n && 3 * (q - 1) <= 2 * n);
        }
        assertEq(lib.quorum(100), 67);
        assertEq(lib.quorum(32), 22);
        assertEq(lib.quorum(10), 7);
    }

    function _list(uint256 n) private pure returns (bytes memory packed, bytes32[] memory row) {
        row = new bytes32[](n);
        for (uint256 i = 0; i < n; ++i) {
            bytes20 a = bytes20(keccak256(abi.encode("address", i)));
            packed = bytes.concat(packed, a);
            row[i] = keccak256(bytes.concat(a));
        }
    }
}

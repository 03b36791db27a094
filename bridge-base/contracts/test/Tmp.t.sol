// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;
import {Test, console} from "forge-std/Test.sol";
import {QuorumSignatures} from "src/lib/QuorumSignatures.sol";
import {MmrProof} from "src/lib/MmrProof.sol";
import {AddressList} from "src/lib/AddressList.sol";
import {NeuroChain} from "./builder/NeuroChain.sol";

contract TmpTest is Test {
    function m(bytes memory list, bytes32 d, uint256[] calldata b, bytes calldata s) external view returns (uint256 g) {
        g = gasleft();
        QuorumSignatures.check(list, d, b, s);
        g -= gasleft();
    }

    function mm(bytes32 l, uint256 n, bytes32[] calldata b) external view returns (uint256 g) {
        g = gasleft();
        MmrProof.rootOfLast(l, n, b);
        g -= gasleft();
    }

    function st(bytes memory l) external returns (uint256 g) {
        address a = AddressList.store(l);
        g = gasleft();
        AddressList.load(a, l.length / 20);
        g -= gasleft();
    }

    function test_tmp() public {
        NeuroChain c = new NeuroChain(0, address(1), 1, 100);
        c.produce();
        uint256[] memory p = new uint256[](67);
        for (uint256 i; i < 67; ++i) {
            p[i] = i;
        }
        bytes32 d = keccak256("x");
        (uint256[] memory b, bytes memory s) = c.signatures(d, 0, p);
        console.log("sigs 100", this.m(c.list(0), d, b, s) / 67);
        console.log("mmr 12", this.mm(d, 10000086, new bytes32[](12)));
        console.log("load", this.st(c.list(0)));
    }
}

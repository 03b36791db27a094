// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title A Merkle mountain range with proofs for any leaf
/// @notice Follows polkadot-ckb-merkle-mountain-range 0.8.3 by node positions, unlike the contract, which knows one
/// shape of proof only.
contract Mmr {
    mapping(uint256 position => bytes32 hash) public nodes;
    uint256 public size;
    uint64 public leafCount;

    /// @dev `mmr.rs`, `MMR::push`.
    function push(bytes32 leaf) external {
        uint256 pos = size;
        uint256 peakMap = leafCount;
        nodes[pos] = leaf;
        uint256 peak = 1;
        while (peakMap & peak != 0) {
            peak <<= 1;
            pos += 1;
            nodes[pos] = hash(nodes[pos - peak], nodes[pos - 1]);
        }
        size = pos + 1;
        ++leafCount;
    }

    /// Begins with so many leaves that nobody knows: only the peaks are made up.
    function pretend(uint64 leaves) external {
        require(size == 0, "only an empty range");
        leafCount = leaves;
        size = 2 * uint256(leaves) - ones(leaves);
        uint256[] memory positions = peaks();
        for (uint256 i = 0; i < positions.length; ++i) {
            nodes[positions[i]] = keccak256(abi.encode("peak", i));
        }
    }

    /// @dev `mmr.rs`, `MMR::get_root`, `bag_rhs_peaks`.
    function root() external view returns (bytes32) {
        uint256[] memory positions = peaks();
        bytes32[] memory hashes = new bytes32[](positions.length);
        for (uint256 i = 0; i < positions.length; ++i) {
            hashes[i] = nodes[positions[i]];
        }
        return bag(hashes, 0);
    }

    /// @dev `mmr.rs`, `MMR::gen_proof` for one leaf, `gen_proof_for_peak`.
    function prove(uint64 leafIndex) external view returns (bytes32[] memory items) {
        uint256 pos = 2 * uint256(leafIndex) - ones(leafIndex);
        uint256[] memory positions = peaks();
        items = new bytes32[](128);
        uint256 used = 0;
        uint256 place = 0;
        while (positions[place] < pos) items[used++] = nodes[positions[place++]];

        uint256 height = 0;
        while (pos != positions[place]) {
            if (heightOf(pos + 1) > height) {
                items[used++] = nodes[pos - ((2 << height) - 1)];
                pos += 1;
            } else {
                items[used++] = nodes[pos + ((2 << height) - 1)];
                pos += 2 << height;
            }
            ++height;
        }
        if (place + 1 < positions.length) {
            bytes32[] memory right = new bytes32[](positions.length);
            for (uint256 i = 0; i < positions.length; ++i) {
                right[i] = nodes[positions[i]];
            }
            items[used++] = bag(right, place + 1);
        }
        assembly {
            mstore(items, used)
        }
    }

    /// @dev `helper.rs`, `get_peaks`: positions from left to right.
    function peaks() public view returns (uint256[] memory positions) {
        positions = new uint256[](ones(leafCount));
        uint256 found = 0;
        uint256 sum = 0;
        for (uint256 height = 64; height > 0; --height) {
            if (leafCount >> (height - 1) & 1 == 1) {
                sum += (1 << height) - 1;
                positions[found++] = sum - 1;
            }
        }
    }

    /// @dev `helper.rs`, `pos_height_in_tree`.
    function heightOf(uint256 pos) internal pure returns (uint256) {
        for (uint256 whole = 2 ** 64 - 1; whole > 0; whole >>= 1) {
            if (pos >= whole) pos -= whole;
        }
        return pos;
    }

    /// @dev `mmr.rs`, `bagging_peaks_hashes`: hash of the right one, then the left one, from the right end.
    function bag(bytes32[] memory hashes, uint256 from) internal pure returns (bytes32 h) {
        h = hashes[hashes.length - 1];
        for (uint256 i = hashes.length - 1; i > from; --i) {
            h = hash(h, hashes[i - 1]);
        }
    }

    function hash(bytes32 a, bytes32 b) internal pure returns (bytes32) {
        return keccak256(bytes.concat(a, b));
    }

    function ones(uint256 v) internal pure returns (uint256 n) {
        for (; v != 0; v >>= 1) {
            n += v & 1;
        }
    }
}

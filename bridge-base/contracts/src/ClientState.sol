// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Anchor, Head, StoredList} from "./ClientTypes.sol";
import {AddressList} from "./lib/AddressList.sol";

/// @title What the client remembers
abstract contract ClientState {
    /// @notice The newest imported block.
    Head public head;
    /// @notice Planck that may ever be minted: all that was ever locked as of the newest import, or zero once more was
    /// unlocked than burned.
    uint128 public ceiling;
    /// @notice Planck ever unlocked, as of the newest import.
    uint128 public unlockedSum;
    /// @notice Root of all messages, as of the newest import; zero before the first.
    bytes32 public messagesRoot;
    /// @notice Payout roots of the two newest imports, so that an import does not spoil a claim on its way. Zero
    /// before the first.
    bytes32[2] public payoutRoots;
    /// @notice The list of the set that signs now.
    StoredList public currentList;
    /// @notice Key of the list of the set that signs next. Fixed when the current set took over.
    bytes32 public nextListKey;
    /// @notice Stored lists by key.
    mapping(bytes32 key => StoredList list) public lists;

    /// @notice A list was stored.
    event ListStored(bytes32 indexed root, uint32 len, address code);

    /// @notice The list with this key is not stored: call `storeList` first.
    error ListUnknown(bytes32 key);
    /// @notice A set may not be empty, nor have a zero root.
    error EmptySet();

    /// @notice Stores a list of validators, once. Anyone may: a list is used only when a proven leaf names it.
    /// @param list addresses in authority order, 20 bytes each
    /// @return key the list's key
    function storeList(bytes calldata list) external returns (bytes32 key) {
        return _storeList(list);
    }

    /// @notice Key of a list: odd nodes are promoted, so only root and length together are one list.
    /// @param root Merkle root over the addresses, as a leaf commits to it
    /// @param len number of addresses
    /// @return key in `lists`
    function listKey(bytes32 root, uint32 len) public pure returns (bytes32) {
        require(root != 0 && len != 0 && len <= AddressList.MAX_VALIDATORS, EmptySet());
        return keccak256(abi.encode(root, len));
    }

    function _storeList(bytes memory list) internal returns (bytes32 key) {
        bytes32 root = AddressList.root(list);
        uint32 len = uint32(list.length / 20);
        key = listKey(root, len);
        if (lists[key].code != address(0)) return key;
        address code = AddressList.store(list);
        lists[key] = StoredList(code, len);
        emit ListStored(root, len, code);
    }

    function _knownList(bytes32 key) internal view returns (StoredList memory list) {
        list = lists[key];
        require(list.code != address(0), ListUnknown(key));
    }

    function _setAnchor(Anchor memory anchor) internal {
        currentList = _knownList(listKey(anchor.setRoot, anchor.setLen));
        nextListKey = listKey(anchor.nextSetRoot, anchor.nextSetLen);
        head.blockNumber = anchor.blockNumber;
        head.setId = anchor.setId;
        head.time = anchor.time;
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBeefyClient} from "./ClientTypes.sol";
import {NeuroToken} from "./NeuroToken.sol";

/// @title The one place that mints and burns
/// @notice Supply never exceeds what the chain has proven to be locked, whatever else goes wrong.
abstract contract Reserve {
    /// @notice The token.
    NeuroToken public immutable TOKEN;
    /// @notice The light client whose word counts.
    IBeefyClient public immutable CLIENT;

    /// @notice Number of burns.
    uint32 public burnCount;
    /// @notice Planck ever burned.
    uint128 public burnedSum;

    /// @notice The mint is not covered by planck that the chain has proven to be locked.
    error NotCovered(uint256 minted, uint128 ceiling);
    /// @notice Nothing is proven to be locked yet, or more was unlocked than burned and nothing is minted any more.
    error MintingStopped();
    /// @notice Token and client were made for another gateway.
    error NotWiredToThis();
    /// @notice Nothing may be minted to this address.
    error WrongRecipient(address recipient);

    constructor(NeuroToken token, IBeefyClient client) {
        require(token.BRIDGE() == address(this) && client.GATEWAY() == address(this), NotWiredToThis());
        TOKEN = token;
        CLIENT = client;
    }

    /// @notice Planck ever minted: what is there and what was burned. Measured at the token, not booked beside it.
    /// @return planck
    function mintedSum() public view returns (uint256) {
        return TOKEN.totalSupply() + burnedSum;
    }

    /// @dev Reverts unless a mint is covered; every mint passes here first.
    /// @param ceiling what the client says may ever be minted
    function _checkCovered(uint128 amount, uint128 ceiling) internal view {
        require(ceiling != 0, MintingStopped());
        uint256 minted = mintedSum() + amount;
        require(minted <= ceiling, NotCovered(minted, ceiling));
    }

    /// @dev Mints what was covered before.
    function _mint(address to, uint128 amount) internal {
        if (amount != 0) TOKEN.crosschainMint(to, amount);
    }

    /// @dev Burns the caller's own units, never another's.
    /// @return index how many burns there were before
    function _burnFromCaller(uint128 amount) internal returns (uint32 index) {
        index = burnCount;
        burnCount = index + 1;
        burnedSum += amount;
        TOKEN.crosschainBurn(msg.sender, amount);
    }

    function _checkRecipient(address recipient) internal view {
        require(
            recipient != address(0) && recipient != address(this) && recipient != address(TOKEN),
            WrongRecipient(recipient)
        );
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC20Bridgeable} from "@openzeppelin/contracts/token/ERC20/extensions/draft-ERC20Bridgeable.sol";

/// @title $NEURO on Base
/// @notice Every unit stands for one planck that NeuroStore has proven to be locked. There is no owner, no pause and
/// no mint but the bridge's.
contract NeuroToken is ERC20, ERC20Permit, ERC20Bridgeable {
    /// @notice The only address that mints and burns: the gateway, fixed for ever.
    address public immutable BRIDGE;

    /// @notice The caller is not the bridge.
    error NotBridge(address caller);
    /// @notice The bridge may not be the zero address.
    error NoBridge();

    /// @param bridge address of the gateway, which may be deployed after the token
    constructor(address bridge) ERC20("NeuroStore", "NEURO") ERC20Permit("NeuroStore") {
        require(bridge != address(0), NoBridge());
        BRIDGE = bridge;
    }

    /// @notice 12, as on NeuroStore: one unit here is one planck there, nothing is ever converted.
    function decimals() public pure override returns (uint8) {
        return 12;
    }

    /// @inheritdoc ERC20Bridgeable
    function _checkTokenBridge(address caller) internal view override {
        require(caller == BRIDGE, NotBridge(caller));
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";
import {BeefyClient} from "src/BeefyClient.sol";
import {Scope} from "src/GatewayTypes.sol";
import {NeuroGateway} from "src/NeuroGateway.sol";
import {NeuroToken} from "src/NeuroToken.sol";
import {NeuroChain} from "../builder/NeuroChain.sol";
import {Campaign} from "./Campaign.sol";

/// @title I1 to I11, whatever happens in whatever order
contract Invariants is Test {
    Campaign private campaign;
    NeuroChain private chain;
    NeuroToken private token;
    BeefyClient private client;
    NeuroGateway private gateway;
    uint128 private daily;

    function setUp() public {
        campaign = new Campaign();
        campaign.setUp();
        (address c, address t, address b, address g, uint128 d) = campaign.world();
        (chain, token, client, gateway, daily) = (NeuroChain(c), NeuroToken(t), BeefyClient(b), NeuroGateway(g), d);
        targetContract(address(campaign));
        targetSelector(FuzzSelector(address(campaign), actions()));
    }

    function invariant_I1_to_I11() public {
        assertI1ToI11();
    }

    /// The books above say little if nothing ever happens: every kind of thing does, and the invariants hold all the
    /// way.
    function test_the_campaign_reaches_everything() public {
        bytes4[] memory all = actions();
        for (uint256 i = 0; i < 700; ++i) {
            uint256 seed = uint256(keccak256(abi.encode(i)));
            bytes memory arguments = abi.encode(seed >> 8, seed >> 140, seed >> 200);
            (bool success,) = address(campaign).call(bytes.concat(all[seed % all.length], arguments));
            assertTrue(success, "an action failed by itself");
            if (i % 10 == 0) assertI1ToI11();
        }
        string[16] memory kinds = [
            "import",
            "batch",
            "thaw",
            "refused while frozen",
            "import while paused",
            "deliver",
            "refused delivery",
            "queue",
            "execute",
            "claim",
            "burn",
            "burn while stopped",
            "pause",
            "forged import",
            "forged mint",
            "overdrawn"
        ];
        for (uint256 i = 0; i < kinds.length; ++i) {
            assertGt(campaign.happened(kinds[i]), 0, kinds[i]);
        }
    }

    function assertI1ToI11() private {
        assertEq(campaign.wrong(), "");
        uint256 supply = token.totalSupply();

        assertLe(supply + campaign.burned(), chain.lockedSum(), "I1: minted is not covered by what is locked");
        // An unlock too many is known on Base with the import that brings it, and stops minting then.
        if (!campaign.overdrawn()) {
            assertLe(
                supply + campaign.importedUnlocked(), chain.lockedSum(), "I1: supply is more than what lies in escrow"
            );
        }
        assertEq(campaign.mintedByBooks(), supply + campaign.burned(), "I2: minted less burned is not the supply");
        assertEq(gateway.burnedSum(), campaign.burned(), "I2: the sum of burns is wrong");
        assertEq(_held(), supply, "I2: someone else holds units");

        assertEq(gateway.burnCount(), campaign.burnCount(), "I3: the number of burns is wrong");
        assertEq(gateway.burnRoot(), campaign.burnRoot(), "I3: the tree of burns is not that of the events");

        (uint32 number, uint64 setId,,,) = client.head();
        assertGe(number, campaign.highestBlock(), "I4: the newest block fell");
        assertGe(setId, campaign.highestSet(), "I4: the set id fell");
        campaign.noteHighest(number, setId);

        for (uint32 node = 0; node < chain.nodeCount(); ++node) {
            (uint128 paid,) = gateway.accountOf(node);
            assertGe(paid, campaign.paidTo(node), "I7: what was paid fell");
            assertLe(paid, campaign.credited(node), "I7: more was paid than NeuroStore credited");
            campaign.notePaid(node, paid);
        }
        assertLe(campaign.mostInADay(Scope.Messages), daily, "I9: messages passed the day's limit");
        assertLe(campaign.mostInADay(Scope.Payouts), daily, "I9: payouts passed the day's limit");
        assertEq(token.BRIDGE(), address(gateway), "I10: the bridge changed");
    }

    /// Everyone that the campaign pays.
    function _held() private view returns (uint256 sum) {
        for (uint256 i = 0; i < 3; ++i) {
            sum += token.balanceOf(campaign.holders(i));
        }
    }

    function actions() private view returns (bytes4[] memory s) {
        s = new bytes4[](20);
        (s[0], s[1], s[2], s[3]) =
        (campaign.lock.selector, campaign.credit.selector, campaign.changeAddress.selector, campaign.unlock.selector);
        (s[4], s[5], s[6], s[7]) =
        (
            campaign.wait_.selector,
            campaign.baseHalts.selector,
            campaign.importNext.selector,
            campaign.importHandover.selector
        );
        (s[8], s[9], s[10], s[11]) =
        (
            campaign.importOverSessions.selector,
            campaign.thaw.selector,
            campaign.deliverOne.selector,
            campaign.executeWaiting.selector
        );
        (s[12], s[13], s[14], s[15]) =
        (campaign.claimOne.selector, campaign.burn.selector, campaign.pause.selector, campaign.unpause.selector);
        (s[16], s[17], s[18], s[19]) =
        (
            campaign.changeLimit.selector,
            campaign.forgeImport.selector,
            campaign.forgeMint.selector,
            campaign.importNext.selector
        );
    }
}

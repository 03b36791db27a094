//! Whatever happens in whatever order, no planck is lost or made.

use frame_support::traits::fungible::InspectHold;
use neurostore_primitives::{NodeId, RentLedger, WindowIndex, WindowLedger};
use proptest::prelude::*;
use sp_runtime::DispatchResult;

use crate::{mock::*, HoldReason, RentRates};

/// Something that happens on the chain.
#[derive(Clone, Debug)]
enum Step {
    Blocks(u32),
    Hold(u128),
    CollectHeld(u128),
    Collect(u128),
    Unhold(u128),
    Begin(u32, u128),
    End(u32),
    Drop(u128, u128),
    Prove(u32, u32),
    Miss(u32),
    Open(u32),
    Withdraw(u32),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0u32..30).prop_map(Step::Blocks),
        (0u128..9_000).prop_map(Step::Hold),
        (0u128..9_000).prop_map(Step::CollectHeld),
        (0u128..9_000).prop_map(Step::Collect),
        (0u128..9_000).prop_map(Step::Unhold),
        (0u32..10, 0u128..100).prop_map(|(node, rate)| Step::Begin(node, rate)),
        (0u32..10).prop_map(Step::End),
        (0u128..3_000, 0u128..3_000).prop_map(|(refund, forfeit)| Step::Drop(refund, forfeit)),
        (0u32..10, 0u32..60).prop_map(|(node, blocks)| Step::Prove(node, blocks)),
        (0u32..10).prop_map(Step::Miss),
        (0u32..10).prop_map(Step::Open),
        (0u32..10).prop_map(Step::Withdraw),
    ]
}

fn refusal_is_fine(_: DispatchResult) {}

/// Refusals are as good as successes here: what counts is the state after them.
fn take(step: Step, windows: &mut [u32; 10]) {
    match step {
        Step::Blocks(blocks) => System::set_block_number(System::block_number() + blocks),
        Step::Hold(rent) => refusal_is_fine(Payments::hold(&OWNER, rent)),
        Step::CollectHeld(rent) => refusal_is_fine(Payments::collect_held(&OWNER, rent)),
        Step::Collect(rent) => refusal_is_fine(Payments::collect(&OWNER, rent)),
        Step::Unhold(rent) => refusal_is_fine(Payments::unhold(&OWNER, rent)),
        Step::Begin(node, rate) => Payments::slot_begins(NodeId(node), rate),
        Step::End(node) => {
            let rate = RentRates::<Test>::get(NodeId(node));
            Payments::slot_ends(NodeId(node), rate);
        }
        Step::Drop(refund, forfeit) => {
            refusal_is_fine(Payments::settle_early(&OWNER, refund, forfeit))
        }
        Step::Open(node) => {
            // As much rent as the windows need, as placement sees to it.
            let rate = RentRates::<Test>::get(NodeId(node));
            if Payments::collect(&OWNER, rate).is_ok() {
                let window = &mut windows[node as usize];
                *window += 1;
                Payments::opened(NodeId(node), WindowIndex(*window));
            }
        }
        Step::Prove(node, blocks) => {
            Payments::proven(NodeId(node), WindowIndex(windows[node as usize]), blocks);
        }
        Step::Miss(node) => Payments::missed(NodeId(node), WindowIndex(windows[node as usize])),
        Step::Withdraw(node) => refusal_is_fine(Payments::withdraw(
            RuntimeOrigin::signed(operator(NodeId(node))),
            NodeId(node),
        )),
    }
}

fn everything() -> u128 {
    let accounts = [OWNER, STRANGER, Payments::pot_account()];
    let operators = (0..10).map(|node| operator(NodeId(node)));
    accounts
        .into_iter()
        .chain(operators)
        .map(|account| {
            Balances::free_balance(account)
                + Balances::balance_on_hold(&HoldReason::Rent.into(), &account)
        })
        .sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_planck_is_in_one_place(steps in proptest::collection::vec(step(), 0..150)) {
        let mut failure = None;
        run(|| {
            let before = everything();
            let mut windows = [0; 10];
            for step in steps {
                take(step.clone(), &mut windows);
                if everything() != before || pot() != Payments::obligations() {
                    failure.get_or_insert(step);
                }
            }
        });
        prop_assert!(failure.is_none(), "after {:?}", failure);
    }
}

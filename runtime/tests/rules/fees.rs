//! Where fees and tips go.

use neurostore_runtime::{
    configs::AUTHORS_SHARE, presets, Authorship, Balances, Runtime, RuntimeCall, RuntimeEvent,
    System, NEURO,
};
use sp_core::{sr25519, Pair};
use sp_keyring::Sr25519Keyring;

use crate::{
    blocks::{apply, begin, chain},
    chain::signed_with,
};

/// What a transaction took from its sender, what its block's author got of it, and what was burned.
fn share_of(tip: u128) -> (u128, u128, u128) {
    let mut shares = (0, 0, 0);
    chain(presets::LOCAL_TESTNET).execute_with(|| {
        begin(1);
        let author = Authorship::author().unwrap();
        let state = || {
            let issued = pallet_balances::TotalIssuance::<Runtime>::get();
            (Balances::free_balance(&author), issued)
        };
        let (had, issued) = state();
        let sender = sr25519::Pair::from_string("//Operator//0", None).unwrap();
        let call = RuntimeCall::Balances(pallet_balances::Call::transfer_keep_alive {
            dest: Sr25519Keyring::Ferdie.to_account_id().into(),
            value: NEURO,
        });
        apply(signed_with(call, &sender, 0, tip));
        let (has, left) = state();
        let paid = System::events()
            .into_iter()
            .find_map(|record| match record.event {
                RuntimeEvent::TransactionPayment(
                    pallet_transaction_payment::Event::TransactionFeePaid { actual_fee, .. },
                ) => Some(actual_fee),
                _ => None,
            });
        shares = (paid.unwrap(), has - had, issued - left);
        let burned = pallet_balances::Event::BurnedDebt { amount: shares.2 };
        System::assert_has_event(burned.into());
    });
    shares
}

#[test]
fn half_of_a_fee_is_burned_and_the_author_gets_the_rest() {
    let (paid, got, burned) = share_of(0);
    assert!(paid > 0);
    assert_eq!(got, AUTHORS_SHARE.mul_floor(paid));
    assert_eq!(burned, paid - got);
    assert!(burned >= paid / 2);
}

#[test]
fn half_of_a_tip_is_burned_too() {
    let tip = 3 * NEURO + 1;
    let (paid, got, burned) = share_of(tip);
    assert!(paid > tip);
    assert_eq!(got, AUTHORS_SHARE.mul_floor(paid));
    assert_eq!(burned, paid - got);
    assert!(burned > tip / 2);
}

//! Extending and dropping.

use frame_support::{assert_noop, assert_ok};
use neurostore_primitives::SegmentId;

use crate::{mock::*, *};

#[test]
fn extending_pays_at_the_old_rate_and_moves_the_end() {
    ExtBuilder::default().build_and_execute(|| {
        let segment = stored(alice(), class(2), 2, 1);
        Price::set(&(1 << 30));
        let free = Balances::free_balance(alice());
        assert_ok!(Placement::extend(
            RuntimeOrigin::signed(alice()),
            segment,
            3
        ));
        assert_eq!(Balances::free_balance(alice()), free - 4 * 15 * 3);
        System::assert_last_event(
            Event::AgreementExtended {
                segment,
                owner: alice(),
                paid_until: 53,
            }
            .into(),
        );
        run_to(52);
        assert!(Segments::<Test>::contains_key(segment));
        run_to(53);
        assert!(!Segments::<Test>::contains_key(segment));
    });
}

#[test]
fn nobody_extends_beyond_the_longest_agreement() {
    ExtBuilder::default().build_and_execute(|| {
        let segment = stored(alice(), class(0), 2, 1);
        let extend = |windows| Placement::extend(RuntimeOrigin::signed(alice()), segment, windows);
        for windows in [0, 19] {
            assert_noop!(extend(windows), Error::<Test>::WindowsOutOfRange);
        }
        assert_ok!(extend(18));
    });
}

#[test]
fn only_who_pays_extends_or_drops() {
    ExtBuilder::default().build_and_execute(|| {
        let segment = stored(alice(), class(0), 2, 1);
        let bob = || RuntimeOrigin::signed(bob());
        assert_noop!(
            Placement::extend(bob(), segment, 1),
            Error::<Test>::UnknownAgreement
        );
        assert_noop!(
            Placement::drop_agreement(bob(), segment),
            Error::<Test>::UnknownAgreement
        );
        assert_noop!(
            Placement::drop_agreement(RuntimeOrigin::signed(alice()), SegmentId([1; 32])),
            Error::<Test>::UnknownAgreement
        );
    });
}

#[test]
fn an_extension_into_a_full_block_is_refused() {
    ExtBuilder::default().build_and_execute(|| {
        let segment = stored(alice(), class(0), 2, 1);
        for other in 0..4 {
            let entry = (SegmentId([other; 32]), bob());
            assert_ok!(Endings::<Test>::try_append(33, entry));
        }
        assert_noop!(
            Placement::extend(RuntimeOrigin::signed(alice()), segment, 1),
            Error::<Test>::EndingsFull
        );
        assert_ok!(Placement::extend(
            RuntimeOrigin::signed(alice()),
            segment,
            2
        ));
        Endings::<Test>::remove(33);
    });
}

#[test]
fn dropping_refunds_whole_windows_and_forfeits_the_one_in_progress() {
    ExtBuilder::default().build_and_execute(|| {
        let id = drawn(alice(), class(2), 5);
        let nodes = nodes_of(id);
        assert_ok!(commit(alice(), id, 1));
        // Agreed in block 3 until block 53; dropped in block 17, with 3.6 windows left.
        run_to(17);
        let opened = Balances::free_balance(EARNED) - FLOAT;
        let free = Balances::free_balance(alice());
        let segment = segment_of(class(2), 1);
        assert_ok!(Placement::drop_agreement(
            RuntimeOrigin::signed(alice()),
            segment
        ));
        let refund = 4 * 15 * 3;
        let forfeit = 4 * 15 * 5 - refund - opened;
        assert_eq!(Balances::free_balance(alice()), free + refund + DEPOSIT);
        assert_eq!(Balances::free_balance(REPAIR), FLOAT + forfeit);
        assert_eq!(Balances::free_balance(POT), FLOAT);
        assert_eq!(total_used(), 0);
        assert!(nodes.iter().all(|node| Rates::get()[node] == 0));
        System::assert_has_event(
            Event::AgreementEnded {
                segment,
                owner: alice(),
                refund,
                forfeit,
            }
            .into(),
        );
        System::assert_last_event(Event::SegmentRemoved { segment }.into());
    });
}

#[test]
fn dropping_in_the_block_of_the_commit_refunds_everything() {
    ExtBuilder::default().build_and_execute(|| {
        let free = Balances::free_balance(alice());
        let segment = stored(alice(), class(2), 2, 1);
        assert_ok!(Placement::drop_agreement(
            RuntimeOrigin::signed(alice()),
            segment
        ));
        assert_eq!(Balances::free_balance(alice()), free);
    });
}

#[test]
fn accounts_add_up_whenever_an_agreement_is_dropped() {
    for blocks in 0..30 {
        ExtBuilder::default().build_and_execute(|| {
            let segment = stored(alice(), class(1), 3, 1);
            run_to(3 + blocks);
            assert_ok!(Placement::drop_agreement(
                RuntimeOrigin::signed(alice()),
                segment
            ));
            // Paid = opened + refunded + forfeited: nothing is left in the pot.
            assert_eq!(Balances::free_balance(POT), FLOAT, "after {blocks} blocks");
        });
    }
}

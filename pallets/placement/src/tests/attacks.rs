//! Receipts that were signed for something else.

use frame_support::assert_noop;
use neurostore_primitives::{receipt_payload, Receipt, ReservationId, ShardClass};
use sp_core::Pair;

use crate::{mock::*, *};

/// Commits a drawn reservation of class 2 with one receipt replaced; the slot must be named.
fn check(index: u8, forge: impl FnOnce(ReservationId) -> Receipt) {
    ExtBuilder::default().build_and_execute(|| {
        let id = drawn(alice(), class(2), 2);
        let mut signed = receipts(id, 1);
        signed[usize::from(index)] = forge(id);
        assert_noop!(
            Placement::commit(RuntimeOrigin::signed(alice()), id, signed),
            Error::<Test>::BadReceipt(index)
        );
    });
}

fn honest(id: ReservationId, index: u8, class: ShardClass) -> Receipt {
    let node = nodes_of(id)[usize::from(index)];
    receipt(node, id, slot(index), class, roots(1)[usize::from(index)])
}

#[test]
fn a_receipt_from_the_wrong_node_is_refused() {
    check(3, |id| {
        receipt(nodes_of(id)[4], id, slot(3), class(2), roots(1)[3])
    });
}

#[test]
fn a_receipt_for_another_root_is_refused() {
    check(0, |id| Receipt {
        root: roots(2)[0],
        ..honest(id, 0, class(2))
    });
}

#[test]
fn a_receipt_replayed_from_another_reservation_is_refused() {
    check(14, |id| {
        let other = ReservationId(id.0 + 1);
        receipt(nodes_of(id)[14], other, slot(14), class(2), roots(1)[14])
    });
}

#[test]
fn a_receipt_for_another_slot_is_refused() {
    check(5, |id| {
        receipt(nodes_of(id)[5], id, slot(6), class(2), roots(1)[5])
    });
}

#[test]
fn a_receipt_for_a_wrong_class_is_refused() {
    check(1, |id| honest(id, 1, class(3)));
}

#[test]
fn a_receipt_from_another_chain_is_refused() {
    check(2, |id| {
        let payload = receipt_payload(&[0xcd; 32], id, slot(2), class(2), &roots(1)[2]);
        Receipt {
            root: roots(1)[2],
            signature: node_key(nodes_of(id)[2]).sign(&payload).0,
        }
    });
}

#[test]
fn a_receipt_with_a_flipped_bit_is_refused() {
    check(9, |id| {
        let mut receipt = honest(id, 9, class(2));
        receipt.signature[17] ^= 0x20;
        receipt
    });
}

#[test]
fn receipts_in_another_order_are_refused() {
    ExtBuilder::default().build_and_execute(|| {
        let id = drawn(alice(), class(2), 2);
        let signed = receipts(id, 1);
        let mut swapped = signed.clone();
        (swapped[0], swapped[1]) = (signed[1], signed[0]);
        assert_noop!(
            Placement::commit(RuntimeOrigin::signed(alice()), id, swapped),
            Error::<Test>::BadReceipt(0)
        );
    });
}

//! Every call that the client makes is decoded by the runtime as that call with those arguments.

use std::collections::BTreeSet;

use codec::{Decode, DecodeAll, Encode};
use neurostore_chain::{names::calls::CallName, AccountId, Call, Registration, Unread};
use neurostore_primitives::{
    CountryCode, NodeClass, NodeId, Receipt, ReservationId, SegmentId, ShardClass, ShardRoot,
    SlotIndex, WindowIndex, PROOF_BYTES, TOTAL_SHARDS,
};
use neurostore_runtime::{Runtime, RuntimeCall};
use pallet_placement::Call as Placement;
use pallet_storage_nodes::Call as StorageNodes;

use crate::{
    metadata::{layout, metadata, variants},
    names::our_pallets,
};

/// Calls of our pallets that no client makes: those of root, which are sent with a wallet.
const NOBODY_MAKES: &[&str] = &[
    "Payments.set_price",
    "Spacetime.set_verifying_key",
    "Spacetime.retire_verifying_key",
    "Spacetime.set_active_circuit",
    "Spacetime.set_batch_verification",
    "Spacetime.suspend_circuit",
    "Spacetime.resume_circuit",
];

fn receipts() -> Vec<Receipt> {
    let receipt = |slot: u8| Receipt {
        root: ShardRoot([slot; 32]),
        signature: [slot.wrapping_add(100); 64],
    };
    (0..u8::try_from(TOTAL_SHARDS).unwrap())
        .map(receipt)
        .collect()
}

fn account(byte: u8) -> neurostore_runtime::AccountId {
    [byte; 32].into()
}

/// What the client sends, beside what the runtime must read.
fn pairs() -> Vec<(Call, RuntimeCall)> {
    let (segment, reservation) = (SegmentId([6; 32]), ReservationId(77));
    let (node, slot) = (NodeId(5), SlotIndex::new(3).unwrap());
    let class = ShardClass::new(2).unwrap();
    let registration = Registration {
        node_account: AccountId([1; 32]),
        peer_key: [2; 32],
        class: NodeClass::Light,
        country: CountryCode(*b"DE"),
        capacity_leaves: 1 << 20,
        peer_proof: [3; 64],
        account_proof: [4; 64],
    };
    let transfer = RuntimeCall::Balances(pallet_balances::Call::transfer_keep_alive {
        dest: account(9).into(),
        value: 12_345,
    });
    let inner = Unread(transfer.encode());
    vec![
        (
            Call::transfer(&AccountId([9; 32]), 12_345),
            transfer.clone(),
        ),
        (
            Call::batch_all(&[inner.clone(), inner.clone()]),
            RuntimeCall::Utility(pallet_utility::Call::batch_all {
                calls: vec![transfer.clone(), transfer.clone()],
            }),
        ),
        (
            Call::sudo(inner),
            RuntimeCall::Sudo(pallet_sudo::Call::sudo {
                call: Box::new(transfer),
            }),
        ),
        (
            Call::register(&registration),
            RuntimeCall::StorageNodes(StorageNodes::register {
                node_account: account(1),
                peer_key: registration.peer_key,
                class: registration.class,
                country: registration.country,
                capacity_leaves: registration.capacity_leaves,
                peer_proof: registration.peer_proof,
                account_proof: registration.account_proof,
            }),
        ),
        (
            Call::set_capacity(node, 4_096),
            RuntimeCall::StorageNodes(StorageNodes::set_capacity {
                node,
                capacity_leaves: 4_096,
            }),
        ),
        (
            Call::withdraw(node),
            RuntimeCall::Payments(pallet_payments::Call::withdraw { node }),
        ),
        (
            Call::reserve(class, 40_000, 24),
            RuntimeCall::Placement(Placement::reserve {
                class,
                ciphertext_len: 40_000,
                windows: 24,
            }),
        ),
        (
            Call::commit(reservation, &receipts()),
            RuntimeCall::Placement(Placement::commit {
                reservation,
                receipts: receipts().try_into().unwrap(),
            }),
        ),
        (
            Call::cancel(reservation),
            RuntimeCall::Placement(Placement::cancel { reservation }),
        ),
        (
            Call::redraw(reservation, slot),
            RuntimeCall::Placement(Placement::redraw { reservation, slot }),
        ),
        (
            Call::extend(&segment, 12),
            RuntimeCall::Placement(Placement::extend {
                segment,
                windows: 12,
            }),
        ),
        (
            Call::drop_agreement(&segment),
            RuntimeCall::Placement(Placement::drop_agreement { segment }),
        ),
        (
            Call::submit_proof(WindowIndex(8), [7; 32], &[5; PROOF_BYTES]),
            RuntimeCall::Spacetime(pallet_spacetime::Call::<Runtime>::submit_proof {
                window: WindowIndex(8),
                statement: [7; 32],
                proof: vec![5; PROOF_BYTES].try_into().unwrap(),
            }),
        ),
    ]
}

#[test]
fn every_call_of_the_client_is_read_by_the_runtime_as_that_call_with_those_arguments() {
    let layout = layout();
    let mut made = BTreeSet::new();
    for (call, expected) in pairs() {
        let bytes = layout.call(&call).unwrap();
        let read = RuntimeCall::decode_all(&mut bytes.as_slice());
        assert_eq!(read, Ok(expected), "{}", call.name());
        made.insert(call.name().to_string());
    }
    let all: BTreeSet<String> = CallName::ALL.iter().map(ToString::to_string).collect();
    assert_eq!(made, all, "a call of the client is not tried here");
}

#[test]
fn calls_of_our_pallets_that_no_client_makes_are_listed_as_such() {
    let metadata = metadata();
    let made: BTreeSet<String> = CallName::ALL.iter().map(ToString::to_string).collect();
    let mut others = Vec::new();
    for pallet in our_pallets(&metadata) {
        let calls = pallet.calls.as_ref().map(|calls| calls.ty.id);
        for call in variants(&metadata, calls) {
            let title = format!("{}.{}", pallet.name, call.name);
            if !made.contains(&title) {
                others.push(title);
            }
        }
    }
    assert_eq!(others, NOBODY_MAKES);
}

#[test]
fn a_call_that_lost_a_byte_is_no_call() {
    let call = layout().call(&Call::cancel(ReservationId(1))).unwrap();
    let cut = &call[..call.len() - 1];
    assert!(RuntimeCall::decode(&mut &*cut).is_err());
}

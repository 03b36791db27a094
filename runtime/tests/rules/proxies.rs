//! What proxies may do: what is listed, and nothing else.

use std::collections::BTreeSet;

use codec::DecodeAll;
use frame_support::traits::InstanceFilter;
use neurostore_runtime::{
    configs::ProxyType, presets, AccountId, Balances, Proxy, RuntimeCall, RuntimeEvent,
    RuntimeOrigin, System, NEURO,
};
use scale_info::{form::PortableForm, PortableRegistry, TypeDef, TypeDefPrimitive, Variant};
use sp_keyring::Sr25519Keyring;

use crate::{
    blocks::{begin, chain},
    metadata::{metadata, variants},
};

/// What a proxy may do that must not move anything of value out of the account.
const NON_TRANSFER: &[&str] = &[
    "Payments.withdraw",
    "Session.purge_keys",
    "Session.set_keys",
    "StorageNodes.set_capacity",
    "System.remark",
    "System.remark_with_event",
    "Utility.batch",
    "Utility.batch_all",
    "Utility.force_batch",
];

const OPERATOR: &[&str] = &[
    "Payments.withdraw",
    "StorageNodes.register",
    "StorageNodes.set_capacity",
];

const UPLOADER: &[&str] = &[
    "Placement.cancel",
    "Placement.commit",
    "Placement.drop_agreement",
    "Placement.extend",
    "Placement.redraw",
    "Placement.reserve",
];

/// Every call that the runtime has, by name, with the least of everything as its arguments.
fn every_call() -> Vec<(String, RuntimeCall)> {
    let metadata = metadata();
    let mut calls = Vec::new();
    for pallet in &metadata.pallets {
        let Some(ty) = pallet.calls.as_ref().map(|calls| calls.ty.id) else {
            continue;
        };
        for variant in variants(&metadata, Some(ty)) {
            let name = format!("{}.{}", pallet.name, variant.name);
            let mut bytes = vec![pallet.index];
            write_variant(&metadata.types, variant, &mut bytes);
            let call = RuntimeCall::decode_all(&mut bytes.as_slice());
            calls.push((name.clone(), call.expect(&name)));
        }
    }
    calls
}

fn write_variant(types: &PortableRegistry, variant: &Variant<PortableForm>, to: &mut Vec<u8>) {
    to.push(variant.index);
    for field in &variant.fields {
        write_least(types, field.ty.id, to);
    }
}

/// Writes a value of a type: zeros, nothing, and of each enum its first variant.
fn write_least(types: &PortableRegistry, id: u32, to: &mut Vec<u8>) {
    match &types.resolve(id).unwrap().type_def {
        TypeDef::Composite(of) => of
            .fields
            .iter()
            .for_each(|f| write_least(types, f.ty.id, to)),
        TypeDef::Variant(of) => write_variant(types, of.variants.first().unwrap(), to),
        TypeDef::Array(of) => (0..of.len).for_each(|_| write_least(types, of.type_param.id, to)),
        TypeDef::Tuple(of) => of.fields.iter().for_each(|f| write_least(types, f.id, to)),
        TypeDef::Primitive(of) => to.extend(vec![0; bytes_of(of)]),
        TypeDef::Sequence(_) | TypeDef::Compact(_) | TypeDef::BitSequence(_) => to.push(0),
    }
}

/// Bytes of a number; of a text, those of its length.
fn bytes_of(primitive: &TypeDefPrimitive) -> usize {
    match primitive {
        TypeDefPrimitive::U16 | TypeDefPrimitive::I16 => 2,
        TypeDefPrimitive::U32 | TypeDefPrimitive::I32 | TypeDefPrimitive::Char => 4,
        TypeDefPrimitive::U64 | TypeDefPrimitive::I64 => 8,
        TypeDefPrimitive::U128 | TypeDefPrimitive::I128 => 16,
        TypeDefPrimitive::U256 | TypeDefPrimitive::I256 => 32,
        TypeDefPrimitive::Bool | TypeDefPrimitive::U8 | TypeDefPrimitive::I8 => 1,
        TypeDefPrimitive::Str => 1,
    }
}

#[test]
fn a_call_is_out_of_reach_of_a_proxy_until_somebody_lists_it() {
    let calls = every_call();
    assert!(calls.len() > 70, "{}", calls.len());
    for (proxy, listed) in [
        (ProxyType::NonTransfer, NON_TRANSFER),
        (ProxyType::Operator, OPERATOR),
        (ProxyType::Uploader, UPLOADER),
    ] {
        let allowed: BTreeSet<&str> = calls
            .iter()
            .filter(|(_, call)| proxy.filter(call))
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(allowed, listed.iter().copied().collect(), "{proxy:?}");
    }
    assert!(calls.iter().all(|(_, call)| ProxyType::Any.filter(call)));
}

#[test]
fn no_type_but_any_gives_its_proxies_the_rights_of_another() {
    use ProxyType::{Any, NonTransfer, Operator, Uploader};
    for one in [NonTransfer, Operator, Uploader] {
        assert!(Any.is_superset(&one));
        assert!(one.is_superset(&one));
        for other in [Any, NonTransfer, Operator, Uploader] {
            assert!(
                one == other || !one.is_superset(&other),
                "{one:?} {other:?}"
            );
        }
    }
}

fn account(key: Sr25519Keyring) -> AccountId {
    key.to_account_id()
}

/// Lets `delegate` act for `real`.
fn appoint(real: Sr25519Keyring, delegate: Sr25519Keyring, kind: ProxyType) {
    let origin = RuntimeOrigin::signed(account(real));
    Proxy::add_proxy(origin, account(delegate).into(), kind, 0).unwrap();
}

fn act_for(real: Sr25519Keyring, call: RuntimeCall) -> RuntimeCall {
    RuntimeCall::Proxy(pallet_proxy::Call::proxy {
        real: account(real).into(),
        force_proxy_type: None,
        call: Box::new(call),
    })
}

#[test]
fn no_call_that_carries_a_transfer_gets_it_past_the_list() {
    use Sr25519Keyring::{Bob, Charlie, Dave, Eve};
    let transfer = RuntimeCall::Balances(pallet_balances::Call::transfer_keep_alive {
        dest: account(Eve).into(),
        value: NEURO,
    });
    let calls = vec![transfer.clone()];
    let carriers = [
        transfer.clone(),
        RuntimeCall::Utility(pallet_utility::Call::batch {
            calls: calls.clone(),
        }),
        RuntimeCall::Utility(pallet_utility::Call::batch_all {
            calls: calls.clone(),
        }),
        RuntimeCall::Utility(pallet_utility::Call::force_batch { calls }),
        RuntimeCall::Utility(pallet_utility::Call::as_derivative {
            index: 0,
            call: Box::new(transfer.clone()),
        }),
        // Bob may do everything for Charlie; his own proxy may not.
        act_for(Charlie, transfer.clone()),
        RuntimeCall::Multisig(pallet_multisig::Call::as_multi_threshold_1 {
            other_signatories: vec![account(Dave)],
            call: Box::new(transfer),
        }),
    ];
    chain(presets::LOCAL_TESTNET).execute_with(|| {
        begin(1);
        appoint(Bob, Dave, ProxyType::NonTransfer);
        appoint(Charlie, Bob, ProxyType::Any);
        let had = Balances::free_balance(account(Eve));
        for call in carriers {
            let origin = RuntimeOrigin::signed(account(Dave));
            Proxy::proxy(origin, account(Bob).into(), None, Box::new(call.clone())).unwrap();
            assert_eq!(Balances::free_balance(account(Eve)), had, "{call:?}");
        }
    });
}

#[test]
fn a_batch_of_calls_that_are_listed_is_carried_out_for_the_account() {
    use Sr25519Keyring::{Bob, Dave};
    chain(presets::LOCAL_TESTNET).execute_with(|| {
        begin(1);
        appoint(Bob, Dave, ProxyType::NonTransfer);
        let remark = RuntimeCall::System(frame_system::Call::remark_with_event { remark: vec![7] });
        let batch = RuntimeCall::Utility(pallet_utility::Call::batch_all {
            calls: vec![remark],
        });
        let origin = RuntimeOrigin::signed(account(Dave));
        Proxy::proxy(origin, account(Bob).into(), None, Box::new(batch)).unwrap();
        let is_bobs = |event: &RuntimeEvent| {
            matches!(event, RuntimeEvent::System(frame_system::Event::Remarked { sender, .. })
                if *sender == account(Bob))
        };
        assert!(System::events().iter().any(|record| is_bobs(&record.event)));
    });
}

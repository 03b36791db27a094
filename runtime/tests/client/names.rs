//! Every name that the client writes stands in the metadata.

use frame_metadata::v15::{PalletMetadata, RuntimeMetadataV15};
use neurostore_chain::{
    names::{
        calls::CallName,
        events, methods,
        state::{Constant, StorageItem},
        Name, Pallet,
    },
    PalletError,
};
use scale_info::form::PortableForm;

use crate::{
    metadata::{field, metadata, pallet, variants},
    types::same,
};

/// The pallets of the SDK. All others are ours: a new one is looked at without being named.
const OF_THE_SDK: &[&str] = &[
    "System",
    "Timestamp",
    "Babe",
    "Balances",
    "TransactionPayment",
    "Authorship",
    "Offences",
    "Historical",
    "Session",
    "Grandpa",
    "Utility",
    "Multisig",
    "Proxy",
    "MultiBlockMigrations",
    "Sudo",
];

/// Our pallets, in the order of the runtime.
pub(crate) fn our_pallets(
    metadata: &RuntimeMetadataV15,
) -> impl Iterator<Item = &PalletMetadata<PortableForm>> {
    metadata
        .pallets
        .iter()
        .filter(|pallet| !OF_THE_SDK.contains(&pallet.name.as_str()))
}

/// Fails with all that is missing, a line for each.
fn nothing(missing: Vec<String>) {
    assert!(missing.is_empty(), "\n{}\n", missing.join("\n"));
}

#[test]
fn the_runtime_has_every_pallet_that_the_client_names() {
    let metadata = metadata();
    let missing = Pallet::ALL
        .iter()
        .filter(|name| pallet(&metadata, name.name()).is_none())
        .map(|name| format!("the runtime has no pallet {name}"));
    nothing(missing.collect());
}

#[test]
fn the_runtime_has_every_call_that_the_client_makes() {
    let metadata = metadata();
    let is_there = |call: Name| {
        let calls = pallet(&metadata, call.pallet.name())
            .and_then(|pallet| pallet.calls.as_ref())
            .map(|calls| calls.ty.id);
        variants(&metadata, calls)
            .iter()
            .any(|variant| variant.name == call.name)
    };
    let missing = CallName::ALL
        .iter()
        .filter(|call| !is_there(call.name()))
        .map(|call| format!("the runtime has no call {call}"));
    nothing(missing.collect());
}

#[test]
fn the_runtime_has_every_error_that_the_client_knows() {
    let metadata = metadata();
    let is_there = |error: &PalletError| {
        let errors = pallet(&metadata, error.pallet())
            .and_then(|pallet| pallet.error.as_ref())
            .map(|errors| errors.ty.id);
        variants(&metadata, errors)
            .iter()
            .any(|variant| variant.name == error.name())
    };
    let missing = PalletError::known()
        .into_iter()
        .filter(|error| !is_there(error))
        .map(|error| format!("the runtime has no error {error}"));
    nothing(missing.collect());
}

/// The client tells errors of our pallets apart: a new one is added to its table, or is an
/// `Other` for it without anybody having decided so.
#[test]
fn the_client_knows_every_error_of_our_pallets() {
    let metadata = metadata();
    let mut missing = Vec::new();
    for pallet in our_pallets(&metadata) {
        let errors = pallet.error.as_ref().map(|errors| errors.ty.id);
        for error in variants(&metadata, errors) {
            let known = PalletError::named(&pallet.name, &error.name);
            if matches!(known, PalletError::Other { .. }) {
                let title = format!("{}.{}", pallet.name, error.name);
                missing.push(format!("the client does not know the error {title}"));
            }
        }
    }
    nothing(missing);
}

#[test]
fn the_runtime_has_every_event_with_the_fields_that_the_client_reads() {
    let metadata = metadata();
    let mut missing = Vec::new();
    for event in events::known() {
        let found = pallet(&metadata, event.name.pallet.name())
            .and_then(|pallet| pallet.event.as_ref())
            .map(|events| events.ty.id);
        let variant = variants(&metadata, found)
            .iter()
            .find(|variant| variant.name == event.name.name);
        let Some(variant) = variant else {
            missing.push(format!("the runtime has no event {}", event.name));
            continue;
        };
        for (name, ours) in event.fields {
            match field(variant, name) {
                None => missing.push(format!("the event {} has no field {name}", event.name)),
                Some(theirs) => {
                    if let Err(why) = same(ours, &metadata.types, theirs.ty.id) {
                        missing.push(format!(
                            "the field {name} of the event {}: {why}",
                            event.name
                        ));
                    }
                }
            }
        }
    }
    nothing(missing);
}

#[test]
fn the_runtime_has_every_storage_item_and_constant_that_the_client_reads() {
    let metadata = metadata();
    let mut missing = Vec::new();
    for Name {
        pallet: owner,
        name,
    } in StorageItem::ALL.map(StorageItem::name)
    {
        let storage = pallet(&metadata, owner.name()).and_then(|pallet| pallet.storage.as_ref());
        let is_there =
            storage.is_some_and(|storage| storage.entries.iter().any(|e| e.name == name));
        if !is_there {
            missing.push(format!("the runtime keeps no {owner}.{name}"));
        }
    }
    for Name {
        pallet: owner,
        name,
    } in Constant::ALL.map(Constant::name)
    {
        let found = pallet(&metadata, owner.name());
        if !found.is_some_and(|pallet| pallet.constants.iter().any(|c| c.name == name)) {
            missing.push(format!("the runtime has no constant {owner}.{name}"));
        }
    }
    nothing(missing);
}

#[test]
fn the_runtime_answers_every_question_of_the_client_in_the_types_that_it_expects() {
    let metadata = metadata();
    let mut missing = Vec::new();
    for method in methods::known() {
        let title = format!("{}_{}", method.api, method.name);
        let found = metadata
            .apis
            .iter()
            .find(|api| api.name == method.api)
            .and_then(|api| api.methods.iter().find(|m| m.name == method.name));
        let Some(found) = found else {
            missing.push(format!("the runtime has no method {title}"));
            continue;
        };
        let mut check = |what: String, ours, theirs: u32| {
            if let Err(why) = same(ours, &metadata.types, theirs) {
                missing.push(format!("{what} of {title}: {why}"));
            }
        };
        check("the answer".into(), method.answer, found.output.id);
        let arguments = match method.arguments.type_info().type_def {
            scale_info::TypeDef::Tuple(tuple) => tuple.fields,
            other => panic!("a tuple and not {other:?}"),
        };
        if arguments.len() != found.inputs.len() {
            missing.push(format!("{title} has {} arguments", found.inputs.len()));
            continue;
        }
        for (ours, theirs) in arguments.into_iter().zip(&found.inputs) {
            check(format!("the argument {}", theirs.name), ours, theirs.ty.id);
        }
    }
    nothing(missing);
}

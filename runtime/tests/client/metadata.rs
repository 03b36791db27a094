//! The runtime's own metadata.

use codec::Decode;
use frame_metadata::{
    v15::{PalletMetadata, RuntimeMetadataV15},
    RuntimeMetadata, RuntimeMetadataPrefixed,
};
use neurostore_chain::Layout;
use neurostore_runtime::Runtime;
use scale_info::{form::PortableForm, Field, TypeDef, Variant};

/// The first version that has runtime APIs.
const VERSION: u32 = 15;

fn bytes() -> Vec<u8> {
    // The length of an epoch, a constant for clients, is a value of genesis.
    sp_io::TestExternalities::default().execute_with(|| {
        Runtime::metadata_at_version(VERSION)
            .expect("the runtime has metadata in this version")
            .to_vec()
    })
}

/// The metadata that clients download.
pub(crate) fn metadata() -> RuntimeMetadataV15 {
    let prefixed = RuntimeMetadataPrefixed::decode(&mut bytes().as_slice()).unwrap();
    match prefixed.1 {
        RuntimeMetadata::V15(metadata) => metadata,
        _ => panic!("another version than {VERSION}"),
    }
}

/// The same, as the client reads it.
pub(crate) fn layout() -> Layout {
    Layout::decode(&bytes()).unwrap()
}

pub(crate) fn pallet<'a>(
    metadata: &'a RuntimeMetadataV15,
    name: &str,
) -> Option<&'a PalletMetadata<PortableForm>> {
    metadata.pallets.iter().find(|pallet| pallet.name == name)
}

/// The variants of a pallet's calls, events or errors.
pub(crate) fn variants(metadata: &RuntimeMetadataV15, id: Option<u32>) -> &[Variant<PortableForm>] {
    let Some(id) = id else { return &[] };
    match &metadata.types.resolve(id).unwrap().type_def {
        TypeDef::Variant(found) => &found.variants,
        other => panic!("an enum and not {other:?}"),
    }
}

/// The field of a variant with this name.
pub(crate) fn field<'a>(
    variant: &'a Variant<PortableForm>,
    name: &str,
) -> Option<&'a Field<PortableForm>> {
    let is_it = |field: &&Field<PortableForm>| field.name.as_deref() == Some(name);
    variant.fields.iter().find(is_it)
}

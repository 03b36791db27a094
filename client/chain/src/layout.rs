//! Calls, events and errors as bytes, by the metadata of a chain and without a connection.

use std::fmt;

use subxt::{
    config::substrate::SpecVersionForRange,
    error::DispatchError,
    ext::{frame_decode::extrinsics::encode_call_data, scale_decode::DecodeAsType},
    ArcMetadata, Metadata, OfflineClient,
};

use crate::{
    block_events::read_all,
    call::Call,
    connection::{undecodable, ChainConfig},
    error::ChainError,
    events::ChainEvent,
    names::state::StorageItem,
    purse::{AccountState, StoredAccount},
    submit::refusal,
};

/// How a chain lays out its calls, events and errors: its metadata.
///
/// It encodes a call for another machine to sign, and reads bytes that came on another way than
/// through [`Chain`](crate::Chain), by the same code that the connection uses.
#[derive(Clone)]
pub struct Layout {
    metadata: ArcMetadata,
}

impl fmt::Debug for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Layout").finish_non_exhaustive()
    }
}

impl From<ArcMetadata> for Layout {
    fn from(metadata: ArcMetadata) -> Self {
        Self { metadata }
    }
}

impl Layout {
    /// Reads metadata in any version from 14 on, as `state_getMetadata` gives it.
    ///
    /// # Errors
    /// Where the bytes are no metadata.
    pub fn decode(metadata: &[u8]) -> Result<Self, ChainError> {
        let metadata = Metadata::decode_from(metadata)
            .map_err(|error| undecodable("metadata", error.to_string()))?;
        Ok(metadata.arc().into())
    }

    /// The bytes of a call, to be signed or to go into another one.
    ///
    /// # Errors
    /// [`ChainError::NotSupported`] where the chain has no such call or other arguments.
    pub fn call(&self, call: &Call) -> Result<Vec<u8>, ChainError> {
        let (payload, metadata) = (call.payload(), &*self.metadata);
        encode_call_data(
            payload.pallet_name(),
            payload.call_name(),
            payload.call_data(),
            metadata,
            metadata.types(),
        )
        .map_err(|error| ChainError::NotSupported {
            what: call.name().to_string(),
            reason: error.to_string(),
        })
    }

    /// The events that the state keeps of a block.
    ///
    /// # Errors
    /// Where the bytes are no events of this chain.
    pub fn events(&self, stored: &[u8]) -> Result<Vec<ChainEvent>, ChainError> {
        // subxt reads events through a client, so it gets one that knows this one block.
        let only = SpecVersionForRange {
            block_range: 0..1,
            spec_version: 0,
            transaction_version: 0,
        };
        let config = ChainConfig::builder()
            .set_spec_version_for_block_ranges([only])
            .set_metadata_for_spec_versions([(0, ArcMetadata::clone(&self.metadata))])
            .build();
        let block = OfflineClient::new_with_config(config)
            .at_block(0u64)
            .map_err(|error| undecodable("events", error.to_string()))?;
        let events = block.events().from_bytes(stored.to_vec());
        read_all(&events, &self.metadata, None)
    }

    /// What an encoded dispatch error says: the refusal of a call.
    ///
    /// # Errors
    /// Where the bytes are no dispatch error of this chain.
    pub fn refusal(&self, error: &[u8]) -> Result<ChainError, ChainError> {
        DispatchError::decode_from(error, ArcMetadata::clone(&self.metadata))
            .map(|error| refusal(&error))
            .map_err(|error| undecodable("dispatch error", error.to_string()))
    }

    /// The purse of an account as the state keeps it.
    ///
    /// # Errors
    /// Where the bytes are no account of this chain.
    pub fn account(&self, stored: &[u8]) -> Result<AccountState, ChainError> {
        let what = StorageItem::Account.name();
        let unreadable = |reason: String| undecodable(&what.to_string(), reason);
        let entry = self
            .metadata
            .pallet_by_name(what.pallet.name())
            .and_then(|pallet| pallet.storage()?.entry_by_name(what.name))
            .ok_or_else(|| unreadable("the chain keeps no accounts".into()))?;
        let mut rest = stored;
        StoredAccount::decode_as_type(&mut rest, entry.value_ty(), self.metadata.types())
            .map(AccountState::from)
            .map_err(|error| unreadable(error.to_string()))
    }
}

//! The events of a block, cut into their fields by the chain's metadata.

use subxt::{
    events::{Events, Phase},
    ext::scale_decode::visitor::{decode_with_visitor, IgnoreVisitor},
    Metadata,
};

use crate::{
    connection::{undecodable, ChainConfig},
    error::ChainError,
    events::ChainEvent,
};

/// The events of a block, or those of one of its transactions.
pub(crate) fn read_all(
    events: &Events<ChainConfig>,
    metadata: &Metadata,
    transaction: Option<usize>,
) -> Result<Vec<ChainEvent>, ChainError> {
    let mut found = Vec::new();
    for event in events.iter() {
        let event = event.map_err(|error| undecodable("events", error.to_string()))?;
        let ours = match (transaction, event.phase()) {
            (None, _) => true,
            (Some(wanted), Phase::ApplyExtrinsic(index)) => u32::try_from(wanted) == Ok(index),
            (Some(_), _) => false,
        };
        if ours {
            found.extend(cut(&event, metadata));
        }
    }
    Ok(found)
}

/// Cuts the bytes of an event into its fields.
fn cut(event: &subxt::events::Event<'_, ChainConfig>, metadata: &Metadata) -> Option<ChainEvent> {
    let variant = metadata
        .pallet_by_event_index(event.pallet_index())?
        .event_variant_by_index(event.event_index())?;
    let mut rest = event.field_bytes();
    let mut fields = Vec::with_capacity(variant.fields.len());
    for field in &variant.fields {
        let before = rest;
        let ignore = IgnoreVisitor::new();
        decode_with_visitor(&mut rest, field.ty.id, metadata.types(), ignore).ok()?;
        let taken = before.get(..before.len().checked_sub(rest.len())?)?;
        fields.push((field.name.clone().unwrap_or_default(), taken.to_vec()));
    }
    Some(ChainEvent {
        pallet: event.pallet_name().to_owned(),
        name: event.event_name().to_owned(),
        fields,
    })
}

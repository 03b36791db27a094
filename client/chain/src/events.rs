//! Events, read by the names of their fields.

use codec::Decode;
use subxt::{
    events::{Events, Phase},
    ext::scale_decode::visitor::{decode_with_visitor, IgnoreVisitor},
    Metadata,
};

use crate::{
    connection::{undecodable, ChainConfig},
    error::ChainError,
    names::events::Event,
};

/// An event with its fields as the metadata names them.
#[derive(Clone, Debug)]
pub struct ChainEvent {
    /// The pallet that deposited it.
    pub pallet: String,
    /// Its name.
    pub name: String,
    fields: Vec<(String, Vec<u8>)>,
}

/// Why a field of an event cannot be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventError {
    /// The event has no such field.
    #[error("the event {event} has no field '{field}'")]
    NoField {
        /// Pallet and event.
        event: String,
        /// The field.
        field: String,
    },
    /// The field has another type.
    #[error("the field '{field}' of the event {event} has another type")]
    OtherType {
        /// Pallet and event.
        event: String,
        /// The field.
        field: String,
    },
}

impl ChainEvent {
    /// Whether this is the event `E`.
    pub fn is<E: Event>(&self) -> bool {
        self.pallet == E::NAME.pallet.name() && self.name == E::NAME.name
    }

    /// The event as `E`; `None` where it is another one.
    ///
    /// # Errors
    /// Where a field is missing or has another type than in `E`.
    pub fn read_as<E: Event>(&self) -> Result<Option<E>, EventError> {
        self.is::<E>().then(|| E::read(self)).transpose()
    }

    /// A field by its name.
    pub(crate) fn field<T: Decode>(&self, field: &str) -> Result<T, EventError> {
        let (_, bytes) = self
            .fields
            .iter()
            .find(|(name, _)| name == field)
            .ok_or_else(|| EventError::NoField {
                event: self.title(),
                field: field.into(),
            })?;
        let mut rest = bytes.as_slice();
        match T::decode(&mut rest) {
            Ok(value) if rest.is_empty() => Ok(value),
            _ => Err(EventError::OtherType {
                event: self.title(),
                field: field.into(),
            }),
        }
    }

    fn title(&self) -> String {
        format!("{}.{}", self.pallet, self.name)
    }

    /// Cuts the bytes of an event into its fields.
    fn cut(event: &subxt::events::Event<'_, ChainConfig>, metadata: &Metadata) -> Option<Self> {
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
        Some(Self {
            pallet: event.pallet_name().to_owned(),
            name: event.event_name().to_owned(),
            fields,
        })
    }
}

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
            found.extend(ChainEvent::cut(&event, metadata));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::events::{SegmentActivated, SegmentRemoved};
    use codec::Encode;
    use neurostore_primitives::{ReservationId, SegmentId};

    #[test]
    fn fields_are_read_by_name_and_type() {
        let event = ChainEvent {
            pallet: "Placement".into(),
            name: "SegmentActivated".into(),
            fields: vec![
                ("segment".into(), SegmentId([5; 32]).encode()),
                ("reservation".into(), ReservationId(8).encode()),
            ],
        };
        assert!(event.is::<SegmentActivated>());
        assert_eq!(event.field("reservation"), Ok(ReservationId(8)));
        assert_eq!(event.field("segment"), Ok(SegmentId([5; 32])));
        assert!(matches!(
            event.field::<u32>("owner"),
            Err(EventError::NoField { .. })
        ));
        assert!(matches!(
            event.field::<u32>("reservation"),
            Err(EventError::OtherType { .. })
        ));
    }

    #[test]
    fn an_event_is_read_as_the_one_it_is() {
        let event = |name: &str| ChainEvent {
            pallet: "Placement".into(),
            name: name.into(),
            fields: vec![("segment".into(), SegmentId([5; 32]).encode())],
        };
        let removed = SegmentRemoved {
            segment: SegmentId([5; 32]),
        };
        assert_eq!(event("SegmentRemoved").read_as(), Ok(Some(removed)));
        assert_eq!(event("SegmentAdded").read_as::<SegmentRemoved>(), Ok(None));
        assert!(matches!(
            event("SegmentActivated").read_as::<SegmentActivated>(),
            Err(EventError::NoField { .. })
        ));
    }
}

//! Events, read by the names of their fields.

use codec::Decode;

use crate::name::Name;

/// An event with its fields as the metadata names them.
#[derive(Clone, Debug)]
pub struct ChainEvent {
    /// The pallet that deposited it.
    pub pallet: String,
    /// Its name.
    pub name: String,
    /// Its fields, each in SCALE.
    pub(crate) fields: Vec<(String, Vec<u8>)>,
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
}

/// An event of the runtime, to be read from a [`ChainEvent`].
pub trait Event: Sized {
    /// Its name.
    const NAME: Name;

    /// Reads its fields.
    ///
    /// # Errors
    /// Where a field is missing or has another type than here.
    fn read(event: &ChainEvent) -> Result<Self, EventError>;
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

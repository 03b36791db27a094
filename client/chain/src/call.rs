//! Calls with typed arguments, laid out by the chain's own metadata.

use codec::Encode;
use subxt::ext::{
    scale_decode::visitor::{decode_with_visitor, IgnoreVisitor},
    scale_encode::{EncodeAsFields, Error as EncodeError, FieldIter, TypeResolver},
};

/// A call of a pallet: arguments by name, each a value that encodes as the runtime's own type.
///
/// When it is sent, every argument is matched with the metadata by name and its bytes are read
/// back as the type that the runtime expects there: a missing, unknown or changed argument is an
/// error here and never a wrong call there.
#[derive(Clone, Debug)]
pub struct Call {
    pub(crate) pallet: &'static str,
    pub(crate) name: &'static str,
    pub(crate) arguments: Arguments,
}

impl Call {
    /// A call without arguments.
    pub fn new(pallet: &'static str, name: &'static str) -> Self {
        Self {
            pallet,
            name,
            arguments: Arguments(Vec::new()),
        }
    }

    /// Adds an argument.
    #[must_use]
    pub fn with(mut self, argument: &'static str, value: impl Encode) -> Self {
        self.arguments.0.push((argument, value.encode()));
        self
    }

    /// Adds an argument whose bytes are encoded already.
    #[must_use]
    pub fn with_encoded(mut self, argument: &'static str, bytes: Vec<u8>) -> Self {
        self.arguments.0.push((argument, bytes));
        self
    }

    /// Pallet and call for messages.
    pub fn title(&self) -> String {
        format!("{}.{}", self.pallet, self.name)
    }

    pub(crate) fn payload(&self) -> subxt::tx::DynamicPayload<Arguments> {
        subxt::dynamic::transaction(self.pallet, self.name, self.arguments.clone())
    }
}

/// The arguments of a call: names and encoded values.
#[derive(Clone, Debug)]
pub(crate) struct Arguments(Vec<(&'static str, Vec<u8>)>);

impl EncodeAsFields for Arguments {
    fn encode_as_fields_to<R: TypeResolver>(
        &self,
        fields: &mut dyn FieldIter<'_, R::TypeId>,
        types: &R,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        let mut used = 0;
        for field in fields {
            let name = field.name.unwrap_or_default();
            let Some((_, bytes)) = self.0.iter().find(|(argument, _)| *argument == name) else {
                return Err(EncodeError::custom_string(format!(
                    "the chain wants an argument '{name}' that this program does not know"
                )));
            };
            let mut rest = bytes.as_slice();
            let fits = decode_with_visitor(&mut rest, field.id, types, IgnoreVisitor::<R>::new());
            if fits.is_err() || !rest.is_empty() {
                return Err(EncodeError::custom_string(format!(
                    "the argument '{name}' has another type on the chain"
                )));
            }
            out.extend_from_slice(bytes);
            used += 1;
        }
        if used != self.0.len() {
            return Err(EncodeError::custom_str(
                "the chain's call has fewer arguments",
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use neurostore_primitives::{Receipt, ReservationId, ShardClass, ShardRoot};
    use scale_info::{PortableRegistry, TypeInfo};
    use subxt::ext::scale_encode::Field;

    /// The fields of a composite type as metadata would list them.
    fn encode_as<T: TypeInfo + 'static>(arguments: &Arguments) -> Result<Vec<u8>, String> {
        let mut registry = scale_info::Registry::new();
        let id = registry.register_type(&scale_info::MetaType::new::<T>()).id;
        let types: PortableRegistry = registry.into();
        let ty = types.resolve(id).unwrap();
        let scale_info::TypeDef::Composite(composite) = &ty.type_def else {
            panic!()
        };
        let mut fields = composite
            .fields
            .iter()
            .map(|f| Field::new(f.ty.id, f.name.as_deref()));
        arguments
            .encode_as_fields(&mut fields, &types)
            .map_err(|e| e.to_string())
    }

    #[derive(TypeInfo)]
    #[allow(dead_code)]
    struct Commit {
        reservation: ReservationId,
        receipts: Vec<Receipt>,
    }

    fn receipts() -> Vec<Receipt> {
        vec![
            Receipt {
                root: ShardRoot([7; 32]),
                signature: [9; 64]
            };
            15
        ]
    }

    #[test]
    fn arguments_are_laid_out_in_the_order_of_the_chain() {
        let call = Call::new("Placement", "commit")
            .with("receipts", receipts())
            .with("reservation", ReservationId(3));
        assert_eq!(
            encode_as::<Commit>(&call.arguments),
            Ok((ReservationId(3), receipts()).encode())
        );
    }

    #[test]
    fn a_missing_unknown_or_changed_argument_is_refused() {
        let missing = Call::new("Placement", "commit").with("reservation", ReservationId(3));
        assert!(encode_as::<Commit>(&missing.arguments)
            .unwrap_err()
            .contains("'receipts'"));
        let unknown = missing
            .clone()
            .with("receipts", receipts())
            .with("fence", 0u8);
        assert!(encode_as::<Commit>(&unknown.arguments)
            .unwrap_err()
            .contains("fewer"));
        let changed = Call::new("Placement", "commit")
            .with("reservation", ShardClass::default())
            .with("receipts", receipts());
        assert!(encode_as::<Commit>(&changed.arguments)
            .unwrap_err()
            .contains("another type"));
    }
}

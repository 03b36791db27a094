//! Calls with typed arguments, laid out by the chain's own metadata.

use codec::{Compact, Decode, Encode};
use neurostore_primitives::{
    NodeId, Receipt, ReservationId, SegmentId, ShardClass, SlotIndex, WindowIndex,
};
use subxt::ext::{
    scale_decode::visitor::{decode_with_visitor, IgnoreVisitor},
    scale_encode::{EncodeAsFields, Error as EncodeError, FieldIter, TypeResolver},
};

use crate::{
    names::{calls::CallName, Name},
    registration::Registration,
    unread::Unread,
    AccountId, Balance,
};

/// A call of a pallet: arguments by name, each a value that encodes as the runtime's own type.
///
/// There is a function for every call that this crate makes. When it is sent, every argument is
/// matched with the metadata by name and its bytes are read back as the type that the runtime
/// expects there: a missing, unknown or changed argument is an error here and never a wrong call
/// there.
#[derive(Clone, Debug)]
pub struct Call {
    pub(crate) name: CallName,
    pub(crate) arguments: Arguments,
}

impl Call {
    /// Sends plancks to another account, leaving the sender's account alive.
    pub fn transfer(to: &AccountId, amount: Balance) -> Self {
        Self::new(CallName::Transfer)
            .with("dest", Address::Id(to.0))
            .with("value", Compact(amount))
    }

    /// Registers a node; the signer becomes its operator.
    pub fn register(registration: &Registration) -> Self {
        Self::new(CallName::Register)
            .with("node_account", registration.node_account)
            .with("peer_key", registration.peer_key)
            .with("class", registration.class)
            .with("country", registration.country)
            .with("capacity_leaves", registration.capacity_leaves)
            .with("peer_proof", registration.peer_proof)
            .with("account_proof", registration.account_proof)
    }

    /// Changes what a node offers, in leaves of 1 KiB.
    pub fn set_capacity(node: NodeId, capacity_leaves: u64) -> Self {
        Self::new(CallName::SetCapacity)
            .with("node", node)
            .with("capacity_leaves", capacity_leaves)
    }

    /// Pays out what a node earned and was released.
    pub fn withdraw(node: NodeId) -> Self {
        Self::new(CallName::Withdraw).with("node", node)
    }

    /// Asks for 15 nodes for a segment with so many bytes of ciphertext.
    pub fn reserve(class: ShardClass, ciphertext_len: u64, windows: u32) -> Self {
        Self::new(CallName::Reserve)
            .with("class", class)
            .with("ciphertext_len", ciphertext_len)
            .with("windows", windows)
    }

    /// Turns a reservation into a segment, with 15 receipts in slot order.
    pub fn commit(reservation: ReservationId, receipts: &[Receipt]) -> Self {
        Self::new(CallName::Commit)
            .with("reservation", reservation)
            .with("receipts", receipts)
    }

    /// Gives a reservation back.
    pub fn cancel(reservation: ReservationId) -> Self {
        Self::new(CallName::Cancel).with("reservation", reservation)
    }

    /// Asks for another node in a slot.
    pub fn redraw(reservation: ReservationId, slot: SlotIndex) -> Self {
        Self::new(CallName::Redraw)
            .with("reservation", reservation)
            .with("slot", slot)
    }

    /// Pays for more windows of a segment.
    pub fn extend(segment: &SegmentId, windows: u32) -> Self {
        Self::new(CallName::Extend)
            .with("segment", segment)
            .with("windows", windows)
    }

    /// Ends the signer's agreement on a segment.
    pub fn drop_agreement(segment: &SegmentId) -> Self {
        Self::new(CallName::DropAgreement).with("segment", segment)
    }

    /// Answers a challenge with a proof of this statement.
    pub fn submit_proof(window: WindowIndex, statement: [u8; 32], proof: &[u8]) -> Self {
        Self::new(CallName::SubmitProof)
            .with("window", window)
            .with("statement", statement)
            .with("proof", proof)
    }

    /// Many calls as one, each encoded by a [`Layout`](crate::Layout): all of them take effect or
    /// none.
    pub fn batch_all(calls: &[Unread]) -> Self {
        Self::new(CallName::BatchAll).with("calls", calls)
    }

    /// A call as the superuser, encoded by a [`Layout`](crate::Layout).
    pub fn sudo(call: Unread) -> Self {
        Self::new(CallName::Sudo).with("call", call)
    }

    fn new(name: CallName) -> Self {
        Self {
            name,
            arguments: Arguments(Vec::new()),
        }
    }

    fn with(mut self, argument: &'static str, value: impl Encode) -> Self {
        self.arguments.0.push((argument, value.encode()));
        self
    }

    /// Which call it is.
    pub fn name(&self) -> CallName {
        self.name
    }

    pub(crate) fn payload(&self) -> subxt::tx::DynamicPayload<Arguments> {
        let Name { pallet, name } = self.name.name();
        subxt::dynamic::transaction(pallet.name(), name, self.arguments.clone())
    }
}

/// The runtime's address of an account: variant 0 of `MultiAddress`.
#[allow(
    clippy::cast_possible_truncation,
    reason = "the derived code of the encoding"
)]
#[derive(Encode, Decode)]
enum Address {
    #[codec(index = 0)]
    Id([u8; 32]),
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
    use neurostore_primitives::ShardRoot;
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
    fn an_address_is_its_variant_and_the_account() {
        let mut expected = vec![0];
        expected.extend([7; 32]);
        assert_eq!(Address::Id([7; 32]).encode(), expected);
    }

    #[test]
    fn arguments_are_laid_out_in_the_order_of_the_chain() {
        let call = Call::new(CallName::Commit)
            .with("receipts", receipts())
            .with("reservation", ReservationId(3));
        assert_eq!(
            encode_as::<Commit>(&call.arguments),
            Ok((ReservationId(3), receipts()).encode())
        );
    }

    #[test]
    fn a_missing_unknown_or_changed_argument_is_refused() {
        let missing = Call::new(CallName::Commit).with("reservation", ReservationId(3));
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
        let changed = Call::new(CallName::Commit)
            .with("reservation", ShardClass::default())
            .with("receipts", receipts());
        assert!(encode_as::<Commit>(&changed.arguments)
            .unwrap_err()
            .contains("another type"));
    }
}

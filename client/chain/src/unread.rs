//! Bytes whose layout only the metadata knows.

use codec::{Decode, Encode, Error, Input, Output};
use scale_info::{build::Fields, Path, Type, TypeInfo};

/// All bytes that are left of a value: they are kept as they stand and read by the metadata.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread(pub Vec<u8>);

impl Decode for Unread {
    fn decode<I: Input>(input: &mut I) -> Result<Self, Error> {
        let length = input.remaining_len()?.unwrap_or_default();
        let mut bytes = vec![0; length];
        input.read(&mut bytes)?;
        Ok(Self(bytes))
    }
}

impl Encode for Unread {
    fn encode_to<T: Output + ?Sized>(&self, dest: &mut T) {
        dest.write(&self.0);
    }
}

impl codec::EncodeLike for Unread {}

/// Stands for any type: the path alone tells that nothing is claimed of it.
impl TypeInfo for Unread {
    type Identity = Self;

    fn type_info() -> Type {
        Type::builder()
            .path(Path::new("Unread", module_path!()))
            .composite(Fields::unit())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_keeps_the_undecoded_error() {
        let event: Result<(), Unread> =
            codec::Decode::decode(&mut &[1u8, 3, 7, 0, 0, 0, 0][..]).unwrap();
        assert_eq!(event.unwrap_err().0, vec![3, 7, 0, 0, 0, 0]);
    }

    #[test]
    fn bytes_are_written_as_they_stand() {
        assert_eq!(Unread(vec![3, 7]).encode(), vec![3, 7]);
    }
}

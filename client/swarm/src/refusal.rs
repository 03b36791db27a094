//! Why a node does not do what it was asked.

use codec::{Decode, Encode, Input, Output};

/// A node's refusal. One byte on the wire, numbered for ever; a number that this version does not
/// know arrives as [`Refusal::Other`], so that newer nodes can refuse older clients in new ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Refusal {
    /// The chain knows no open reservation of this number.
    #[error("no such reservation is open")]
    NotReserved,
    /// The slot of the reservation was drawn for another node.
    #[error("this slot of the reservation belongs to another node")]
    WrongSlot,
    /// The reservation is for another shard class.
    #[error("the reservation is for another shard class")]
    WrongClass,
    /// The length is not that of the shard class.
    #[error("the length does not fit the shard class")]
    WrongLength,
    /// The signature is not that of the reservation's owner.
    #[error("the owner of the reservation did not sign this upload")]
    BadSignature,
    /// No room is left.
    #[error("disk full")]
    DiskFull,
    /// The node takes nothing new because its disk failed or it is leaving.
    #[error("the node takes no new shards at present")]
    ReadOnly,
    /// The node serves as many requests as it can; try again later or elsewhere.
    #[error("the node is busy")]
    Busy,
    /// The node does not hold this shard.
    #[error("the node does not hold this shard")]
    UnknownShard,
    /// The range or leaf lies outside the shard.
    #[error("the range lies outside the shard")]
    OutOfRange,
    /// This peer asks too much in too little time.
    #[error("too many requests in too little time")]
    RateLimited,
    /// The node held the shard and found it damaged.
    #[error("the node's copy of the shard is damaged")]
    Damaged,
    /// The node cannot ask its chain endpoint, so it cannot check the request.
    #[error("the node cannot reach the chain to check the request")]
    ChainUnreachable,
    /// The request broke the protocol.
    #[error("the request broke the protocol")]
    Malformed,
    /// The bytes came too slowly.
    #[error("the bytes came too slowly")]
    TooSlow,
    /// The node failed in a way of its own; its operator's log says how.
    #[error("the node failed; its log says why")]
    Failed,
    /// A refusal that this version has no name for.
    #[error("the node refused for reason {0}, which this version does not know")]
    Other(u8),
}

impl Refusal {
    /// Every refusal that has a name, in the order of its number.
    const NAMED: [Self; 16] = [
        Self::NotReserved,
        Self::WrongSlot,
        Self::WrongClass,
        Self::WrongLength,
        Self::BadSignature,
        Self::DiskFull,
        Self::ReadOnly,
        Self::Busy,
        Self::UnknownShard,
        Self::OutOfRange,
        Self::RateLimited,
        Self::Damaged,
        Self::ChainUnreachable,
        Self::Malformed,
        Self::TooSlow,
        Self::Failed,
    ];

    /// The number on the wire.
    pub fn code(self) -> u8 {
        match self {
            Self::NotReserved => 0,
            Self::WrongSlot => 1,
            Self::WrongClass => 2,
            Self::WrongLength => 3,
            Self::BadSignature => 4,
            Self::DiskFull => 5,
            Self::ReadOnly => 6,
            Self::Busy => 7,
            Self::UnknownShard => 8,
            Self::OutOfRange => 9,
            Self::RateLimited => 10,
            Self::Damaged => 11,
            Self::ChainUnreachable => 12,
            Self::Malformed => 13,
            Self::TooSlow => 14,
            Self::Failed => 15,
            Self::Other(code) => code,
        }
    }

    /// The refusal of this number.
    pub fn from_code(code: u8) -> Self {
        Self::NAMED
            .get(usize::from(code))
            .copied()
            .unwrap_or(Self::Other(code))
    }

    /// Whether the same request may succeed at the same node a little later.
    pub fn is_temporary(self) -> bool {
        matches!(
            self,
            Self::Busy | Self::RateLimited | Self::ChainUnreachable | Self::TooSlow
        )
    }
}

impl Encode for Refusal {
    fn size_hint(&self) -> usize {
        1
    }

    fn encode_to<T: Output + ?Sized>(&self, dest: &mut T) {
        dest.push_byte(self.code());
    }
}

impl Decode for Refusal {
    fn decode<I: Input>(input: &mut I) -> Result<Self, codec::Error> {
        input.read_byte().map(Self::from_code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_a_refusal_and_comes_back_as_itself() {
        for code in 0..=u8::MAX {
            let refusal = Refusal::decode(&mut &[code][..]).unwrap();
            assert_eq!(refusal.encode(), [code]);
        }
    }

    #[test]
    fn unknown_numbers_are_kept() {
        assert_eq!(Refusal::from_code(200), Refusal::Other(200));
        assert_eq!(Refusal::from_code(5), Refusal::DiskFull);
    }
}

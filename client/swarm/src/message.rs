//! The messages of `/neurostore/shard/1`.
//!
//! One request a substream. A frame is the length of the message (u32, little endian) and the
//! message (SCALE). The client sends one [`Request`]:
//! - **Put**: the node answers [`Answer::Ready`] or [`Answer::Refused`] before any byte flows;
//!   then the client sends exactly `len` raw bytes and closes its side; then the node answers
//!   [`Answer::Stored`] or [`Answer::Refused`]. A node may refuse in the middle of the bytes.
//! - **Get**: the client closes its side; the node answers [`Answer::Sending`], then exactly
//!   `len` raw bytes, then closes. A body that ends early was cut off by a failure.
//! - **Leaves**: the client closes its side; the node answers [`Answer::Leaves`].

// The derived encoders cast the number of a variant.
#![allow(clippy::cast_possible_truncation)]

use codec::{Decode, DecodeAll, Encode};
use neurostore_primitives::{
    ReservationId, ShardClass, ShardRoot, SlotIndex, LEAF_BYTES, MAX_SHARD_BYTES, TREE_ARITY,
    TREE_DEPTH,
};

use crate::refusal::Refusal;

/// Name of the protocol as libp2p negotiates it.
pub const SHARD_PROTOCOL: &str = "/neurostore/shard/1";
/// Bytes of a leaf's path to the root: three siblings of 32 bytes on each of eight levels.
pub const PATH_BYTES: usize = TREE_DEPTH * (TREE_ARITY - 1) * 32;
/// Leaves that one request may ask for: as much as a spot check needs, 28 KiB of answer.
pub const MAX_LEAVES: usize = 16;
/// Bytes of a request frame: the largest request has 130, so this leaves room for later fields
/// and is still nothing to allocate for a stranger.
pub const MAX_REQUEST_FRAME: usize = 16 << 10;
/// Bytes of an answer frame: sixteen leaves with paths are 28 KiB.
pub const MAX_ANSWER_FRAME: usize = 64 << 10;

/// What a client asks.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Request {
    /// Store a shard.
    #[codec(index = 0)]
    Put(PutRequest),
    /// Send bytes of a shard.
    #[codec(index = 1)]
    Get {
        /// The shard.
        root: ShardRoot,
        /// First byte.
        offset: u64,
        /// Number of bytes.
        len: u64,
    },
    /// Send leaves of a shard with their paths.
    #[codec(index = 2)]
    Leaves {
        /// The shard.
        root: ShardRoot,
        /// At most [`MAX_LEAVES`] leaf numbers.
        indices: Vec<u16>,
    },
}

/// The wish to store a shard in a slot of a reservation.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct PutRequest {
    /// The reservation.
    pub reservation: ReservationId,
    /// The slot of it that was drawn for this node.
    pub slot: SlotIndex,
    /// Class of the shard.
    pub class: ShardClass,
    /// Bytes that follow: `class.shard_bytes()`.
    pub len: u64,
    /// Account of the reservation's owner.
    pub owner: [u8; 32],
    /// The owner's sr25519 signature over `upload_payload`.
    pub signature: [u8; 64],
}

/// A node's word that it stores a shard.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct StoredShard {
    /// Root of what was stored.
    pub root: ShardRoot,
    /// The node account's sr25519 signature over `receipt_payload`.
    pub signature: [u8; 64],
}

/// One leaf with its path to the root.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct LeafAnswer {
    /// The bytes of the leaf.
    pub leaf: Box<[u8; LEAF_BYTES]>,
    /// Its siblings from the leaf level up, in position order without the own node.
    pub path: Box<[u8; PATH_BYTES]>,
}

/// What a node answers.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Answer {
    /// It will not.
    #[codec(index = 0)]
    Refused(Refusal),
    /// Send the bytes of the shard now.
    #[codec(index = 1)]
    Ready,
    /// The shard is on disk.
    #[codec(index = 2)]
    Stored(StoredShard),
    /// This many bytes follow.
    #[codec(index = 3)]
    Sending {
        /// Number of bytes: what was asked for.
        len: u64,
    },
    /// The leaves, in the order asked.
    #[codec(index = 4)]
    Leaves(Vec<LeafAnswer>),
}

impl Request {
    /// Decodes a whole frame; bytes that are left over are an error.
    pub fn from_frame(frame: &[u8]) -> Result<Self, codec::Error> {
        Self::decode_all(&mut &frame[..])
    }

    /// What can be refused without asking anybody.
    pub fn check(&self) -> Result<(), Refusal> {
        match self {
            Self::Put(put) if put.len != put.class.shard_bytes() => Err(Refusal::WrongLength),
            Self::Put(_) => Ok(()),
            Self::Get { offset, len, .. } => match offset.checked_add(*len) {
                Some(end) if *len > 0 && end <= MAX_SHARD_BYTES => Ok(()),
                _ => Err(Refusal::OutOfRange),
            },
            Self::Leaves { indices, .. } if indices.is_empty() || indices.len() > MAX_LEAVES => {
                Err(Refusal::OutOfRange)
            }
            Self::Leaves { .. } => Ok(()),
        }
    }
}

impl Answer {
    /// Decodes a whole frame; bytes that are left over are an error.
    pub fn from_frame(frame: &[u8]) -> Result<Self, codec::Error> {
        Self::decode_all(&mut &frame[..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn requests() -> impl Strategy<Value = Request> {
        let root = any::<[u8; 32]>().prop_map(ShardRoot);
        prop_oneof![
            (
                any::<u64>(),
                0u8..15,
                0u8..17,
                any::<u64>(),
                any::<[u8; 32]>()
            )
                .prop_map(|(reservation, slot, class, len, owner)| Request::Put(
                    PutRequest {
                        reservation: ReservationId(reservation),
                        slot: SlotIndex::new(slot).unwrap(),
                        class: ShardClass::new(class).unwrap(),
                        len,
                        owner,
                        signature: [slot; 64],
                    }
                )),
            (root.clone(), any::<u64>(), any::<u64>())
                .prop_map(|(root, offset, len)| Request::Get { root, offset, len }),
            (root, any::<Vec<u16>>()).prop_map(|(root, indices)| Request::Leaves { root, indices }),
        ]
    }

    fn answers() -> impl Strategy<Value = Answer> {
        prop_oneof![
            any::<u8>().prop_map(|code| Answer::Refused(Refusal::from_code(code))),
            Just(Answer::Ready),
            any::<[u8; 32]>().prop_map(|root| Answer::Stored(StoredShard {
                root: ShardRoot(root),
                signature: [root[0]; 64],
            })),
            any::<u64>().prop_map(|len| Answer::Sending { len }),
            proptest::collection::vec(any::<u8>(), 0..3).prop_map(|leaves| Answer::Leaves(
                leaves
                    .into_iter()
                    .map(|byte| LeafAnswer {
                        leaf: Box::new([byte; LEAF_BYTES]),
                        path: Box::new([byte; PATH_BYTES]),
                    })
                    .collect()
            )),
        ]
    }

    #[test]
    fn the_largest_messages_fit_their_frames() {
        let leaves = Request::Leaves {
            root: ShardRoot::default(),
            indices: vec![0; MAX_LEAVES],
        };
        assert!(leaves.encoded_size() <= MAX_REQUEST_FRAME);
        let leaf = LeafAnswer {
            leaf: Box::new([0; LEAF_BYTES]),
            path: Box::new([0; PATH_BYTES]),
        };
        let answer = Answer::Leaves(vec![leaf; MAX_LEAVES]);
        assert!(answer.encoded_size() <= MAX_ANSWER_FRAME);
    }

    #[test]
    fn the_numbers_on_the_wire_are_fixed() {
        let root = ShardRoot::default();
        let (offset, len) = (0, 1);
        assert_eq!(Request::Get { root, offset, len }.encode()[0], 1);
        let indices = vec![0];
        assert_eq!(Request::Leaves { root, indices }.encode()[0], 2);
        assert_eq!(Answer::Refused(Refusal::Busy).encode(), [0, 7]);
        assert_eq!(Answer::Ready.encode(), [1]);
    }

    #[test]
    fn a_range_must_lie_in_the_largest_shard() {
        let check = |offset, len| {
            let root = ShardRoot::default();
            Request::Get { root, offset, len }.check()
        };
        assert_eq!(check(0, MAX_SHARD_BYTES), Ok(()));
        assert_eq!(check(1, MAX_SHARD_BYTES), Err(Refusal::OutOfRange));
        assert_eq!(check(u64::MAX, 2), Err(Refusal::OutOfRange));
        assert_eq!(check(5, 0), Err(Refusal::OutOfRange));
    }

    proptest! {
        #[test]
        fn requests_come_back_as_they_were(request in requests()) {
            prop_assert_eq!(Request::from_frame(&request.encode()), Ok(request));
        }

        #[test]
        fn answers_come_back_as_they_were(answer in answers()) {
            prop_assert_eq!(Answer::from_frame(&answer.encode()), Ok(answer));
        }

        #[test]
        fn one_byte_too_many_is_no_message(request in requests(), byte: u8) {
            let mut frame = request.encode();
            frame.push(byte);
            prop_assert!(Request::from_frame(&frame).is_err());
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
            if let Ok(request) = Request::from_frame(&bytes) {
                let _ = request.check();
                prop_assert_eq!(request.encode(), bytes.clone());
            }
            let _ = Answer::from_frame(&bytes);
        }
    }
}

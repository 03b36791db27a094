//! The two headers of a segment: a cleartext one that binds key and shape, and a secret one that
//! says what the content is.

use crate::{
    bounds::MAX_INDEX_BYTES,
    cipher_error::CipherError,
    key::{FrameSecrets, Place, SegmentKey},
    layout::{HeaderPrefix, Layout, HEADER_BYTES, HEAD_BYTES},
};

/// Version of the format.
pub const FORMAT_VERSION: u8 = 1;
/// The first four bytes of a segment.
pub const MAGIC: [u8; 4] = *b"NSEG";

/// Magic, version, class, two zero bytes, length of the ciphertext.
pub(crate) fn header_prefix(layout: &Layout) -> HeaderPrefix {
    let [a, b, c, d] = MAGIC;
    let mut prefix = [
        a,
        b,
        c,
        d,
        FORMAT_VERSION,
        layout.class().get(),
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
    ];
    prefix[8..].copy_from_slice(&layout.ciphertext_len().to_le_bytes());
    prefix
}

/// The version that the start of a segment names, or `None` where it is no start of a segment.
pub(crate) fn version_of(start: &[u8]) -> Option<u8> {
    start.strip_prefix(&MAGIC)?.first().copied()
}

/// The cleartext header of a segment: everything in it follows from what a reader already knows,
/// so that a reader compares it and never trusts it.
pub fn header(
    key: &SegmentKey,
    place: Place,
    layout: &Layout,
) -> Result<[u8; HEADER_BYTES], CipherError> {
    let prefix = header_prefix(layout);
    Ok(FrameSecrets::derive(key, place, &prefix)?.header(&prefix))
}

/// How the key of an object came about. Only those who have the key can read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// A random key.
    Private,
    /// A key from the content and a team's secret: equal content is one segment inside the team.
    Team,
    /// A key from the content alone: who has the file can tell that it is stored.
    Public,
}

impl Mode {
    const fn to_byte(self) -> u8 {
        match self {
            Self::Private => 0,
            Self::Team => 1,
            Self::Public => 2,
        }
    }

    const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0 => Some(Self::Private),
            1 => Some(Self::Team),
            2 => Some(Self::Public),
            _ => None,
        }
    }
}

/// What the content of a segment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A root that holds the whole object.
    Whole,
    /// A root that holds the index of the object's data segments.
    Index,
    /// A data segment.
    Part,
}

impl Kind {
    const fn to_byte(self) -> u8 {
        match self {
            Self::Whole => 1,
            Self::Index => 2,
            Self::Part => 3,
        }
    }

    const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            1 => Some(Self::Whole),
            2 => Some(Self::Index),
            3 => Some(Self::Part),
            _ => None,
        }
    }

    /// Whether a segment at this place can be of this kind.
    pub const fn fits(self, place: Place) -> bool {
        match place {
            Place::Root => matches!(self, Self::Whole | Self::Index),
            Place::Part(_) => matches!(self, Self::Part),
        }
    }
}

/// The secret header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// What the content is.
    pub kind: Kind,
    /// How the key came about.
    pub mode: Mode,
    /// Bytes of content; what follows them in the last frame is padding.
    pub content_len: u64,
}

/// Why a secret header cannot be used. It was sealed with the right key, so whoever made the
/// segment made it wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeadError {
    /// The kind is none that this version knows, or does not belong at this place.
    #[error("segment kind {0} does not belong here")]
    Kind(u8),
    /// The mode is none that this version knows.
    #[error("unknown encryption mode {0}")]
    Mode(u8),
    /// A reserved byte is not zero.
    #[error("reserved bytes of the segment's head are not zero")]
    Reserved,
    /// The length of the content does not fit the segment.
    #[error("a content of {0} bytes does not fit the segment that claims it")]
    Length(u64),
}

impl Head {
    /// The bytes of the header.
    pub fn to_bytes(&self) -> [u8; HEAD_BYTES] {
        let mut bytes = [0; HEAD_BYTES];
        let (fields, length) = bytes.split_at_mut(8);
        fields[0] = self.kind.to_byte();
        fields[1] = self.mode.to_byte();
        length.copy_from_slice(&self.content_len.to_le_bytes());
        bytes
    }

    /// Reads the header of the segment with this layout at this place.
    pub fn from_bytes(
        bytes: &[u8; HEAD_BYTES],
        place: Place,
        layout: &Layout,
    ) -> Result<Self, HeadError> {
        let [kind, mode, r0, r1, r2, r3, r4, r5, length @ ..] = *bytes;
        if [r0, r1, r2, r3, r4, r5] != [0; 6] {
            return Err(HeadError::Reserved);
        }
        let kind = Kind::from_byte(kind)
            .filter(|kind| kind.fits(place))
            .ok_or(HeadError::Kind(kind))?;
        let mode = Mode::from_byte(mode).ok_or(HeadError::Mode(mode))?;
        let content_len = u64::from_le_bytes(length);
        if Layout::for_content(layout.class(), content_len) != Ok(*layout)
            || (kind == Kind::Index && content_len > MAX_INDEX_BYTES)
        {
            return Err(HeadError::Length(content_len));
        }
        Ok(Self {
            kind,
            mode,
            content_len,
        })
    }
}

#[cfg(test)]
mod tests {
    use neurostore_primitives::ShardClass;
    use proptest::prelude::*;

    use super::*;

    fn layout() -> Layout {
        Layout::for_content(ShardClass::new(0).unwrap(), 9).unwrap()
    }

    #[test]
    fn a_head_comes_back_as_it_was() {
        for (kind, place) in [
            (Kind::Whole, Place::Root),
            (Kind::Index, Place::Root),
            (Kind::Part, Place::part(4).unwrap()),
        ] {
            for mode in [Mode::Private, Mode::Team, Mode::Public] {
                let head = Head {
                    kind,
                    mode,
                    content_len: 9,
                };
                assert_eq!(
                    Head::from_bytes(&head.to_bytes(), place, &layout()),
                    Ok(head)
                );
            }
        }
    }

    #[test]
    fn a_part_does_not_pass_for_a_root() {
        let head = Head {
            kind: Kind::Part,
            mode: Mode::Private,
            content_len: 9,
        };
        assert_eq!(
            Head::from_bytes(&head.to_bytes(), Place::Root, &layout()),
            Err(HeadError::Kind(3))
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_refused_or_read_back_the_same(bytes: [u8; HEAD_BYTES]) {
            if let Ok(head) = Head::from_bytes(&bytes, Place::Root, &layout()) {
                prop_assert_eq!(head.to_bytes(), bytes);
            }
        }

        #[test]
        fn a_length_of_another_number_of_frames_is_refused(len: u64) {
            let head = Head { kind: Kind::Whole, mode: Mode::Private, content_len: len };
            let fits = Layout::for_content(layout().class(), len) == Ok(layout());
            prop_assert_eq!(Head::from_bytes(&head.to_bytes(), Place::Root, &layout()).is_ok(), fits);
        }
    }
}

//! The locator: all that a reader needs of an object.

use alloc::{format, string::String};
use core::{fmt, str::FromStr};

use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD};
use neurostore_primitives::SegmentId;
use zeroize::Zeroizing;

use crate::key::SegmentKey;

/// What a locator starts with.
const SCHEME: &str = "neuro:";
/// Characters of 32 bytes in base32 without padding.
const ID_CHARS: usize = 52;
/// Characters of 32 bytes in base64url without padding.
const KEY_CHARS: usize = 43;

/// The identity of an object's root segment and the key that opens it:
/// `neuro:<SegmentId in base32>#<key in base64url>`.
///
/// Who has it can read the object. It has no `Display`, and `Debug` leaves the key out:
/// [`Locator::reveal`] is the one way to the full text.
#[derive(Clone, PartialEq, Eq)]
pub struct Locator {
    /// The root segment.
    pub segment: SegmentId,
    /// Its key.
    pub key: SegmentKey,
}

/// Why a text is not a locator. Never holds any of the text, which may be secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LocatorError {
    /// It does not start with `neuro:`.
    #[error("a locator starts with `neuro:`")]
    Scheme,
    /// It has no `#`, and so no key.
    #[error("the locator has no `#` and key at its end; was it cut off?")]
    NoKey,
    /// What is before the `#` is not a segment id: 52 lower-case base32 characters.
    #[error("the segment id of the locator is not 52 lower-case base32 characters")]
    Segment,
    /// What is after the `#` is not a key: 43 base64url characters.
    #[error("the key of the locator is not 43 base64url characters; was it cut off?")]
    Key,
}

impl Locator {
    /// The full text, key included. Wiped from memory when dropped.
    pub fn reveal(&self) -> Zeroizing<String> {
        // Room for all of it at once: a string that grows leaves copies of the key behind.
        let mut text = Zeroizing::new(String::with_capacity(
            SCHEME.len() + ID_CHARS + 1 + KEY_CHARS,
        ));
        text.push_str(&self.public());
        text.push('#');
        BASE64URL_NOPAD.encode_append(self.key.expose(), &mut text);
        text
    }

    /// The text without the key, which names the object and opens nothing.
    pub fn public(&self) -> String {
        let id = BASE32_NOPAD.encode(&self.segment.0).to_ascii_lowercase();
        format!("{SCHEME}{id}")
    }
}

impl FromStr for Locator {
    type Err = LocatorError;

    fn from_str(text: &str) -> Result<Self, LocatorError> {
        let rest = text.strip_prefix(SCHEME).ok_or(LocatorError::Scheme)?;
        let (id, key) = rest.split_once('#').ok_or(LocatorError::NoKey)?;
        if id.len() != ID_CHARS || id.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(LocatorError::Segment);
        }
        if key.len() != KEY_CHARS {
            return Err(LocatorError::Key);
        }
        let mut segment = [0; 32];
        BASE32_NOPAD
            .decode_mut(id.to_ascii_uppercase().as_bytes(), &mut segment)
            .map_err(|_| LocatorError::Segment)?;
        let mut secret = Zeroizing::new([0; 32]);
        BASE64URL_NOPAD
            .decode_mut(key.as_bytes(), &mut *secret)
            .map_err(|_| LocatorError::Key)?;
        Ok(Self {
            segment: SegmentId(segment),
            key: SegmentKey::from_bytes(*secret),
        })
    }
}

impl fmt::Debug for Locator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#..", self.public())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn locator(id: [u8; 32], key: [u8; 32]) -> Locator {
        Locator {
            segment: SegmentId(id),
            key: SegmentKey::from_bytes(key),
        }
    }

    proptest! {
        #[test]
        fn a_locator_comes_back_from_its_text(id: [u8; 32], key: [u8; 32]) {
            let locator = locator(id, key);
            prop_assert_eq!(locator.reveal().parse::<Locator>(), Ok(locator));
        }

        #[test]
        fn any_text_is_refused_or_is_the_text_of_its_locator(text in "(neuro:)?[a-zA-Z2-7#_-]{0,110}") {
            if let Ok(locator) = text.parse::<Locator>() {
                prop_assert_eq!(&*locator.reveal(), &text);
            }
        }

        #[test]
        fn a_changed_character_never_reads_as_the_same_locator(at in 0..102usize, to in "[a-zA-Z2-7_-]") {
            let locator = locator([3; 32], [5; 32]);
            let mut text = locator.reveal().to_string();
            if text[at..=at] != to {
                text.replace_range(at..=at, &to);
                prop_assert_ne!(text.parse::<Locator>(), Ok(locator));
            }
        }
    }

    #[test]
    fn debug_shows_the_segment_and_not_the_key() {
        let locator = locator([0; 32], [0xff; 32]);
        let text = format!("{locator:?}");
        assert_eq!(text, format!("neuro:{}#..", "a".repeat(52)));
        assert!(!text.contains("___"));
    }

    #[test]
    fn errors_say_which_half_is_wrong() {
        let good = locator([9; 32], [8; 32]).reveal().to_string();
        let parse = |text: &str| text.parse::<Locator>().unwrap_err();
        assert_eq!(parse("s3://x"), LocatorError::Scheme);
        assert_eq!(parse(&good[..58]), LocatorError::NoKey);
        assert_eq!(parse(&good[..good.len() - 1]), LocatorError::Key);
        assert_eq!(
            parse(&good.to_uppercase().replacen("NEURO", "neuro", 1)),
            LocatorError::Segment
        );
        assert_eq!(
            parse(&good.replacen("neuro:", "neuro:1", 1)),
            LocatorError::Segment
        );
    }

    #[test]
    fn a_text_with_bits_left_over_is_refused() {
        let good = locator([0; 32], [0; 32]).reveal().to_string();
        assert!(good.ends_with('A'));
        let other = format!("{}B", &good[..good.len() - 1]);
        assert_eq!(other.parse::<Locator>(), Err(LocatorError::Key));
    }
}

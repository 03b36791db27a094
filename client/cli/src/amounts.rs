//! Ranges of bytes and times as people write and read them. Sizes and amounts are
//! [`Capacity`](neurostore_client::Capacity) and [`Neuro`](neurostore_client::Neuro).

use std::{str::FromStr, time::Duration};

use neurostore_client::MILLISECONDS_PER_BLOCK;

/// Bytes from `first` to `last`, both included; to the end where `last` is `None`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ByteRange {
    pub(crate) first: u64,
    pub(crate) last: Option<u64>,
}

/// The text is no range of bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no range: expected FIRST-LAST or FIRST-")]
pub(crate) struct BadRange(String);

impl FromStr for ByteRange {
    type Err = BadRange;

    /// Reads `0-99` or `100-`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || BadRange(text.to_owned());
        let (first, last) = text.split_once('-').ok_or_else(wrong)?;
        let number = |text: &str| text.parse::<u64>().map_err(|_| wrong());
        let range = Self {
            first: number(first)?,
            last: if last.is_empty() {
                None
            } else {
                Some(number(last)?)
            },
        };
        match range.last {
            Some(last) if last < range.first => Err(wrong()),
            _ => Ok(range),
        }
    }
}

/// How long so many blocks take.
pub(crate) fn blocks(count: u64) -> String {
    let took = Duration::from_millis(count.saturating_mul(MILLISECONDS_PER_BLOCK));
    indicatif::HumanDuration(took).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_counts_its_last_byte_in() {
        assert_eq!(
            "0-99".parse(),
            Ok(ByteRange {
                first: 0,
                last: Some(99)
            })
        );
        assert_eq!(
            "100-".parse(),
            Ok(ByteRange {
                first: 100,
                last: None
            })
        );
        for wrong in ["", "5", "9-3", "a-b", "-5"] {
            assert!(wrong.parse::<ByteRange>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn ten_blocks_take_a_minute() {
        assert_eq!(blocks(10), "60 seconds");
        assert_eq!(blocks(1_200), "2 hours");
    }
}

//! Sizes as people write them: `500GiB`, `2TB`, `1048576`.

use std::{fmt, str::FromStr};

use neurostore_primitives::LEAF_BYTES;
use serde::Serialize;

/// A number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Capacity(pub u64);

/// The text is no size.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a size: write for example 500GiB, 2TB or 1048576")]
pub struct BadCapacity(String);

/// Longest spelling first, so that `GiB` is not read as `B`.
const UNITS: [(&str, u64); 10] = [
    ("kib", 1 << 10),
    ("mib", 1 << 20),
    ("gib", 1 << 30),
    ("tib", 1 << 40),
    ("kb", 1_000),
    ("mb", 1_000_000),
    ("gb", 1_000_000_000),
    ("tb", 1_000_000_000_000),
    ("b", 1),
    ("", 1),
];

impl Capacity {
    /// Whole leaves of 1 KiB: what the chain counts in.
    pub fn leaves(self) -> u64 {
        self.0 / LEAF_BYTES as u64
    }
}

impl FromStr for Capacity {
    type Err = BadCapacity;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || BadCapacity(text.to_owned());
        let lower = text.trim().to_ascii_lowercase();
        let (number, unit) = UNITS
            .iter()
            .find_map(|(name, unit)| Some((lower.strip_suffix(name)?, *unit)))
            .ok_or_else(bad)?;
        let number = number.trim_end();
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        // Nine digits behind the point are more than any unit can use and fit 64 bits.
        if !digits(whole) || !digits(fraction) || whole.is_empty() || fraction.len() > 9 {
            return Err(bad());
        }
        let whole: u64 = whole.parse().map_err(|_| bad())?;
        let mut part = 0u128;
        let mut scale = 1u128;
        for digit in fraction.bytes() {
            part = part * 10 + u128::from(digit - b'0');
            scale *= 10;
        }
        let part = u64::try_from(u128::from(unit) * part / scale).map_err(|_| bad())?;
        whole
            .checked_mul(unit)
            .and_then(|bytes| bytes.checked_add(part))
            .map(Self)
            .ok_or_else(bad)
    }
}

impl fmt::Display for Capacity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const STEPS: [(&str, u64); 4] = [
            ("TiB", 1 << 40),
            ("GiB", 1 << 30),
            ("MiB", 1 << 20),
            ("KiB", 1 << 10),
        ];
        match STEPS.iter().find(|(_, unit)| self.0 >= *unit) {
            Some((name, unit)) => {
                let tenths = u128::from(self.0) * 10 / u128::from(*unit);
                match tenths % 10 {
                    0 => write!(f, "{} {name}", tenths / 10),
                    rest => write!(f, "{}.{rest} {name}", tenths / 10),
                }
            }
            None => write!(f, "{} B", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        for (text, bytes) in [
            ("500GiB", 500 << 30),
            ("500 gib", 500 << 30),
            ("1.5KiB", 1536),
            ("2TB", 2_000_000_000_000),
            ("0", 0),
            ("1048576", 1 << 20),
            ("7B", 7),
        ] {
            assert_eq!(text.parse(), Ok(Capacity(bytes)), "{text}");
        }
    }

    #[test]
    fn what_is_no_size_is_refused() {
        for text in [
            "",
            "GiB",
            "-1GiB",
            "1e3",
            "1..2KiB",
            "1.GiBB",
            "99999999999TiB",
            "1 000",
        ] {
            assert!(text.parse::<Capacity>().is_err(), "{text}");
        }
    }

    #[test]
    fn sizes_are_shown_in_the_unit_that_fits() {
        assert_eq!(Capacity(500 << 30).to_string(), "500 GiB");
        assert_eq!(Capacity(1536).to_string(), "1.5 KiB");
        assert_eq!(Capacity(7).to_string(), "7 B");
    }
}

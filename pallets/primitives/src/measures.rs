//! Amounts and sizes as people write and read them.

use alloc::{borrow::ToOwned, format, string::String};
use core::{fmt, str::FromStr};

use crate::{
    shard::LEAF_BYTES,
    units::{Balance, NEURO},
};

/// Digits after the point of a NEURO.
pub const NEURO_DECIMALS: u8 = 12;

/// Digits after the point that are read, of amounts and of sizes: no unit has use for more, and
/// what they are multiplied with fits 128 bits.
const MAX_DECIMALS: usize = NEURO_DECIMALS as usize;

/// An amount in plancks, shown and read in NEURO to the last planck: `12.5 NEURO`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Neuro(pub Balance);

/// The text is no amount of NEURO.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadAmount(String);

impl fmt::Display for Neuro {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = self.0.checked_div(NEURO).unwrap_or_default();
        let rest = self.0.checked_rem(NEURO).unwrap_or_default();
        let digits = format!("{whole}.{rest:0width$}", width = MAX_DECIMALS);
        let digits = digits.trim_end_matches('0').trim_end_matches('.');
        f.pad(&format!("{digits} NEURO"))
    }
}

impl FromStr for Neuro {
    type Err = BadAmount;

    /// Reads `12.5` or `12.5 NEURO`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = text.trim();
        let number = number.strip_suffix("NEURO").unwrap_or(number).trim_end();
        match scaled(number, NEURO) {
            Some((plancks, false)) => Ok(Self(plancks)),
            _ => Err(BadAmount(text.to_owned())),
        }
    }
}

impl fmt::Display for BadAmount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "'{}' is no amount: expected a number with at most {NEURO_DECIMALS} decimals",
            self.0
        )
    }
}

impl core::error::Error for BadAmount {}

/// A number of bytes, read as people write it (`500GiB`, `2TB`, `1.5 MiB`, `1048576`) and shown in
/// the binary unit that fits, to a tenth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "std", serde(transparent))]
pub struct Capacity(pub u64);

/// Why a text is no size.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BadCapacity {
    /// It has no number that could be one.
    NotASize(String),
    /// What stands behind the number is no unit.
    NotAUnit(String),
    /// More bytes than 64 bits count.
    TooLarge(String),
}

/// Units of size in lower case: powers of 1,000, and of 1,024 with an i.
const UNITS: [(&str, u64); 14] = [
    ("", 1),
    ("b", 1),
    ("k", 1_000),
    ("kb", 1_000),
    ("m", 1_000_000),
    ("mb", 1_000_000),
    ("g", 1_000_000_000),
    ("gb", 1_000_000_000),
    ("t", 1_000_000_000_000),
    ("tb", 1_000_000_000_000),
    ("kib", 1 << 10),
    ("mib", 1 << 20),
    ("gib", 1 << 30),
    ("tib", 1 << 40),
];

/// Units in which sizes are shown, the largest first.
const SHOWN: [(&str, u64); 4] = [
    ("TiB", 1 << 40),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
];

impl Capacity {
    /// Whole leaves of 1 KiB: what the chain counts in.
    pub const fn leaves(self) -> u64 {
        match self.0.checked_div(LEAF_BYTES as u64) {
            Some(leaves) => leaves,
            // Leaves have a length.
            None => 0,
        }
    }
}

impl FromStr for Capacity {
    type Err = BadCapacity;

    /// Reads a number, whole or with a point, and a unit in letters of any case. A part of a byte
    /// is left out.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let trimmed = text.trim();
        let end = trimmed
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(trimmed.len());
        let (number, unit) = trimmed.split_at(end);
        let unit = unit.trim_start();
        let (_, factor) = UNITS
            .iter()
            .find(|(name, _)| unit.eq_ignore_ascii_case(name))
            .ok_or_else(|| BadCapacity::NotAUnit(unit.to_owned()))?;
        let (bytes, _) = scaled(number, u128::from(*factor))
            .ok_or_else(|| BadCapacity::NotASize(text.to_owned()))?;
        let bytes = u64::try_from(bytes).map_err(|_| BadCapacity::TooLarge(text.to_owned()))?;
        Ok(Self(bytes))
    }
}

impl fmt::Display for Capacity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((name, unit)) = SHOWN.iter().find(|(_, unit)| self.0 >= *unit) else {
            return f.pad(&format!("{} B", self.0));
        };
        let whole = self.0.checked_div(*unit).unwrap_or_default();
        let rest = self.0.checked_rem(*unit).unwrap_or_default();
        // Below the largest unit, so ten times as much fits.
        match rest.saturating_mul(10).checked_div(*unit) {
            None | Some(0) => f.pad(&format!("{whole} {name}")),
            Some(tenths) => f.pad(&format!("{whole}.{tenths} {name}")),
        }
    }
}

impl fmt::Display for BadCapacity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotASize(text) => write!(
                f,
                "'{text}' is not a size: write for example 500GiB, 2TB or 1048576"
            ),
            Self::NotAUnit(unit) => write!(f, "'{unit}' is no unit of size: try MB or GiB"),
            Self::TooLarge(text) => write!(f, "'{text}' is too large"),
        }
    }
}

impl core::error::Error for BadCapacity {}

/// A decimal number times `scale`: its whole part, and whether it has another. `None` where the
/// text is no number without sign, has too many decimals or leaves 128 bits.
fn scaled(text: &str, scale: u128) -> Option<(u128, bool)> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if whole.is_empty() || fraction.len() > MAX_DECIMALS {
        return None;
    }
    let tens = 10u128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let part = digits(fraction)?.checked_mul(scale)?;
    let product = digits(whole)?
        .checked_mul(scale)?
        .checked_add(part.checked_div(tens)?)?;
    Some((product, part.checked_rem(tens)? != 0))
}

/// A number of digits alone; none of them are 0.
fn digits(text: &str) -> Option<u128> {
    match text {
        "" => Some(0),
        text if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use proptest::prelude::*;

    use super::*;

    fn size(text: &str) -> Result<u64, BadCapacity> {
        text.parse().map(|Capacity(bytes)| bytes)
    }

    fn amount(text: &str) -> Result<u128, BadAmount> {
        text.parse().map(|Neuro(plancks)| plancks)
    }

    #[test]
    fn a_neuro_has_as_many_decimals_as_is_said() {
        assert_eq!(NEURO, 10u128.pow(u32::from(NEURO_DECIMALS)));
    }

    #[test]
    fn sizes_are_read_as_people_write_them() {
        for (text, bytes) in [
            ("500GiB", 500 << 30),
            ("500 gib", 500 << 30),
            ("200MiB", 200 << 20),
            ("1.5KiB", 1536),
            ("1.5 GiB", 3 << 29),
            ("2TB", 2_000_000_000_000),
            ("700MB", 700_000_000),
            ("3k", 3_000),
            ("0", 0),
            ("5", 5),
            ("12345", 12_345),
            ("1048576", 1 << 20),
            ("7B", 7),
        ] {
            assert_eq!(text.parse(), Ok(Capacity(bytes)), "{text}");
        }
    }

    #[test]
    fn a_part_of_a_byte_is_left_out() {
        assert_eq!(size("0.3KiB"), Ok(307));
        assert_eq!(size("1.9"), Ok(1));
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
            "99999999999GiB",
            "1 000",
            "many",
        ] {
            assert!(text.parse::<Capacity>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_size_that_is_refused_says_why() {
        let why = |text| size(text).unwrap_err().to_string();
        assert!(why("5 parsec").contains("no unit"));
        assert!(why("99999999999999TiB").contains("too large"));
        assert!(why("GiB").contains("not a size"));
    }

    #[test]
    fn sizes_are_shown_in_the_unit_that_fits() {
        assert_eq!(Capacity(500 << 30).to_string(), "500 GiB");
        assert_eq!(Capacity(1536).to_string(), "1.5 KiB");
        assert_eq!(Capacity(3 << 19).to_string(), "1.5 MiB");
        assert_eq!(Capacity(7).to_string(), "7 B");
        assert_eq!(Capacity(u64::MAX).to_string(), "16777215.9 TiB");
    }

    #[test]
    fn only_whole_leaves_count() {
        assert_eq!(Capacity(2047).leaves(), 1);
        assert_eq!(Capacity(2048).leaves(), 2);
    }

    #[test]
    fn amounts_are_exact() {
        assert_eq!(amount("12.5"), Ok(12_500_000_000_000));
        assert_eq!(amount("0.000000000001 NEURO"), Ok(1));
        assert!(amount("0.0000000000001").is_err());
        assert!(amount("-1").is_err());
        assert!(amount(".").is_err());
        assert!(amount("1NEURONEURO").is_err());
        assert!(amount("340282366920938463463374607431768211456").is_err());
    }

    #[test]
    fn amounts_are_shown_to_the_last_planck() {
        assert_eq!(Neuro(0).to_string(), "0 NEURO");
        assert_eq!(Neuro(12_500_000_000_000).to_string(), "12.5 NEURO");
        assert_eq!(Neuro(1_500_000_000_000).to_string(), "1.5 NEURO");
        assert_eq!(Neuro(1).to_string(), "0.000000000001 NEURO");
        assert_eq!(Neuro(2 * NEURO).to_string(), "2 NEURO");
        assert_eq!(Neuro(3 * NEURO).to_string(), "3 NEURO");
    }

    #[test]
    fn what_is_shown_can_stand_in_a_column() {
        assert_eq!(format!("{:>9}", Neuro(NEURO)), "  1 NEURO");
        assert_eq!(format!("{:<8}|", Capacity(1536)), "1.5 KiB |");
    }

    proptest! {
        #[test]
        fn an_amount_that_is_shown_reads_back(plancks: u128) {
            prop_assert_eq!(amount(&Neuro(plancks).to_string()), Ok(plancks));
        }

        #[test]
        fn a_size_that_is_shown_reads_back_to_the_tenth(bytes: u64) {
            let again = size(&Capacity(bytes).to_string()).unwrap();
            prop_assert!(again <= bytes && bytes - again <= bytes / 10);
        }

        #[test]
        fn no_text_breaks_the_readers(text in ".{0,40}") {
            let _ = (size(&text), amount(&text));
        }
    }
}

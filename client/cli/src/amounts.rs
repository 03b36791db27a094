//! Sizes, amounts, ranges and times as people write and read them.

use std::time::Duration;

/// Plancks of a NEURO.
const NEURO: u128 = 1_000_000_000_000;
/// Digits after the point of a NEURO.
const DECIMALS: usize = 12;
/// Seconds of a block.
const BLOCK_SECONDS: u64 = 6;

/// Bytes from `first` to `last`, both included; to the end where `last` is `None`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ByteRange {
    pub(crate) first: u64,
    pub(crate) last: Option<u64>,
}

/// Reads `0-99` or `100-`.
pub(crate) fn parse_range(text: &str) -> Result<ByteRange, String> {
    let wrong = || format!("'{text}' is no range: expected FIRST-LAST or FIRST-");
    let (first, last) = text.split_once('-').ok_or_else(wrong)?;
    let number = |text: &str| text.parse::<u64>().map_err(|_| wrong());
    let range = ByteRange {
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

/// Reads `12345`, `700MB` (powers of 1,000) or `5GiB` (powers of 1,024).
pub(crate) fn parse_size(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let digits = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" => 1_000,
        "m" | "mb" => 1_000_000,
        "g" | "gb" => 1_000_000_000,
        "t" | "tb" => 1_000_000_000_000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        "tib" => 1 << 40,
        _ => return Err(format!("'{unit}' is no unit of size: try MB or GiB")),
    };
    let scaled = parse_decimal(number, u128::from(factor))
        .ok_or_else(|| format!("'{text}' is no size: try 12345, 700MB or 5GiB"))?;
    u64::try_from(scaled).map_err(|_| format!("'{text}' is too large"))
}

/// Reads an amount of NEURO into plancks.
pub(crate) fn parse_neuro(text: &str) -> Result<u128, String> {
    let number = text.trim().trim_end_matches("NEURO").trim();
    parse_decimal(number, NEURO).ok_or_else(|| {
        format!("'{text}' is no amount: expected a number with at most {DECIMALS} decimals")
    })
}

/// A decimal number times `scale`, where that is whole.
fn parse_decimal(text: &str, scale: u128) -> Option<u128> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if whole.is_empty() || fraction.len() > DECIMALS {
        return None;
    }
    let number = |text: &str| match text {
        "" => Some(0),
        text if text.bytes().all(|b| b.is_ascii_digit()) => text.parse::<u128>().ok(),
        _ => None,
    };
    let tens = 10u128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let scaled = number(fraction)?.checked_mul(scale)?;
    if scaled.checked_rem(tens)? != 0 {
        return None;
    }
    number(whole)?
        .checked_mul(scale)?
        .checked_add(scaled.checked_div(tens)?)
}

/// An amount of plancks in NEURO, without needless zeros.
pub(crate) fn neuro(plancks: u128) -> String {
    let (whole, rest) = (plancks / NEURO, plancks % NEURO);
    if rest == 0 {
        return format!("{whole} NEURO");
    }
    let fraction = format!("{rest:012}");
    format!("{whole}.{} NEURO", fraction.trim_end_matches('0'))
}

/// A number of bytes with a unit.
pub(crate) fn bytes(count: u64) -> String {
    indicatif::BinaryBytes(count).to_string()
}

/// How long so many blocks take.
pub(crate) fn blocks(count: u64) -> String {
    let took = Duration::from_secs(count.saturating_mul(BLOCK_SECONDS));
    indicatif::HumanDuration(took).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_with_both_kinds_of_units() {
        assert_eq!(parse_size("12345"), Ok(12_345));
        assert_eq!(parse_size("700MB"), Ok(700_000_000));
        assert_eq!(parse_size("1.5 GiB"), Ok(3 << 29));
        assert!(parse_size("5 parsec").unwrap_err().contains("no unit"));
        assert!(parse_size("GiB").is_err());
        assert!(parse_size("99999999999999TiB")
            .unwrap_err()
            .contains("too large"));
    }

    #[test]
    fn amounts_are_exact() {
        assert_eq!(parse_neuro("12.5"), Ok(12_500_000_000_000));
        assert_eq!(parse_neuro("0.000000000001 NEURO"), Ok(1));
        assert!(parse_neuro("0.0000000000001").is_err());
        assert!(parse_neuro("-1").is_err());
        assert!(parse_neuro(".").is_err());
        assert_eq!(neuro(12_500_000_000_000), "12.5 NEURO");
        assert_eq!(neuro(1), "0.000000000001 NEURO");
        assert_eq!(neuro(3 * NEURO), "3 NEURO");
    }

    #[test]
    fn a_range_counts_its_last_byte_in() {
        assert_eq!(
            parse_range("0-99"),
            Ok(ByteRange {
                first: 0,
                last: Some(99)
            })
        );
        assert_eq!(
            parse_range("100-"),
            Ok(ByteRange {
                first: 100,
                last: None
            })
        );
        for wrong in ["", "5", "9-3", "a-b", "-5"] {
            assert!(parse_range(wrong).is_err(), "{wrong}");
        }
    }
}

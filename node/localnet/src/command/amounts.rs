//! Sizes and amounts as people write and read them.

/// Plancks of a NEURO.
const NEURO: u128 = 1_000_000_000_000;

/// Reads `200MiB`, `1GiB`, `300MB` or a number of bytes.
pub(super) fn parse_size(text: &str) -> Result<u64, String> {
    let wrong = || format!("'{text}' is no size: write for example 200MiB or 1GiB");
    let digits = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor: u64 = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        _ => return Err(wrong()),
    };
    let number: u64 = number.parse().map_err(|_| wrong())?;
    number.checked_mul(factor).ok_or_else(wrong)
}

/// An amount of plancks in NEURO.
pub(super) fn neuro(plancks: u128) -> String {
    let (whole, rest) = (plancks / NEURO, plancks % NEURO);
    let fraction = format!("{rest:012}");
    match fraction.trim_end_matches('0') {
        "" => format!("{whole} NEURO"),
        fraction => format!("{whole}.{fraction} NEURO"),
    }
}

/// A number of bytes in MiB.
pub(super) fn mebibytes(bytes: u64) -> String {
    let tenths = bytes.saturating_mul(10) >> 20;
    format!("{}.{} MiB", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_with_their_units() {
        assert_eq!(parse_size("200MiB"), Ok(200 << 20));
        assert_eq!(parse_size("5"), Ok(5));
        assert!(parse_size("many").is_err());
        assert!(parse_size("99999999999GiB").is_err());
    }

    #[test]
    fn amounts_are_shown_to_the_last_planck() {
        assert_eq!(neuro(1_500_000_000_000), "1.5 NEURO");
        assert_eq!(neuro(2 * NEURO), "2 NEURO");
        assert_eq!(neuro(1), "0.000000000001 NEURO");
        assert_eq!(mebibytes(3 << 19), "1.5 MiB");
    }
}

//! Units of money and time.

/// An amount of NEURO, in plancks.
pub type Balance = u128;

/// Plancks of one NEURO: 12 decimals.
pub const NEURO: Balance = 1_000_000_000_000;
/// A thousandth NEURO.
pub const MILLI_NEURO: Balance = NEURO / 1_000;
/// A millionth NEURO.
pub const MICRO_NEURO: Balance = NEURO / 1_000_000;

/// Time between two blocks: half a tick.
pub const MILLISECONDS_PER_BLOCK: u64 = 6_000;
/// Blocks of a minute.
pub const MINUTES: u32 = 10;
/// Blocks of an hour.
pub const HOURS: u32 = 60 * MINUTES;
/// Blocks of a day.
pub const DAYS: u32 = 24 * HOURS;

const _: () = assert!(MINUTES as u64 * MILLISECONDS_PER_BLOCK == 60_000);

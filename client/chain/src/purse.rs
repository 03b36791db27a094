//! What an account has.

use subxt::ext::scale_decode::DecodeAsType;

use crate::Balance;

/// The purse of an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccountState {
    /// Transactions sent so far.
    pub nonce: u32,
    /// What it can spend, apart from locks.
    pub free: Balance,
    /// What is held: rent of open reservations, deposits, bonds.
    pub held: Balance,
    /// The part of the free balance that locks keep from being spent.
    pub frozen: Balance,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub(crate) struct StoredAccount {
    nonce: u32,
    data: StoredBalances,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct StoredBalances {
    free: u128,
    reserved: u128,
    frozen: u128,
}

impl From<StoredAccount> for AccountState {
    fn from(stored: StoredAccount) -> Self {
        Self {
            nonce: stored.nonce,
            free: stored.data.free,
            held: stored.data.reserved,
            frozen: stored.data.frozen,
        }
    }
}

//! Storage items and constants that are read beside the runtime APIs.

use sp_crypto_hashing::twox_128;

use super::{Name, Pallet};

/// A storage item of the runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StorageItem {
    /// The purse of an account.
    Account,
    /// What the calls and hooks of a block were charged.
    BlockWeight,
    /// The time that the author of a block gave it.
    Now,
}

impl StorageItem {
    /// Every storage item that this crate reads.
    pub const ALL: [Self; 3] = [Self::Account, Self::BlockWeight, Self::Now];

    /// Its name.
    pub const fn name(self) -> Name {
        let (pallet, name) = match self {
            Self::Account => (Pallet::System, "Account"),
            Self::BlockWeight => (Pallet::System, "BlockWeight"),
            Self::Now => (Pallet::Timestamp, "Now"),
        };
        Name { pallet, name }
    }

    /// Where the state keeps it: the whole key of a single value, the first part of every key of a
    /// map.
    pub fn prefix(self) -> [u8; 32] {
        let Name { pallet, name } = self.name();
        let mut key = [0; 32];
        key[..16].copy_from_slice(&twox_128(pallet.name().as_bytes()));
        key[16..].copy_from_slice(&twox_128(name.as_bytes()));
        key
    }
}

/// A constant of the runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Constant {
    /// What blocks and their parts may cost.
    BlockWeights,
}

impl Constant {
    /// Every constant that this crate reads.
    pub const ALL: [Self; 1] = [Self::BlockWeights];

    /// Its name.
    pub const fn name(self) -> Name {
        match self {
            Self::BlockWeights => Name {
                pallet: Pallet::System,
                name: "BlockWeights",
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_a_block_stands_where_every_chain_with_the_pallet_keeps_it() {
        let key = hex::encode(StorageItem::Now.prefix());
        assert_eq!(
            key,
            "f0c365c3cf59d671eb72da0e7a4113c49f1f0515f462cdcf84e0f1d6045dfcbb"
        );
    }
}

//! Pallets, and names inside them.

use std::fmt;

/// Writes an enum of names with the list of all of them.
macro_rules! pallets {
    ($($(#[$doc:meta])* $pallet:ident),* $(,)?) => {
        /// A pallet of the runtime.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Pallet { $($(#[$doc])* $pallet),* }

        impl Pallet {
            /// Every pallet that this crate knows.
            pub const ALL: &'static [Self] = &[$(Self::$pallet),*];

            /// Its name in the metadata.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$pallet => stringify!($pallet)),* }
            }
        }
    };
}

pallets! {
    /// Blocks, accounts, failed transactions.
    System,
    /// The time of blocks.
    Timestamp,
    /// Purses and transfers.
    Balances,
    /// Fees.
    TransactionPayment,
    /// Several calls in one.
    Utility,
    /// The superuser of development chains.
    Sudo,
    /// The registry of storage nodes.
    StorageNodes,
    /// Rent, earnings and what is paid out.
    Payments,
    /// Reservations, segments and agreements.
    Placement,
    /// Challenges and proofs.
    Spacetime,
}

impl fmt::Display for Pallet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name inside a pallet, shown as `Placement.reserve`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Name {
    /// The pallet.
    pub pallet: Pallet,
    /// The name of the call, event, storage item or constant in it.
    pub name: &'static str,
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.pallet, self.name)
    }
}

//! Calls that this crate makes.

use std::fmt;

use super::{Name, Pallet};

/// Writes the enum of calls and their names.
macro_rules! calls {
    ($($(#[$doc:meta])* $call:ident = $pallet:ident.$name:ident),* $(,)?) => {
        /// A call that this crate makes, shown as `Placement.reserve`. Its arguments stand with
        /// the functions of [`Call`](crate::Call).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum CallName { $($(#[$doc])* $call),* }

        impl CallName {
            /// Every call that this crate makes.
            pub const ALL: &'static [Self] = &[$(Self::$call),*];

            /// Its name.
            pub const fn name(self) -> Name {
                match self {
                    $(Self::$call => Name {
                        pallet: Pallet::$pallet,
                        name: stringify!($name),
                    }),*
                }
            }
        }
    };
}

calls! {
    /// NEURO for another account.
    Transfer = Balances.transfer_keep_alive,
    /// Several calls of which all take effect or none.
    BatchAll = Utility.batch_all,
    /// A call as the superuser.
    Sudo = Sudo.sudo,
    /// A new node.
    Register = StorageNodes.register,
    /// Another capacity of a node.
    SetCapacity = StorageNodes.set_capacity,
    /// A node's earnings for its operator.
    Withdraw = Payments.withdraw,
    /// Fifteen nodes for a segment.
    Reserve = Placement.reserve,
    /// The receipts that make a reservation a segment.
    Commit = Placement.commit,
    /// A reservation given back.
    Cancel = Placement.cancel,
    /// Another node for a slot.
    Redraw = Placement.redraw,
    /// More time for a segment.
    Extend = Placement.extend,
    /// The end of an agreement.
    DropAgreement = Placement.drop_agreement,
    /// The answer to a challenge.
    SubmitProof = Spacetime.submit_proof,
}

impl fmt::Display for CallName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name().fmt(f)
    }
}

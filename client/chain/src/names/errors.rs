//! Errors of pallets: why the runtime refused a call.

use std::fmt;

use super::Pallet;

/// Writes an enum of errors for each pallet, and [`PalletError`] over all of them.
macro_rules! errors {
    ($($(#[$doc:meta])* $pallet:ident => $errors:ident { $($error:ident),* $(,)? })*) => {
        $(
            $(#[$doc])*
            ///
            /// What each of them means is documented in the pallet, and comes along with a refusal.
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
            #[non_exhaustive]
            pub enum $errors {
                $(
                    #[doc = concat!("`", stringify!($pallet), "::", stringify!($error), "`.")]
                    $error
                ),*
            }

            impl $errors {
                /// Every error that this crate knows of the pallet.
                pub const ALL: &'static [Self] = &[$(Self::$error),*];

                /// Its name in the metadata.
                pub const fn name(self) -> &'static str {
                    match self { $(Self::$error => stringify!($error)),* }
                }
            }

            impl From<$errors> for PalletError {
                fn from(error: $errors) -> Self {
                    Self::$pallet(error)
                }
            }
        )*

        /// The error with which a pallet refused a call.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum PalletError {
            $(
                #[doc = concat!("An error of the pallet `", stringify!($pallet), "`.")]
                $pallet($errors),
            )*
            /// An error that this version does not know.
            Other {
                /// The pallet.
                pallet: String,
                /// Name of the error.
                name: String,
            },
        }

        impl PalletError {
            /// The error that the chain calls by this name.
            pub fn named(pallet: &str, name: &str) -> Self {
                $(
                    if pallet == Pallet::$pallet.name() {
                        let mut known = $errors::ALL.iter();
                        if let Some(error) = known.find(|error| error.name() == name) {
                            return Self::$pallet(*error);
                        }
                    }
                )*
                Self::Other {
                    pallet: pallet.into(),
                    name: name.into(),
                }
            }

            /// Every error that this crate knows.
            pub fn known() -> Vec<Self> {
                let mut all = Vec::new();
                $(all.extend($errors::ALL.iter().copied().map(Self::$pallet));)*
                all
            }

            /// The pallet's name in the metadata.
            pub fn pallet(&self) -> &str {
                match self {
                    $(Self::$pallet(_) => Pallet::$pallet.name(),)*
                    Self::Other { pallet, .. } => pallet,
                }
            }

            /// The error's name in the metadata.
            pub fn name(&self) -> &str {
                match self {
                    $(Self::$pallet(error) => error.name(),)*
                    Self::Other { name, .. } => name,
                }
            }
        }
    };
}

errors! {
    /// Why a transfer or a hold was refused: the one error that says there is too little.
    Balances => BalancesError { InsufficientBalance }

    /// Why the registry of storage nodes refused a call.
    StorageNodes => StorageNodesError {
        CountryMalformed, CapacityTooSmall, CapacityTooLarge, CapacityBelowUse,
        AccountTaken, PeerKeyTaken, BadPeerProof, BadAccountProof,
        TooManyNodes, NoWindowFree, UnknownNode, NotOperator,
    }

    /// Why money was not paid out, or a price not set.
    Payments => PaymentsError {
        UnknownNode, NotOperator, NothingToWithdraw, PriceTooHigh, MoreThanUnspentRent,
    }

    /// Why a call on a reservation, a segment or an agreement was refused.
    Placement => PlacementError {
        CiphertextTooLong, WindowsOutOfRange, TooManyReservations, DrawQueueFull, LapsesFull,
        UnknownReservation, NotOwner, NotDrawn, NoRedrawLeft, RedrawPending,
        ReceiptCount, RootNotCanonical, BadReceipt, SegmentExists, EndingsFull,
        UnknownAgreement,
    }

    /// Why an answer, or a call on circuits and their keys, was refused.
    Spacetime => SpacetimeError {
        UnknownNode, NoOpenChallenge, WrongWindow, OtherChallenge, AnswerTooLate,
        AlreadyProven, AlreadyAnswered, UnknownCircuit, ProofLength, ProofMalformed, ProofRejected,
        CircuitOutOfRange, KeyNotAdmitted, DevelopmentKeyRefused, CircuitInUse, CircuitRetired,
        CircuitNotYetActive, RefusedTooOften, KeyUnreadable, CircuitSuspended, CircuitNotSuspended,
        KeyLost,
    }
}

impl fmt::Display for PalletError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.pallet(), self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_error_is_found_by_its_own_name() {
        for error in PalletError::known() {
            assert_eq!(PalletError::named(error.pallet(), error.name()), error);
        }
    }

    #[test]
    fn an_error_of_one_pallet_is_not_that_of_another_with_the_same_name() {
        let placement = PalletError::named("Placement", "NotDrawn");
        assert_eq!(placement, PlacementError::NotDrawn.into());
        assert_ne!(
            PalletError::named("Payments", "UnknownNode"),
            SpacetimeError::UnknownNode.into()
        );
    }

    #[test]
    fn an_unknown_error_keeps_its_words() {
        for (pallet, name) in [("Placement", "Novel"), ("Bridge", "NotDrawn")] {
            let error = PalletError::named(pallet, name);
            assert!(matches!(error, PalletError::Other { .. }));
            assert_eq!((error.pallet(), error.name()), (pallet, name));
        }
    }
}

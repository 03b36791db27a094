//! Numbers that cannot be too great.

/// A number of one byte that is at most `$greatest`: there is no way to make a greater one, and
/// none decodes.
macro_rules! bounded_number {
    ($(#[$doc:meta])* $name:ident(0..=$greatest:expr), $refusal:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(Encode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
        #[cfg_attr(feature = "std", derive(serde::Serialize))]
        pub struct $name(u8);

        impl $name {
            /// The one with this number, or `None` above the greatest.
            pub const fn new(number: u8) -> Option<Self> {
                if number <= $greatest {
                    Some(Self(number))
                } else {
                    None
                }
            }

            /// Its number.
            pub const fn get(self) -> u8 {
                self.0
            }

            /// Its number, for indexing.
            pub const fn index(self) -> usize {
                self.0 as usize
            }

            /// All of them from the first to the last.
            pub fn all() -> impl DoubleEndedIterator<Item = Self> {
                (0..=$greatest).map(Self)
            }
        }

        impl Decode for $name {
            fn decode<I: codec::Input>(input: &mut I) -> Result<Self, codec::Error> {
                Self::new(u8::decode(input)?).ok_or_else(|| $refusal.into())
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                core::fmt::Display::fmt(&self.0, f)
            }
        }
    };
}

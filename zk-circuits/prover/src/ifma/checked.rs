//! [`Lanes`] that know no numbers but the range of each, and panic where an operation could leave
//! what it can take. What passes here passes for all inputs within the same ranges.

// What is cast is below what it is cast to, or an assertion before it has failed.
#![allow(clippy::cast_possible_truncation)]

use super::{
    coordinate::{Coordinate, Extended},
    field::{top_of_tenths, Element},
    lanes::{Lanes, LANES, LIMB_MASK},
    prime::{Base, Order, Prime, LIMBS},
    transform::{apart, together},
};

/// All numbers from the first to the last.
#[derive(Clone, Copy, Debug)]
struct Range(u64, u64);

impl Lanes for Range {
    type Proof = ();

    fn splat((): (), word: u64) -> Self {
        Self(word, word)
    }

    fn load((): (), words: &[u64; LANES]) -> Self {
        Self(*words.iter().min().unwrap(), *words.iter().max().unwrap())
    }

    fn store(self) -> [u64; LANES] {
        [self.1; LANES]
    }

    fn plus(self, other: Self) -> Self {
        let sum = self.1.checked_add(other.1);
        Self(self.0 + other.0, sum.expect("the sum fits"))
    }

    fn minus(self, other: Self) -> Self {
        let least = self.0.checked_sub(other.1);
        Self(least.expect("nothing is negative"), self.1 - other.0)
    }

    fn right<const BY: u32>(self) -> Self {
        Self(self.0 >> BY, self.1 >> BY)
    }

    fn left<const BY: u32>(self) -> Self {
        Self(0, u64::MAX << BY)
    }

    fn or(self, other: Self) -> Self {
        let bits = u64::BITS - (self.1 | other.1).leading_zeros();
        Self(0, u64::MAX.checked_shr(u64::BITS - bits).unwrap_or(0))
    }

    fn low(self) -> Self {
        if self.1 > LIMB_MASK {
            Self(0, LIMB_MASK)
        } else {
            self
        }
    }

    fn add_low(self, a: Self, b: Self) -> Self {
        assert!(a.1 <= LIMB_MASK && b.1 <= LIMB_MASK, "factors are limbs");
        let product = u128::from(a.1) * u128::from(b.1);
        let most = u64::try_from(product).unwrap_or(u64::MAX).min(LIMB_MASK);
        self.plus(Self(0, most))
    }

    fn add_high(self, a: Self, b: Self) -> Self {
        assert!(a.1 <= LIMB_MASK && b.1 <= LIMB_MASK, "factors are limbs");
        let high = |a: u64, b: u64| ((u128::from(a) * u128::from(b)) >> 52) as u64;
        self.plus(Self(high(a.0, b.0), high(a.1, b.1)))
    }

    fn add_low_of(self, a: Self, b: Self) -> Self {
        self.add_low(a.low(), b)
    }

    fn look_up(self, table: &[u64; LANES]) -> Self {
        assert!(self.1 < LANES as u64, "the table has the number");
        let found = &table[self.0 as usize..=self.1 as usize];
        Self(*found.iter().min().unwrap(), *found.iter().max().unwrap())
    }

    fn replaced(self, _: u8, other: Self) -> Self {
        Self(self.0.min(other.0), self.1.max(other.1))
    }

    fn transpose(rows: [Self; LANES]) -> [Self; LANES] {
        let all = rows.into_iter().reduce(|a, b| a.replaced(0, b));
        [all.unwrap(); LANES]
    }

    fn prefetch((): (), _: &[u64; LANES]) {}
}

/// Any coordinate below `tenths / 10` times the prime.
fn below(tenths: u64) -> Element<Range, Base> {
    any_below(tenths)
}

/// Any element below `tenths / 10` times the prime. The two primes have the same highest limb.
fn any_below<P: Prime>(tenths: u64) -> Element<Range, P> {
    assert_eq!(P::MODULUS[LIMBS - 1], Base::MODULUS[LIMBS - 1]);
    let mut limbs = [Range(0, LIMB_MASK); LIMBS];
    limbs[LIMBS - 1] = Range(0, top_of_tenths(tenths));
    Element::of_limbs(limbs)
}

/// Packs an element, of which four words hold all.
fn pack(element: Element<Range, Base>) {
    assert!(element.top().1 < 1 << 48, "an element below 2^256");
    let _ = element.pack();
}

#[test]
fn no_limb_of_a_coordinate_overflows_within_the_bounds_that_are_stated() {
    let (read, product) = (below(11), below(19));
    for factor in [read, product, below(61)] {
        pack(factor.times((), product));
        let _ = factor.minus((), below(39)).times((), product);
    }
    let _ = below(61).times_plus((), product, below(61), below(20));
    let _ = product.square(());
    let _ = product.opposite(());
    // That this is below 1.1 is proven with `settled`, and not by ranges.
    let _ = below(79).settled(()).pack();
    pack(below(11));
    pack(product);
    let _ = Element::<Range, Base>::unpack([Range(0, u64::MAX); 4]).times((), product);
}

#[test]
fn the_extension_stays_within_the_bounds_of_its_field() {
    let wide = Extended::of(below(61), below(61));
    let product = Extended::of(below(19), below(19));
    let _ = wide.times((), product);
    let _ = product.square(());
    let _ = product.opposite_in((), 0xff);
    let _ = product.minus((), Extended::of(below(39), below(39)));
}

#[test]
fn the_stages_of_a_transform_stay_within_the_bounds_that_are_stated() {
    // What stages read, and the twiddles, which are stored as they are.
    let (read, twiddle) = (any_below::<Order>(12), any_below::<Order>(10));
    let [_, difference] = apart((), read, read);
    assert!(difference.top().1 <= top_of_tenths(52));
    let _ = difference.settled(());
    let _ = together((), read, read);
    // The next stage reads it again.
    for product in [difference.times((), twiddle), read.times((), twiddle)] {
        assert!(product.top().1 <= top_of_tenths(12));
    }
}

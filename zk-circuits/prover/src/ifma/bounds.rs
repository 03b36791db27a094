//! The bounds that are stated, proven: arithmetic on ranges passes for all inputs within them.

use neurostore_lanes::{Checked, LIMB_MASK};

use super::{
    coordinate::{Coordinate, Extended},
    field::{top_of_tenths, Element},
    prime::{Base, Order, Prime, LIMBS},
    transform::{apart, together},
};

/// Any coordinate below `tenths / 10` times the prime.
fn below(tenths: u64) -> Element<Checked, Base> {
    any_below(tenths)
}

/// Any element below `tenths / 10` times the prime. The two primes have the same highest limb.
fn any_below<P: Prime>(tenths: u64) -> Element<Checked, P> {
    assert_eq!(P::MODULUS[LIMBS - 1], Base::MODULUS[LIMBS - 1]);
    let mut limbs = [Checked::between(0, LIMB_MASK); LIMBS];
    limbs[LIMBS - 1] = Checked::between(0, top_of_tenths(tenths));
    Element::of_limbs(limbs)
}

/// Packs an element, of which four words hold all.
fn pack(element: Element<Checked, Base>) {
    assert!(element.top().most() < 1 << 48, "an element below 2^256");
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
    let _ = Element::<Checked, Base>::unpack([Checked::between(0, u64::MAX); 4]).times((), product);
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
    assert!(difference.top().most() <= top_of_tenths(52));
    let _ = difference.settled(());
    let _ = together((), read, read);
    // The next stage reads it again.
    for product in [difference.times((), twiddle), read.times((), twiddle)] {
        assert!(product.top().most() <= top_of_tenths(12));
    }
}

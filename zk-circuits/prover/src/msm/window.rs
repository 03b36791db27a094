//! One window: the same bits of every scalar.

use ark_ec::short_weierstrass::Projective;
use ark_ff::AdditiveGroup;

use super::{
    adder::{Adder, Reference},
    fold::{Entry, Fold},
    Integer,
};

/// Some bits of every scalar, read as a signed digit: the bits from `from` on, one more where the
/// bit below them is set, and `2^bits` less where their highest is. The digits of all windows,
/// each times `2^from`, add up to the scalar.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    pub(super) bits: u32,
    pub(super) from: u32,
}

impl Window {
    /// The sum of all points times their digits.
    pub(super) fn sum<A: Adder>(
        self,
        adder: A,
        points: &[A::Point],
        places: &[u32],
        scalars: &[Integer],
    ) -> Projective<A::Curve> {
        let sorted = self.sort(places, scalars);
        let mut fold = Fold::new();
        let mut buckets = Vec::new();
        for block in sorted.blocks() {
            fold.clear();
            fold.entries.extend(block);
            fold.all(adder, points);
            for entry in &fold.entries {
                buckets.push((entry.key, fold.point(adder, points, entry)));
            }
        }
        weigh(adder, fold, &buckets)
    }

    /// The digit of a scalar.
    fn digit(self, Integer { 0: words }: &Integer) -> i32 {
        // One bit more, below the window; nothing is below the first.
        let (from, up) = match self.from.checked_sub(1) {
            Some(from) => (from, 0),
            None => (0, 1),
        };
        let (word, bit) = ((from / u64::BITS) as usize, from % u64::BITS);
        let low = words.get(word).copied().unwrap_or(0) >> bit;
        let above = words.get(word.saturating_add(1)).copied().unwrap_or(0);
        let high = above
            .checked_shl(u64::BITS.saturating_sub(bit))
            .unwrap_or(0);
        let mask = (1u64 << self.bits << 1).saturating_sub(1);
        let bits = ((low | high) << up) & mask;
        // At most 2^17: far from where an i32 ends.
        let magnitude = (bits >> 1).saturating_add(bits & 1);
        let sign = (bits >> self.bits) << self.bits;
        i32::try_from(magnitude).unwrap_or(0) - i32::try_from(sign).unwrap_or(0)
    }

    /// Sorts the points by the magnitude of their digits.
    fn sort(self, places: &[u32], scalars: &[Integer]) -> Sorted {
        let digits = || {
            let scalars = places.iter().map(|place| scalars.get(*place as usize));
            scalars.map(|scalar| scalar.map_or(0, |scalar| self.digit(scalar)))
        };
        // A digit is at most 2^(bits - 1); one place more for where the last bucket ends.
        let mut ends = vec![0u32; (1 << (self.bits - 1)) + 2];
        for digit in digits() {
            if let Some(count) = ends.get_mut(digit.unsigned_abs() as usize + 1) {
                *count += 1;
            }
        }
        let mut sum = 0u32;
        for end in &mut ends {
            sum += *end;
            *end = sum;
        }
        // Now every place says where the bucket begins; filling it moves that to where it ends.
        let mut points = vec![Reference::new(0, false); sum as usize];
        for (index, digit) in digits().enumerate() {
            let Some(end) = ends.get_mut(digit.unsigned_abs() as usize) else {
                continue;
            };
            if let Some(point) = points.get_mut(*end as usize) {
                *point = Reference::new(index, digit < 0);
            }
            *end += 1;
        }
        Sorted { points, ends }
    }
}

/// Points by the magnitude of their digits.
#[derive(Debug)]
struct Sorted {
    points: Vec<Reference>,
    /// Where the points of each magnitude end.
    ends: Vec<u32>,
}

impl Sorted {
    /// The entries of all buckets but the one of zero, in blocks of whole buckets.
    fn blocks(&self) -> impl Iterator<Item = Vec<Entry>> + '_ {
        let mut buckets = (0u32..).zip(self.ends.windows(2));
        std::iter::from_fn(move || {
            let mut block = Vec::with_capacity(BLOCK);
            for (below, ends) in buckets.by_ref() {
                let &[from, to] = ends else { continue };
                let points = self.points.get(from as usize..to as usize);
                block.extend(points.unwrap_or_default().iter().map(|point| Entry {
                    key: below + 1,
                    point: *point,
                }));
                if block.len() >= BLOCK {
                    break;
                }
            }
            (!block.is_empty()).then_some(block)
        })
    }
}

/// Points whose buckets are added up together: large enough for full batches, small enough that
/// what is computed of them stays in the cache.
const BLOCK: usize = 1 << 14;

/// The sum of all buckets times their keys.
///
/// With `k = 2 h + b`, the sum of `k B` is twice the sum of `h B` plus the sum of those with an
/// odd key; and of what is left of the keys, neighbours are equal and can be added.
fn weigh<A: Adder>(
    adder: A,
    mut fold: Fold<A::Point>,
    buckets: &[(u32, A::Point)],
) -> Projective<A::Curve> {
    let known: Vec<A::Point> = buckets.iter().map(|(_, point)| *point).collect();
    fold.clear();
    let entries = buckets.iter().enumerate().map(|(index, (key, _))| Entry {
        key: *key,
        point: Reference::new(index, false),
    });
    fold.entries.extend(entries);
    let mut odd = Vec::new();
    let mut level = 0;
    while !fold.entries.is_empty() {
        for entry in &mut fold.entries {
            if entry.key & 1 == 1 {
                odd.push(Entry {
                    key: level,
                    point: entry.point,
                });
            }
            entry.key >>= 1;
        }
        fold.entries.retain(|entry| entry.key > 0);
        fold.once(adder, &known);
        level += 1;
    }
    std::mem::swap(&mut fold.entries, &mut odd);
    fold.all(adder, &known);

    let mut total = Projective::ZERO;
    let mut sums = fold.entries.iter().rev().peekable();
    for level in (0..level).rev() {
        total.double_in_place();
        if let Some(entry) = sums.next_if(|entry| entry.key == level) {
            total += adder.leave(&fold.point(adder, &known, entry));
        }
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_bn254::Fr;
    use ark_ff::{BigInteger, Field, PrimeField, UniformRand};

    #[test]
    fn digits_add_up_to_the_scalar() {
        let mut rng = ark_std::test_rng();
        let mut scalars: Vec<Fr> = (0..50).map(|_| Fr::rand(&mut rng)).collect();
        scalars.extend([Fr::ZERO, Fr::ONE, -Fr::ONE, -Fr::from(2u8)]);
        for bits in 2..=17 {
            for scalar in &scalars {
                let mut sum = Fr::ZERO;
                for number in 0..=Fr::MODULUS_BIT_SIZE / bits {
                    let from = number * bits;
                    let digit = Window { bits, from }.digit(&scalar.into_bigint());
                    assert!(digit.unsigned_abs() <= 1 << (bits - 1));
                    sum += Fr::from(digit) * Fr::from(2u8).pow([u64::from(from)]);
                }
                assert_eq!(sum, *scalar, "{bits} bits");
            }
        }
        assert!(Fr::MODULUS.num_bits() == Fr::MODULUS_BIT_SIZE);
    }
}

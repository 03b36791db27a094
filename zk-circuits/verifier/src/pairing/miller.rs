//! Miller's loop (Miller, "The Weil Pairing, and Its Efficient Calculation", 2004) as the optimal ate
//! pairing has it (Vercauteren, "Optimal Pairings", eprint 2008/096). The lines of points that are
//! paired again and again are kept (Costello and Stebila, "Fixed Argument Pairings", eprint
//! 2010/342).

use alloc::vec::Vec;

use super::lines::{advance, steps, Line, Step, Walk};
use crate::{
    curve::{Affine, Jacobian},
    field::{invert_all, Coordinate, Fp, Fp12, Fp2},
};

/// What lines are evaluated at a point of the base field's curve with: x / y and 1 / y.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scaled {
    x_over_y: Fp,
    one_over_y: Fp,
}

impl Scaled {
    /// The same for points as they come out of additions: `None` for those at infinity, whose
    /// pairings are one. All share one inversion.
    pub(crate) fn all(points: &[Jacobian<Fp>]) -> Vec<Option<Self>> {
        // y is z^3 times the true y, and zero for no point: both curves have odd order.
        let mut inverses: Vec<Fp> = points.iter().map(|point| point.y).collect();
        invert_all(&mut inverses);
        let scaled = |(point, inverse): (&Jacobian<Fp>, &Fp)| {
            let z_square = point.z.square();
            (!point.is_identity()).then(|| Self {
                x_over_y: point.x.times(&point.z).times(inverse),
                one_over_y: z_square.times(&point.z).times(inverse),
            })
        };
        points.iter().zip(&inverses).map(scaled).collect()
    }

    fn evaluate(&self, line: &Line, product: &mut Fp12) {
        *product = product.times_line(
            &line.slope_negated.scale(&self.x_over_y),
            &line.offset.scale(&self.one_over_y),
        );
    }
}

/// All lines of a point of the twist, for points that are paired again and again.
pub(crate) fn lines_of(point: &Affine<Fp2>) -> Vec<Line> {
    let mut walks = [Walk::from(*point)];
    steps().flat_map(|step| advance(&mut walks, step)).collect()
}

/// The product of the pairings of these pairs, and of these points with points whose lines are
/// known, before the final exponentiation.
///
/// The squarings are shared by all pairs.
pub(crate) fn miller_loop(pairs: &[(Scaled, Affine<Fp2>)], known: &[(Scaled, &[Line])]) -> Fp12 {
    let mut walks: Vec<Walk> = pairs.iter().map(|(_, point)| Walk::from(*point)).collect();
    let mut known: Vec<_> = known.iter().map(|(at, lines)| (at, lines.iter())).collect();
    let mut product = Fp12::ONE;
    for step in steps() {
        if step == Step::Double {
            product = product.square();
        }
        for ((at, _), line) in pairs.iter().zip(advance(&mut walks, step)) {
            at.evaluate(&line, &mut product);
        }
        for (at, lines) in &mut known {
            if let Some(line) = lines.next() {
                at.evaluate(line, &mut product);
            }
        }
    }
    product
}

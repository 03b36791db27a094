//! The quotient (A B - C) / Z, where A and B run through the factors of the constraints and C
//! through their products.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, FftField, Field};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use neurostore_circuit::Assignment;
use neurostore_keys::{ProvingKey, Reduction};
use rayon::prelude::*;

use neurostore_lanes::Backend;

/// The way to the quotients of one key.
#[derive(Debug)]
pub(crate) enum Quotients {
    /// With the transforms of arkworks.
    Portable(Reduction),
    /// In lanes.
    #[cfg(target_arch = "x86_64")]
    Lanes(Box<crate::ifma::Quotients>),
}

impl Quotients {
    /// Prepares the way.
    pub(crate) fn new(key: &ProvingKey, backend: Backend) -> Self {
        #[cfg(target_arch = "x86_64")]
        if let Backend::Ifma(ifma) = backend {
            // A quotient has as many coefficients as the domain has points, or one fewer.
            let size = key.quotient.len().next_power_of_two();
            let lanes = crate::ifma::Quotients::new(ifma, size, key.reduction);
            if let Some(lanes) = lanes {
                return Self::Lanes(Box::new(lanes));
            }
        }
        Self::Portable(key.reduction)
    }

    /// The quotient of an assignment, or `None` where there is no domain for it: the field has none
    /// of its size, or the key is for a smaller one.
    pub(crate) fn of(&self, assignment: &Assignment) -> Option<Vec<Fr>> {
        match self {
            Self::Portable(reduction) => quotient(assignment, *reduction),
            #[cfg(target_arch = "x86_64")]
            Self::Lanes(quotients) => quotients.of(assignment),
        }
    }
}

/// The quotient in the form that the key takes, or `None` where the field has no domain of its
/// size.
///
/// On a coset of the domain Z is one constant, and A and B, interpolated on the domain, are
/// evaluated there. [`Reduction::Circom`] wants A B - C on the coset of a root of the domain of
/// twice the size. [`Reduction::Libsnark`] wants coefficients: A B, interpolated on any coset, is
/// C plus Z times the quotient, coefficient by coefficient.
fn quotient(assignment: &Assignment, reduction: Reduction) -> Option<Vec<Fr>> {
    // After the constraints, one row for each instance column keeps the inputs independent.
    let inputs = [Fr::ONE, assignment.public()];
    let rows = assignment.left().len().checked_add(inputs.len())?;
    let domain = Radix2EvaluationDomain::<Fr>::new(rows)?;
    let shift = match reduction {
        Reduction::Libsnark => Fr::GENERATOR,
        Reduction::Circom => {
            Radix2EvaluationDomain::<Fr>::new(domain.size().checked_mul(2)?)?.group_gen
        }
    };
    let coset = domain.get_coset(shift)?;

    let mut left = assignment.left().to_vec();
    left.extend(inputs);
    left.resize(domain.size(), Fr::ZERO);
    let mut right = assignment.right().to_vec();
    right.resize(domain.size(), Fr::ZERO);
    let mut product: Vec<Fr> = left.par_iter().zip(&right).map(|(a, b)| *a * b).collect();

    domain.ifft_in_place(&mut product);
    for factor in [&mut left, &mut right] {
        domain.ifft_in_place(factor);
        coset.fft_in_place(factor);
    }
    left.par_iter_mut().zip(&right).for_each(|(a, b)| *a *= b);
    match reduction {
        Reduction::Libsnark => {
            coset.ifft_in_place(&mut left);
            let vanishing = domain.evaluate_vanishing_polynomial(shift).inverse()?;
            left.par_iter_mut().zip(&product).for_each(|(ab, c)| {
                *ab -= c;
                *ab *= vanishing;
            });
        }
        Reduction::Circom => {
            coset.fft_in_place(&mut product);
            left.par_iter_mut()
                .zip(&product)
                .for_each(|(ab, c)| *ab -= c);
        }
    }
    Some(left)
}

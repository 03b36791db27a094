//! The committed development keys.

use neurostore_primitives::{CircuitId, SAMPLES_DEVELOPMENT, SAMPLES_MEDIUM, SAMPLES_PRODUCTION};

use crate::points::{G1_BYTES, G2_BYTES};

/// The bits of a point's last byte that are no part of its x coordinate.
const FLAGS: u8 = 0xc0;

static CIRCUIT_4: &[u8] = include_bytes!("../keys/4.vk");
static CIRCUIT_24: &[u8] = include_bytes!("../keys/24.vk");
static CIRCUIT_48: &[u8] = include_bytes!("../keys/48.vk");

/// The development verifying key of a circuit, or `None` where there is none.
///
/// Their trapdoor follows from a public seed: whoever reads the source can prove anything under
/// them. `neurostore-setup` regenerates them, and its tests compare.
pub fn development_key(circuit: CircuitId) -> Option<&'static [u8]> {
    match circuit.0 {
        SAMPLES_DEVELOPMENT => Some(CIRCUIT_4),
        SAMPLES_MEDIUM => Some(CIRCUIT_24),
        SAMPLES_PRODUCTION => Some(CIRCUIT_48),
        _ => None,
    }
}

/// Whether this is a development key or made from one: whether it shares alpha, beta or gamma with
/// any of them, up to the sign.
///
/// The secrets of those three are public. Whoever keeps one and replaces the rest, delta above
/// all, by points of their own has another key, under which they can prove anything just as well.
/// The key of a ceremony shares none: alpha and beta are drawn anew, and its gamma is the
/// generator, which is the gamma of no development key.
///
/// Only encodings are compared, so this says nothing of bytes that [`crate::admit`] refuses.
pub fn is_development_key(bytes: &[u8]) -> bool {
    let Some(key) = Secrets::of(bytes) else {
        return false;
    };
    [CIRCUIT_4, CIRCUIT_24, CIRCUIT_48]
        .into_iter()
        .filter_map(Secrets::of)
        .any(|known| key.shares_one_with(&known))
}

/// The points of a key whose secrets the first phase of a set-up draws: their x coordinates, which
/// a point has in common with its negative.
struct Secrets {
    alpha: [u8; G1_BYTES],
    beta: [u8; G2_BYTES],
    gamma: [u8; G2_BYTES],
}

impl Secrets {
    /// `None` where the bytes end before the third.
    fn of(key: &[u8]) -> Option<Self> {
        let (alpha, rest) = key.split_first_chunk()?;
        let (beta, rest) = rest.split_first_chunk()?;
        let (gamma, _) = rest.split_first_chunk()?;
        Some(Self {
            alpha: without_flags(alpha),
            beta: without_flags(beta),
            gamma: without_flags(gamma),
        })
    }

    fn shares_one_with(&self, other: &Self) -> bool {
        self.alpha == other.alpha || self.beta == other.beta || self.gamma == other.gamma
    }
}

fn without_flags<const N: usize>(point: &[u8; N]) -> [u8; N] {
    let mut x = *point;
    if let Some(last) = x.last_mut() {
        *last &= !FLAGS;
    }
    x
}

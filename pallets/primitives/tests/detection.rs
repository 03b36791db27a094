//! Nodes that drop bytes are caught as fast as the formula says.
//!
//! With a part `f` of its bytes gone a node fails a window of `n` samples with probability
//! `1 - (1 - f)^n`. The simulation plays windows with the draw that the runtime and the provers
//! use, for nodes that drop single leaves at random, whole shards, or what came last, until each is
//! caught; it prints what happened beside the formula:
//!
//! ```sh
//! cargo nextest run -p neurostore-primitives --test detection --no-capture
//! ```
#![allow(clippy::cast_possible_truncation, clippy::unwrap_used)]

use neurostore_primitives::{
    draw_samples, ClassCounts, SampleDraw, ShardClass, SAMPLES_PRODUCTION,
};
use sha2::{Digest, Sha256};

/// Nodes in each line of the table.
const NODES: u32 = 400;
/// The chance that an unlucky draw lets a node go on for longer than the computed windows.
const LEFTOVER: f64 = 1e-6;

/// What a large node holds: 100,000 shards of three sizes.
fn held() -> ClassCounts {
    let mut counts = ClassCounts::default();
    for (class, shards) in [(0, 60_000), (6, 30_000), (10, 10_000)] {
        counts.set(ShardClass::new(class).unwrap(), shards);
    }
    counts
}

/// A number below one that follows from its input alone.
fn chance(parts: &[u64]) -> f64 {
    let mut hash = Sha256::new();
    parts
        .iter()
        .for_each(|part| hash.update(part.to_le_bytes()));
    let digest: [u8; 32] = hash.finalize().into();
    u32::from_le_bytes(*digest.first_chunk().unwrap()) as f64 / 2f64.powi(32)
}

/// Which bytes a cheat drops.
#[derive(Clone, Copy, Debug)]
enum Cheat {
    /// Single leaves, here and there.
    Leaves,
    /// Whole shards, here and there.
    Shards,
    /// The shards that came last.
    Newest,
}

impl Cheat {
    fn drops(self, part: f64, counts: &ClassCounts, sample: &SampleDraw) -> bool {
        let (class, position) = (u64::from(sample.class.get()), u64::from(sample.position));
        match self {
            Self::Leaves => chance(&[class, position, sample.leaf.into()]) < part,
            Self::Shards => chance(&[class, position]) < part,
            Self::Newest => position as f64 >= (1.0 - part) * f64::from(counts.of(sample.class)),
        }
    }

    /// The part of all bytes that is really gone: shards are not divisible.
    fn gone(self, part: f64, counts: &ClassCounts) -> f64 {
        if matches!(self, Self::Leaves) {
            return part;
        }
        let dropped: u64 = ShardClass::all()
            .flat_map(|class| (0..counts.of(class)).map(move |position| (class, position)))
            .filter(|(class, position)| {
                let first = SampleDraw {
                    class: *class,
                    position: *position,
                    leaf: 0,
                };
                self.drops(part, counts, &first)
            })
            .map(|(class, _)| u64::from(class.leaves()))
            .sum();
        dropped as f64 / counts.total_leaves() as f64
    }
}

/// Windows until the node is asked for something that it does not have.
fn windows_until_caught(cheat: Cheat, part: f64, counts: &ClassCounts, node: u32) -> u32 {
    (1..)
        .find(|window: &u32| {
            let mut seed = [0; 32];
            seed[..4].copy_from_slice(&node.to_le_bytes());
            seed[4..8].copy_from_slice(&window.to_le_bytes());
            draw_samples(&seed, counts, SAMPLES_PRODUCTION)
                .iter()
                .any(|sample| cheat.drops(part, counts, sample))
        })
        .unwrap()
}

#[test]
fn whoever_drops_bytes_is_caught_within_the_computed_number_of_windows() {
    let counts = held();
    println!(
        "{} samples a window, {NODES} nodes of {} GiB in each line\n\n\
         dropped     gone      caught in a window   windows until caught   longest   computed\n\
         \x20                     seen     formula     mean     formula                for 1 in a million",
        SAMPLES_PRODUCTION,
        counts.total_leaves() >> 20,
    );
    for cheat in [Cheat::Leaves, Cheat::Shards, Cheat::Newest] {
        for part in [0.001, 0.01, 0.05, 0.1] {
            let gone = cheat.gone(part, &counts);
            let missed = (1.0 - gone).powi(SAMPLES_PRODUCTION.into());
            let caught = 1.0 - missed;
            let computed = (LEFTOVER.ln() / missed.ln()).ceil() as u32;

            let windows: Vec<u32> = (0..NODES)
                .map(|node| windows_until_caught(cheat, part, &counts, node))
                .collect();
            let mean = f64::from(windows.iter().sum::<u32>()) / f64::from(NODES);
            let longest = windows.iter().copied().max().unwrap();
            let at_once = windows.iter().filter(|count| **count == 1).count();
            let at_once = at_once as f64 / f64::from(NODES);
            println!(
                "{:<9} {:>6.2} %   {:>6.1} %  {:>6.1} %   {mean:>8.2}   {:>8.2}   {longest:>9}   {computed:>8}",
                format!("{cheat:?}").to_lowercase(),
                gone * 100.0,
                at_once * 100.0,
                caught * 100.0,
                1.0 / caught,
            );

            assert!(longest <= computed, "{cheat:?}, {part}: {longest} windows");
            // Four standard deviations of the mean of a geometric distribution.
            let deviation = missed.sqrt() / caught / f64::from(NODES).sqrt();
            assert!(
                (mean - 1.0 / caught).abs() <= 4.0 * deviation + 1e-9,
                "{cheat:?}, {part}: {mean} windows, not {}",
                1.0 / caught
            );
        }
    }
}

//! Speeds of committing to shard bytes: ours, one by one and eight side by side, beside a
//! commitment that is built on the reference permutation, all in one run.
//!
//! ```sh
//! cargo bench -p neurostore-poseidon --profile dev --bench commitment
//! ```

use std::{
    array,
    error::Error,
    hint::black_box,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use ark_bn254::Fr;
use ark_ff::UniformRand;
use neurostore_poseidon::{leaf_elements, leaf_tag, root_to_field, zero_subtree};
use neurostore_poseidon::{Backend, ManyHashes, ShardHasher};
use neurostore_primitives::{ShardClass, ShardRoot, LEAF_BYTES, TREE_DEPTH};
use rand::{rngs::StdRng, RngCore, SeedableRng};
use rayon::{prelude::*, ThreadPoolBuilder};
use rustix::time::{clock_gettime, ClockId};
use taceo_poseidon2::bn254::{t12, t4};

type Outcome<T> = Result<T, Box<dyn Error>>;
type Clock = fn() -> Duration;
type Choice = fn(usize) -> usize;

/// States that are permuted at once: the lanes of the fast way.
const STATES: usize = 8;
/// How often each rival has its turn.
const ROUNDS: usize = 200;
/// What is committed to on one core: 64 KiB by the slower ones and 1 MiB by the fastest, which takes
/// them about as long.
const REFERENCE_CLASS: u8 = 6;
const SCALAR_CLASS: u8 = 6;
const FAST_CLASS: u8 = 10;
/// What all of them commit to on all cores: 4 MiB.
const SHARED_CLASS: u8 = 12;

/// A goal: times the reference's speed.
const FAST_RATIO: f64 = 10.0;
/// A goal: megabytes of shard per second and core, with eight side by side.
const FAST_SPEED: f64 = 95.0;
/// A goal: times the reference's speed, one by one.
const SCALAR_RATIO: f64 = 1.0;

fn main() -> Outcome<()> {
    let backend = Backend::detect();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    println!("{threads} threads; fastest way on this CPU: {backend:?}");
    println!("in brackets how many times as fast as the reference\n");
    println!(
        "{:<36} {:>12} {:>22} {:>22}",
        "", "reference", "one by one", "eight side by side"
    );
    permutations::<4>(backend, t4::permutation_in_place, |backend, states| {
        backend.permute4(states)
    });
    permutations::<12>(backend, t12::permutation_in_place, |backend, states| {
        backend.permute12(states)
    });
    let classes = [REFERENCE_CLASS, SCALAR_CLASS, FAST_CLASS];
    let core = commitment("commit, one core", classes, 1, backend, ROUNDS)?;
    let cores = "commit 4 MiB, all cores";
    commitment(cores, [SHARED_CLASS; 3], threads, backend, ROUNDS / 20)?;
    goals(backend, &core);
    Ok(())
}

/// The times of three rivals, who take turns so that all meet the same machine: of the turns of
/// each, sorted, the one that `choose` picks out of so many.
fn race(
    rounds: usize,
    clock: Clock,
    choose: Choice,
    mut rivals: [&mut dyn FnMut(); 3],
) -> [Duration; 3] {
    let mut turns = [const { Vec::new() }; 3];
    for _ in 0..rounds {
        for (turns, rival) in turns.iter_mut().zip(&mut rivals) {
            let start = clock();
            rival();
            turns.push(clock().saturating_sub(start));
        }
    }
    turns.map(|mut turns| {
        turns.sort_unstable();
        turns[choose(turns.len())]
    })
}

/// The time that this thread had a core: other programs on a busy machine do not count. In a virtual
/// machine it now and then gives a turn what belongs to another, hence the middle and not the
/// shortest of them.
fn core_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

fn middle(turns: usize) -> usize {
    turns / 2
}

/// The time of day, for what is short, so that some turns meet no other program, and for work on all
/// cores.
fn wall_time() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

fn shortest(_: usize) -> usize {
    0
}

/// Prints what three rivals do per second, in some unit, and how much more than the first.
fn line(name: &str, [reference, scalar, fast]: [f64; 3], unit: impl Fn(f64) -> String) {
    let column = |speed| format!("{} ({:.2}x)", unit(speed), speed / reference);
    println!(
        "{name:<36} {:>12} {:>22} {:>22}",
        unit(reference),
        column(scalar),
        column(fast),
    );
}

fn permutations<const T: usize>(
    backend: Backend,
    reference: impl Fn(&mut [Fr; T]),
    ours: impl Fn(Backend, &mut [[Fr; T]]),
) {
    let mut rng = StdRng::seed_from_u64(1);
    let start: [[Fr; T]; STATES] = array::from_fn(|_| array::from_fn(|_| Fr::rand(&mut rng)));
    let (mut a, mut b, mut c) = (start, start, start);
    let times = race(
        ROUNDS * 4,
        wall_time,
        shortest,
        [
            &mut || black_box(&mut a).iter_mut().for_each(&reference),
            &mut || ours(Backend::Portable, black_box(&mut b)),
            &mut || ours(backend, black_box(&mut c)),
        ],
    );
    let speeds = times.map(|time| STATES as f64 / time.as_secs_f64());
    line(
        &format!("permutation of width {T}, each"),
        speeds,
        |speed| format!("{:.2} us", 1e6 / speed),
    );
}

/// Megabytes committed to per second, after making sure that all rivals commit to the same.
fn commitment(
    name: &str,
    classes: [u8; 3],
    threads: usize,
    backend: Backend,
    rounds: usize,
) -> Outcome<[f64; 3]> {
    let (clock, choose): (Clock, Choice) = match threads {
        1 => (core_time, middle),
        _ => (wall_time, shortest),
    };
    let [reference, scalar, fast] = classes.map(shard);
    let (reference, scalar, fast) = (reference?, scalar?, fast?);
    for (class, shard) in [&reference, &scalar, &fast] {
        let expected = reference_root(shard);
        for backend in [Backend::Portable, backend] {
            if root_to_field(&root(*class, shard, backend)?) != Some(expected) {
                return Err("the roots differ".into());
            }
        }
    }
    let pool = ThreadPoolBuilder::new().num_threads(threads).build()?;
    let times = pool.install(|| {
        race(
            rounds,
            clock,
            choose,
            [
                &mut || _ = black_box(reference_tree(&reference.1)),
                &mut || _ = black_box(root(scalar.0, &scalar.1, Backend::Portable)),
                &mut || _ = black_box(root(fast.0, &fast.1, backend)),
            ],
        )
    });
    let speed = |(class, _): &(ShardClass, _), time: Duration| {
        class.shard_bytes() as f64 / 1e6 / time.as_secs_f64()
    };
    let [a, b, c] = times;
    let speeds = [speed(&reference, a), speed(&scalar, b), speed(&fast, c)];
    line(name, speeds, |speed| format!("{speed:.2} MB/s"));
    Ok(speeds)
}

fn shard(class: u8) -> Outcome<(ShardClass, Vec<u8>)> {
    let class = ShardClass::new(class).ok_or("no such class")?;
    let mut shard = vec![0; usize::try_from(class.shard_bytes())?];
    StdRng::seed_from_u64(2).fill_bytes(&mut shard);
    Ok((class, shard))
}

fn root(class: ShardClass, shard: &[u8], backend: Backend) -> Outcome<ShardRoot> {
    let mut hasher = ShardHasher::with_backend(class, backend);
    hasher.update(shard);
    let (root, _) = hasher.finish()?;
    Ok(root)
}

fn goals(backend: Backend, [reference, scalar, fast]: &[f64; 3]) {
    println!();
    let say = |goal: String, holds| {
        println!("{goal:<64} {}", if holds { "holds" } else { "MISSED" });
    };
    let ratio = scalar / reference;
    say(
        format!("one by one {ratio:.2}x the reference per core, goal {SCALAR_RATIO:.1}x"),
        ratio >= SCALAR_RATIO,
    );
    if backend == Backend::Portable {
        println!("this CPU hashes one by one only: no goals for eight side by side");
        return;
    }
    let ratio = fast / reference;
    say(
        format!("eight side by side {ratio:.2}x the reference per core, goal {FAST_RATIO:.1}x"),
        ratio >= FAST_RATIO,
    );
    say(
        format!("eight side by side {fast:.1} MB/s per core, goal {FAST_SPEED:.0} MB/s"),
        *fast >= FAST_SPEED,
    );
}

/// The root of a shard by the reference permutation.
fn reference_root(shard: &[u8]) -> Fr {
    let (top, levels) = reference_tree(shard);
    (levels..TREE_DEPTH).fold(top, |node, level| {
        let empty = zero_subtree(level);
        reference_node(&[node, empty, empty, empty])
    })
}

/// The tree over a shard of `4^n` leaves up to its own top, and the levels up to there: what a
/// reference has to do per byte, without the empty subtrees beside a small shard. On the threads of
/// the pool at hand.
fn reference_tree(shard: &[u8]) -> (Fr, usize) {
    let (leaves, _) = shard.as_chunks::<LEAF_BYTES>();
    let mut nodes: Vec<Fr> = leaves.par_iter().map(reference_leaf).collect();
    let mut levels = 0;
    while nodes.len() > 1 {
        let (children, _) = nodes.as_chunks::<4>();
        nodes = children.par_iter().map(reference_node).collect();
        levels += 1;
    }
    (nodes[0], levels)
}

fn reference_node(children: &[Fr; 4]) -> Fr {
    t4::permutation(children)[0] + children[0]
}

fn reference_leaf(leaf: &[u8; LEAF_BYTES]) -> Fr {
    let mut state = [Fr::from(0u8); 12];
    state[11] = leaf_tag();
    for block in leaf_elements(leaf).chunks(11) {
        block
            .iter()
            .zip(&mut state)
            .for_each(|(element, slot)| *slot += element);
        t12::permutation_in_place(&mut state);
    }
    state[0]
}

//! Speeds of hashing, proving and verifying, each beside a yardstick measured in the same run.
//!
//! ```sh
//! cargo bench -p neurostore-prover --profile dev --bench proofs
//! ```

use std::{
    error::Error,
    hint::black_box,
    time::{Duration, Instant},
};

use ark_bn254::{Bn254, Fr};
use ark_ff::UniformRand;
use ark_groth16::Groth16;
use ark_snark::SNARK;
use neurostore_circuit::{SampleWitness, SpacetimeCircuit};
use neurostore_poseidon::{leaf_digest, leaf_elements, permute12, permute4, shard_root};
use neurostore_primitives::{CircuitId, ShardClass, LEAF_BYTES};
use neurostore_prover::Prover;
use neurostore_setup::development_keys;
use neurostore_verifier::{admit, development_key, verify, PreparedKey};
use rand::{rngs::StdRng, RngCore, SeedableRng};
use taceo_poseidon2::bn254::{t12, t4};

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    println!("{threads} threads; the last column is how many times faster than the yardstick");
    hashing()?;
    constraints::<4>();
    constraints::<24>();
    constraints::<48>();
    verifying()?;
    proving::<4>()?;
    proving::<24>()?;
    Ok(())
}

/// The shortest of several runs: what the machine can do when nothing else runs.
fn shortest(runs: usize, mut work: impl FnMut()) -> Duration {
    let time = |()| {
        let start = Instant::now();
        work();
        start.elapsed()
    };
    std::iter::repeat_n((), runs)
        .map(time)
        .min()
        .unwrap_or_default()
}

/// The shortest runs of two rivals who take turns, so that both meet the same machine.
fn duel(rounds: usize, mut ours: impl FnMut(), mut theirs: impl FnMut()) -> (Duration, Duration) {
    let pairs = (0..rounds).map(|_| (shortest(1, &mut ours), shortest(1, &mut theirs)));
    pairs.fold((Duration::MAX, Duration::MAX), |best, next| {
        (best.0.min(next.0), best.1.min(next.1))
    })
}

fn line(name: &str, ours: Duration, yardstick: Duration, unit: impl Fn(Duration) -> String) {
    let ratio = yardstick.as_secs_f64() / ours.as_secs_f64();
    println!(
        "{name:<44} {:>14} {:>14} {ratio:>6.2}x",
        unit(ours),
        unit(yardstick)
    );
}

fn micros(runs: u32) -> impl Fn(Duration) -> String {
    move |time| format!("{:.2} us", time.as_secs_f64() * 1e6 / f64::from(runs))
}

fn megabytes(bytes: u64) -> impl Fn(Duration) -> String {
    move |time| format!("{:.2} MB/s", bytes as f64 / 1e6 / time.as_secs_f64())
}

fn seconds(time: Duration) -> String {
    format!("{:.3} s", time.as_secs_f64())
}

fn millis(time: Duration) -> String {
    format!("{:.3} ms", time.as_secs_f64() * 1e3)
}

fn hashing() -> Outcome<()> {
    let mut rng = StdRng::seed_from_u64(1);
    println!("\n{:<44} {:>14} {:>14}", "hashing", "ours", "taceo");

    let mut state: [Fr; 4] = std::array::from_fn(|_| Fr::rand(&mut rng));
    let mut other = state;
    let (ours, theirs) = duel(
        400,
        || (0..50).for_each(|_| permute4(black_box(&mut state))),
        || (0..50).for_each(|_| t4::permutation_in_place(black_box(&mut other))),
    );
    line("permutation of width 4", ours, theirs, micros(50));

    let mut state: [Fr; 12] = std::array::from_fn(|_| Fr::rand(&mut rng));
    let mut other = state;
    let (ours, theirs) = duel(
        400,
        || (0..20).for_each(|_| permute12(black_box(&mut state))),
        || (0..20).for_each(|_| t12::permutation_in_place(black_box(&mut other))),
    );
    line("permutation of width 12", ours, theirs, micros(20));

    let mut leaf = Box::new([0; LEAF_BYTES]);
    rng.fill_bytes(&mut leaf[..]);
    let (ours, theirs) = duel(
        400,
        || {
            black_box(leaf_digest(black_box(&leaf)));
        },
        || {
            black_box(reference_leaf(black_box(&leaf)));
        },
    );
    line("leaves, one thread", ours, theirs, megabytes(1024));

    let class = ShardClass::new(6).ok_or("class")?;
    let mut shard = vec![0; 64 << 10];
    rng.fill_bytes(&mut shard);
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    let (ours, theirs) = duel(
        60,
        || {
            black_box(one.install(|| shard_root(class, &shard))).ok();
        },
        || {
            black_box(reference_root(&shard));
        },
    );
    line(
        "commit a shard of 64 KiB, one thread",
        ours,
        theirs,
        megabytes(class.shard_bytes()),
    );

    let class = ShardClass::new(12).ok_or("class")?;
    let mut shard = vec![0; 4 << 20];
    rng.fill_bytes(&mut shard);
    let ours = shortest(3, || {
        black_box(shard_root(class, &shard)).ok();
    });
    let speed = megabytes(class.shard_bytes())(ours);
    println!("{:<44} {speed:>14}", "commit a shard of 4 MiB, all threads");
    Ok(())
}

fn reference_leaf(leaf: &[u8; LEAF_BYTES]) -> Fr {
    let mut state = [Fr::from(0u8); 12];
    state[11] = neurostore_poseidon::leaf_tag();
    for block in leaf_elements(leaf).chunks(11) {
        block
            .iter()
            .zip(&mut state)
            .for_each(|(element, slot)| *slot += element);
        t12::permutation_in_place(&mut state);
    }
    state[0]
}

fn reference_root(shard: &[u8]) -> Option<Fr> {
    let mut nodes: Vec<Fr> = shard.as_chunks().0.iter().map(reference_leaf).collect();
    while nodes.len() > 1 {
        let children = nodes.as_chunks::<4>().0.iter();
        nodes = children
            .map(|children| t4::permutation(children)[0] + children[0])
            .collect();
    }
    nodes.pop()
}

fn constraints<const SAMPLES: usize>() {
    let constraints = SpacetimeCircuit::<SAMPLES>::constraints();
    let rows = constraints.rows().len();
    println!(
        "{}circuit {SAMPLES:<2} {rows:>8} constraints, domain 2^{}, {} per sample, {:.1} coefficients each",
        if SAMPLES == 4 { "\n" } else { "" },
        (rows + 2).next_power_of_two().trailing_zeros(),
        rows / SAMPLES,
        constraints.density() as f64 / rows as f64,
    );
}

fn samples(count: usize) -> Outcome<Vec<SampleWitness>> {
    let class = ShardClass::new(4).ok_or("class")?;
    let mut shard = vec![0; 16 << 10];
    StdRng::seed_from_u64(2).fill_bytes(&mut shard);
    let (root, cache) = shard_root(class, &shard)?;
    let leaves = shard.as_chunks::<LEAF_BYTES>().0;
    (0..16u16)
        .cycle()
        .take(count)
        .map(|index| {
            let path = cache.path(index, &shard)?;
            let leaf = Box::new(leaves[usize::from(index)]);
            Ok(SampleWitness {
                leaf,
                index,
                path,
                root,
            })
        })
        .collect()
}

fn verifying() -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let proven = Prover::load(CircuitId(4), folder.path())?.prove(&[1; 31], &samples(4)?)?;
    let key = development_key(CircuitId(4)).ok_or("key")?;
    let prepared = admit(key, 1)?;
    let stored = prepared.to_bytes();
    println!(
        "\nverifying, one thread; a stored key has {} bytes",
        stored.len()
    );
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    let measure = |work: &mut (dyn FnMut() + Send)| one.install(|| shortest(30, work));

    let ours = measure(&mut || {
        black_box(verify(&prepared, &[proven.statement], &proven.proof)).ok();
    });
    println!(
        "{:<44} {:>14}",
        "verify with the prepared key",
        millis(ours)
    );
    let ours = measure(&mut || {
        black_box(PreparedKey::from_bytes_trusted(&stored)).ok();
    });
    println!("{:<44} {:>14}", "read a stored key", millis(ours));
    let ours = measure(&mut || {
        black_box(admit(key, 1)).ok();
    });
    println!("{:<44} {:>14}", "admit a key", millis(ours));
    let decoded: ark_groth16::VerifyingKey<Bn254> =
        ark_serialize::CanonicalDeserialize::deserialize_compressed(key)?;
    let ours = measure(&mut || {
        black_box(ark_ec::bn::G2Prepared::<ark_bn254::Config>::from(
            black_box(decoded.gamma_g2),
        ));
    });
    println!(
        "{:<44} {:>14}",
        "prepare one point of G2 (saved twice)",
        millis(ours)
    );
    Ok(())
}

fn proving<const SAMPLES: usize>() -> Outcome<()> {
    let circuit = CircuitId(u16::try_from(SAMPLES)?);
    let folder = tempfile::tempdir()?;
    let start = Instant::now();
    let prover = Prover::load(circuit, folder.path())?;
    let derive = start.elapsed();
    let load = shortest(3, || {
        black_box(Prover::load(circuit, folder.path())).ok();
    });
    println!(
        "\ncircuit {SAMPLES}: key derived in {}, loaded in {}; {:>19} {:>14}",
        seconds(derive),
        seconds(load),
        "ours",
        "Groth16::prove",
    );

    let samples = samples(SAMPLES)?;
    let ours = shortest(3, || {
        black_box(prover.prove(&[1; 31], &samples)).ok();
    });
    let keys = development_keys(circuit)?.proving;
    let boxed: Box<[SampleWitness; SAMPLES]> = samples
        .into_boxed_slice()
        .try_into()
        .map_err(|_| "samples")?;
    let mut rng = StdRng::seed_from_u64(3);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(std::thread::available_parallelism().map_or(1, |n| (n.get() - 1).max(1)))
        .build()?;
    let mut failed = false;
    let theirs = pool.install(|| {
        shortest(2, || {
            let circuit = SpacetimeCircuit {
                context: [1; 31],
                samples: Some(boxed.clone()),
            };
            failed |= Groth16::<Bn254>::prove(&keys, circuit, &mut rng).is_err();
        })
    });
    if failed {
        return Err("the yardstick failed".into());
    }
    line("prove, all checks included", ours, theirs, seconds);
    Ok(())
}

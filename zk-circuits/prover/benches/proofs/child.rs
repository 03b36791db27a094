//! One prover, measured in a process of its own.

use std::{
    fs,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    time::Instant,
};

use ark_bn254::Bn254;
use ark_groth16::Groth16;
use ark_serialize::CanonicalDeserialize;
use ark_snark::SNARK;
use neurostore_circuit::{SampleWitness, SpacetimeCircuit};
use neurostore_poseidon::shard_root;
use neurostore_primitives::{CircuitId, ShardClass};
use neurostore_prover::{Backend, Options, Prover};
use rand::{rngs::StdRng, RngCore, SeedableRng};

use crate::Outcome;

/// What every child is started with; nobody else says that.
const SIGN: &str = "--measure-one";
const CONTEXT: [u8; 31] = [1; 31];
/// Length of a clock tick in `/proc`: the same on every Linux of ours.
const TICK: f64 = 0.01;

/// Whose prover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// Ours, with the fastest backend.
    Ours,
    /// Ours, as it runs on any CPU.
    Portable,
    /// `Groth16::prove`.
    Arkworks,
}

/// What came out.
#[derive(Debug)]
pub(crate) struct Measured {
    /// Seconds that passed.
    pub(crate) seconds: f64,
    /// Seconds that CPUs worked.
    pub(crate) cpu: f64,
    /// Seconds of loading the key.
    pub(crate) load: f64,
    /// Bytes of memory at most.
    pub(crate) peak: f64,
}

impl Measured {
    /// Reads what a child wrote.
    pub(crate) fn read(line: &str) -> Option<Self> {
        let mut numbers = line.split_whitespace().map(|number| number.parse().ok());
        let mut next = || numbers.next().flatten();
        Some(Self {
            seconds: next()?,
            cpu: next()?,
            load: next()?,
            peak: next()?,
        })
    }
}

/// What a child does.
#[derive(Debug)]
pub(crate) struct Task {
    who: Who,
    samples: u16,
    threads: usize,
    folder: PathBuf,
}

/// The arguments that ask for a task.
pub(crate) fn arguments(who: Who, samples: u16, threads: usize, folder: &Path) -> [String; 5] {
    [
        SIGN.into(),
        format!("{who:?}"),
        samples.to_string(),
        threads.to_string(),
        folder.display().to_string(),
    ]
}

/// The task that these arguments ask for, or `None` where this is no child.
pub(crate) fn asked_for(arguments: &[String]) -> Option<Task> {
    let [sign, who, samples, threads, folder] = arguments else {
        return None;
    };
    let everyone = [Who::Ours, Who::Portable, Who::Arkworks];
    (sign == SIGN).then_some(Task {
        who: everyone
            .into_iter()
            .find(|one| format!("{one:?}") == *who)?,
        samples: samples.parse().ok()?,
        threads: threads.parse().ok()?,
        folder: folder.into(),
    })
}

/// Where the whole proving key of arkworks is.
pub(crate) fn whole_key(folder: &Path, samples: u16) -> PathBuf {
    folder.join(format!("{samples}.whole"))
}

impl Task {
    /// Measures and says what came out.
    pub(crate) fn run(&self) -> Outcome<()> {
        let Measured {
            seconds,
            cpu,
            load,
            peak,
        } = match (self.who, self.samples) {
            (Who::Arkworks, 4) => self.arkworks::<4>(),
            (Who::Arkworks, 24) => self.arkworks::<24>(),
            (Who::Arkworks, _) => self.arkworks::<48>(),
            (Who::Ours, _) => self.ours(Backend::detect()),
            (Who::Portable, _) => self.ours(Backend::Portable),
        }?;
        println!("{seconds} {cpu} {load} {peak}");
        Ok(())
    }

    fn ours(&self, backend: Backend) -> Outcome<Measured> {
        let began = Instant::now();
        let options = Options {
            threads: NonZeroUsize::new(self.threads),
            backend,
        };
        let prover = Prover::load_with(CircuitId(self.samples), &self.folder, options)?;
        let load = began.elapsed().as_secs_f64();
        let samples = samples(self.samples)?;
        shortest(3, load, || {
            prover.prove(&CONTEXT, &samples)?;
            Ok(())
        })
    }

    fn arkworks<const SAMPLES: usize>(&self) -> Outcome<Measured> {
        let began = Instant::now();
        let bytes = fs::read(whole_key(&self.folder, self.samples))?;
        let key = ark_groth16::ProvingKey::<Bn254>::deserialize_uncompressed_unchecked(&bytes[..])?;
        drop(bytes);
        let load = began.elapsed().as_secs_f64();
        let samples = samples(self.samples)?.into_boxed_slice();
        let samples: Box<[SampleWitness; SAMPLES]> = samples.try_into().map_err(|_| "samples")?;
        let mut rng = StdRng::seed_from_u64(3);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(self.threads);
        let pool = pool.build()?;
        shortest(1, load, || {
            let circuit = SpacetimeCircuit {
                context: CONTEXT,
                samples: Some(samples.clone()),
            };
            let proof = pool.install(|| Groth16::<Bn254>::prove(&key, circuit, &mut rng));
            proof.map_err(|error| error.to_string())?;
            Ok(())
        })
    }
}

/// The shortest of several runs: what the machine can do when nothing else runs.
fn shortest(runs: usize, load: f64, mut work: impl FnMut() -> Outcome<()>) -> Outcome<Measured> {
    let (mut seconds, mut cpu) = (f64::MAX, f64::MAX);
    for _ in 0..runs {
        let (began, worked) = (Instant::now(), cpu_seconds()?);
        work()?;
        seconds = seconds.min(began.elapsed().as_secs_f64());
        cpu = cpu.min(cpu_seconds()? - worked);
    }
    Ok(Measured {
        seconds,
        cpu,
        load,
        peak: peak_bytes()?,
    })
}

/// Seconds that CPUs have worked for this process.
fn cpu_seconds() -> Outcome<f64> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    // The name in brackets may hold blanks; user and system ticks are the 12th and 13th after it.
    let (_, rest) = stat.rsplit_once(')').ok_or("stat")?;
    let ticks = rest.split_whitespace().skip(11).take(2);
    let ticks: Vec<f64> = ticks.map(str::parse).collect::<Result<_, _>>()?;
    Ok(ticks.iter().sum::<f64>() * TICK)
}

/// The most memory this process has had.
fn peak_bytes() -> Outcome<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes: f64 = line
        .and_then(|line| line.split_whitespace().next())
        .ok_or("VmHWM")?
        .parse()?;
    Ok(kibibytes * 1024.0)
}

fn samples(count: u16) -> Outcome<Vec<SampleWitness>> {
    let class = ShardClass::new(6).ok_or("class")?;
    let mut shard = vec![0; 64 << 10];
    StdRng::seed_from_u64(2).fill_bytes(&mut shard);
    let (root, cache) = shard_root(class, &shard)?;
    let sample = |index| Ok(SampleWitness::of_shard(&shard, root, &cache, index)?);
    (0..count).map(|number| sample(number * 5 % 64)).collect()
}

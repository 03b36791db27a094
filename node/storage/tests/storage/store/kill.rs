//! A process that takes shards in is killed, again and again, at random moments and at every
//! single step, and what it acknowledged must be there and whole.
//!
//! The victim is this same test binary, started again with the name of the ignored test below.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        atomic::{AtomicU64, Ordering},
        Arc,
    },
    time::{Duration, Instant},
};

use neurostore_primitives::ShardRoot;
use neurostore_storage::store::{Disk, OsDisk, Store};
use rand::{Rng, SeedableRng};

use super::setting::*;

const STORE: &str = "NEUROSTORE_VICTIM_STORE";
const SEED: &str = "NEUROSTORE_VICTIM_SEED";
const ABORT_BEFORE: &str = "NEUROSTORE_VICTIM_ABORT_BEFORE";
const KILLS: u64 = 200;
/// Kills of one store: later ones hit a store with a history.
const KILLS_PER_STORE: u64 = 25;
/// One victim in so many is killed while it starts; the others after some acknowledged shards.
const KILLED_EARLY: u64 = 8;
/// The longest life of those that are killed while they start.
const EARLY: Duration = Duration::from_millis(40);
/// Acknowledged shards that a victim lives for at most, before the moment of its death is drawn.
/// Counted in shards and not in time, so that a busy machine shows as much as an idle one.
const LONGEST_LIFE: usize = 8;
const UPLOADERS: u64 = 3;

/// Aborts the process right before a step.
#[derive(Debug)]
struct AbortingDisk {
    left: AtomicU64,
}

impl AbortingDisk {
    fn step(&self) {
        if self.left.fetch_sub(1, Ordering::Relaxed) == 1 {
            std::process::abort();
        }
    }
}

impl Disk for AbortingDisk {
    fn create(&self, path: &Path) -> io::Result<File> {
        self.step();
        OsDisk.create(path)
    }
    fn allocate(&self, file: &File, len: u64) -> io::Result<()> {
        self.step();
        OsDisk.allocate(file, len)
    }
    fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        self.step();
        OsDisk.write(file, bytes)
    }
    fn sync(&self, file: &File) -> io::Result<()> {
        self.step();
        OsDisk.sync(file)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step();
        OsDisk.rename(from, to)
    }
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.step();
        OsDisk.create_folder(path)
    }
    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.step();
        OsDisk.sync_folder(path)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        self.step();
        OsDisk.remove(path)
    }
    fn before_index_sync(&self) -> io::Result<()> {
        self.step();
        Ok(())
    }
}

#[test]
#[ignore = "not a test: the process that the tests below kill"]
fn the_victim() {
    let Ok(path) = std::env::var(STORE) else {
        return;
    };
    let seed: u64 = std::env::var(SEED).unwrap().parse().unwrap();
    let disk: Arc<dyn Disk> = match std::env::var(ABORT_BEFORE) {
        Ok(step) => Arc::new(AbortingDisk {
            left: AtomicU64::new(step.parse().unwrap()),
        }),
        Err(_) => Arc::new(OsDisk),
    };
    let one_only = std::env::var(ABORT_BEFORE).is_ok();
    let (store, recovery) = open_on(Path::new(&path), disk);
    store.finish_recovery(&recovery, |_, _| true);
    let uploaders = if one_only { 1 } else { UPLOADERS };
    std::thread::scope(|scope| {
        for uploader in 0..uploaders {
            let store = &store;
            scope.spawn(move || upload(store, seed, uploader, one_only));
        }
    });
    println!("\nfinished");
}

fn upload(store: &Store, seed: u64, uploader: u64, one_only: bool) {
    let mut random = rand::rngs::StdRng::seed_from_u64(seed * UPLOADERS + uploader);
    for number in 0.. {
        let class = class(random.gen_range(0..4));
        let shard = random.gen();
        let claim = claim(
            seed << 32 | uploader << 24 | number,
            random.gen_range(0..15),
        );
        let root = put(store, class, &bytes(class, shard), claim).unwrap();
        // One write, so that a kill cannot cut a line in two without it being seen.
        let line = format!(
            "\nack {root} {} {shard} {} {}\n",
            class.get(),
            claim.reservation,
            claim.slot
        );
        io::stdout().write_all(line.as_bytes()).unwrap();
        if one_only {
            return;
        }
    }
}

/// What a victim acknowledged of one shard: class, seed of its bytes, reservation, slot.
type Acknowledged = BTreeMap<ShardRoot, (u8, u64, u64, u8)>;

fn start_victim(store: &Path, seed: u64, abort_before: Option<u64>) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args([
            "--exact",
            "store::kill::the_victim",
            "--ignored",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(STORE, store)
        .env(SEED, seed.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    if let Some(step) = abort_before {
        command.env(ABORT_BEFORE, step.to_string());
    }
    command.spawn().unwrap()
}

/// Kills the victim at a random moment of the upload after `life` shards, or while it starts.
fn kill(victim: &mut Child, life: Option<usize>, random: &mut impl Rng) -> Acknowledged {
    let mut acknowledged = Acknowledged::new();
    let mut said = BufReader::new(victim.stdout.take().unwrap());
    match life {
        None => std::thread::sleep(random.gen_range(Duration::ZERO..EARLY)),
        Some(life) => {
            let mut began = None;
            for _ in 0..life {
                assert!(
                    !hear(&mut said, &mut acknowledged, 1),
                    "the victim ended by itself"
                );
                began.get_or_insert_with(Instant::now);
            }
            // About as long as the uploaders take for their next shard.
            let took = began.map_or(Duration::ZERO, |began| began.elapsed());
            let each = took / u32::try_from(life).unwrap();
            std::thread::sleep(random.gen_range(Duration::ZERO..=each * 2));
        }
    }
    // SIGKILL on unix.
    victim.kill().unwrap();
    assert!(
        !hear(&mut said, &mut acknowledged, usize::MAX),
        "the victim ended by itself"
    );
    victim.wait().unwrap();
    acknowledged
}

/// Reads what the victim says until it acknowledged `most` shards or is silent for ever; whether
/// it finished by itself.
fn hear(said: &mut impl BufRead, acknowledged: &mut Acknowledged, most: usize) -> bool {
    let mut finished = false;
    let mut heard = 0;
    while heard < most {
        let mut line = String::new();
        if said.read_line(&mut line).unwrap() == 0 {
            break;
        }
        let line = line.trim_end();
        let words: Vec<_> = line.split(' ').collect();
        match words[..] {
            ["ack", root, class, shard, reservation, slot] => {
                let mut bytes = [0; 32];
                hex::decode_to_slice(root, &mut bytes).unwrap();
                let told = (
                    class.parse().unwrap(),
                    shard.parse().unwrap(),
                    reservation.parse().unwrap(),
                    slot.parse().unwrap(),
                );
                acknowledged.insert(ShardRoot(bytes), told);
                heard += 1;
            }
            ["finished"] => finished = true,
            _ => {}
        }
    }
    finished
}

/// Everything acknowledged is there, and everything that is there is whole.
fn check(path: &Path, acknowledged: &Acknowledged, newly: &Acknowledged) {
    let (store, recovery) = open(path);
    assert_eq!(recovery.newly_damaged, [], "a kill damaged a shard");
    for root in &recovery.unrecorded {
        assert!(
            !acknowledged.contains_key(root),
            "{root} was acknowledged without a record"
        );
    }
    let settled = store.finish_recovery(&recovery, |_, _| true);
    assert_eq!(settled.discarded, 0, "a half shard lay where shards lie");
    assert_eq!(files_below(&path.join("incoming")).len(), 0);
    for (root, (_, _, reservation, slot)) in acknowledged {
        let found = store.claimed(claim(*reservation, *slot)).unwrap();
        assert_eq!(found, Some(*root), "an acknowledged shard is lost");
        assert!(store.record(root).unwrap().is_some());
    }
    for (root, (c, shard, _, _)) in newly {
        assert_eq!(read_all(&store, root).unwrap(), bytes(class(*c), *shard));
    }
}

/// Every byte of every visible shard.
fn check_all(path: &Path) -> usize {
    let (store, _) = open(path);
    let mut from = Some(ShardRoot::default());
    let mut shards = 0;
    while let Some(start) = from {
        let page = store.list(&start, 500).unwrap();
        from = page.last().and_then(|last| Store::after(&last.root));
        for shard in page {
            store.verify(&shard.root).unwrap();
            shards += 1;
        }
    }
    assert_eq!(files_below(&path.join("shards")).len(), shards * 2);
    shards
}

#[test]
fn no_acknowledged_shard_is_lost_by_two_hundred_kills_at_random_moments() {
    let seed = std::env::var("SEED").map_or_else(|_| rand::random(), |seed| seed.parse().unwrap());
    eprintln!("SEED={seed}");
    let mut random = rand::rngs::StdRng::seed_from_u64(seed);
    let began = Instant::now();
    let (mut shards, mut most) = (0, 0);
    for generation in 0..KILLS / KILLS_PER_STORE {
        let folder = tempfile::tempdir().unwrap();
        let mut acknowledged = Acknowledged::new();
        for round in 0..KILLS_PER_STORE {
            let number = generation * KILLS_PER_STORE + round;
            let mut victim = start_victim(folder.path(), number, None);
            let is_early = number.is_multiple_of(KILLED_EARLY);
            let life = (!is_early).then(|| random.gen_range(1..=LONGEST_LIFE));
            let newly = kill(&mut victim, life, &mut random);
            most = most.max(newly.len());
            acknowledged.append(&mut newly.clone());
            check(folder.path(), &acknowledged, &newly);
        }
        shards += check_all(folder.path());
    }
    eprintln!(
        "{KILLS} kills, {shards} shards whole, at most {most} acknowledged in one life, {:?}",
        began.elapsed()
    );
}

#[test]
fn no_acknowledged_shard_is_lost_by_a_crash_before_any_single_step() {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = Acknowledged::new();
    let mut survived = 0;
    for step in 1.. {
        let mut newly = Acknowledged::new();
        let mut victim = start_victim(folder.path(), 1 << 20 | step, Some(step));
        let mut said = BufReader::new(victim.stdout.take().unwrap());
        let finished = hear(&mut said, &mut newly, usize::MAX);
        victim.wait().unwrap();
        acknowledged.append(&mut newly.clone());
        check(folder.path(), &acknowledged, &newly);
        // Past the last step there is nothing to crash before; what an upload has to do depends
        // on which folders are there, so go on until that is certain.
        survived += u32::from(finished);
        if survived == 5 {
            eprintln!("{step} steps");
            assert!(step > 15, "{step}");
            break;
        }
    }
    check_all(folder.path());
}

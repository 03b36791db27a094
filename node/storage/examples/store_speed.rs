//! How fast the shard store is, beside yardsticks run on the same disk.
//!
//! `cargo run -p neurostore-storage --example store_speed [folder] [shards to open]`

use std::{
    error::Error,
    fs::File,
    io::{self, Write},
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use neurostore_primitives::{ReservationId, ShardClass, SlotIndex};
use neurostore_storage::store::{Claim, Disk, OsDisk, Store, StoreOptions};
use redb::{Database, TableDefinition};

const TABLE: TableDefinition<'_, &[u8; 32], &[u8; 64]> = TableDefinition::new("records");
const COMMITS: u32 = 200;
const GATHERED: u32 = 16;
const DEFAULT_SHARDS: u64 = 10_000;
/// Uploads at once where a store is filled: they share commits of the index.
const AT_ONCE: u64 = 32;

/// A disk that makes nothing durable, to fill a store quickly.
#[derive(Debug)]
struct Hasty;

impl Disk for Hasty {
    fn sync(&self, _: &File) -> io::Result<()> {
        Ok(())
    }

    fn sync_folder(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let base = arguments
        .next()
        .map_or_else(std::env::temp_dir, PathBuf::from);
    let shards = arguments
        .next()
        .map_or(Ok(DEFAULT_SHARDS), |text| text.parse())?;
    let folder = tempfile::tempdir_in(base)?;

    let append = time(|| append(&folder.path().join("log")))? / COMMITS;
    let single = time(|| commit(&folder.path().join("single.redb"), 1))? / COMMITS;
    let gathered = time(|| commit(&folder.path().join("many.redb"), GATHERED))? / COMMITS;
    println!("append of 96 bytes and fsync       {append:>10.1?}   1.0");
    println!(
        "redb, a record a commit            {single:>10.1?}   {:.1}",
        ratio(single, append)
    );
    println!(
        "redb, {GATHERED} records a commit, each    {:>10.1?}   {:.1}",
        gathered / GATHERED,
        ratio(gathered / GATHERED, append)
    );

    for class in [0, 6, 10, 13] {
        let class = ShardClass::new(class).ok_or("class")?;
        let bytes = vec![7; usize::try_from(class.shard_bytes())?];
        let count = 20;
        let plain = time(|| copy(&folder.path().join("copies"), &bytes, count))? / count;
        let store = open(
            &folder.path().join(format!("class-{class}")),
            Arc::new(OsDisk),
        )?;
        let intake = time(|| fill(&store, class, 0..count.into()))? / count;
        let hash = time(|| Ok(neurostore_poseidon::shard_root(class, &bytes).map(drop)?))?;
        println!(
            "shard of {:>8} bytes: intake {intake:>10.1?}, of it hashing {hash:>10.1?}; write and \
             fsync {plain:>10.1?}",
            class.shard_bytes(),
        );
    }

    let path = folder.path().join("large");
    let store = open(&path, Arc::new(Hasty))?;
    std::thread::scope(|scope| {
        for part in 0..AT_ONCE {
            let store = &store;
            scope.spawn(move || {
                let (from, to) = (shards * part / AT_ONCE, shards * (part + 1) / AT_ONCE);
                if let Err(error) = fill(store, ShardClass::default(), from..to) {
                    eprintln!("the store could not be filled: {error}");
                }
            });
        }
    });
    drop(store);
    let opening = time(|| open(&path, Arc::new(OsDisk)).map(drop))?;
    println!("opening a store of {shards} shards: {opening:.1?}");
    Ok(())
}

fn time(work: impl FnOnce() -> Result<(), Box<dyn Error>>) -> Result<Duration, Box<dyn Error>> {
    let began = Instant::now();
    work()?;
    Ok(began.elapsed())
}

fn ratio(one: Duration, other: Duration) -> f64 {
    one.as_secs_f64() / other.as_secs_f64()
}

fn append(path: &Path) -> Result<(), Box<dyn Error>> {
    let mut file = File::create(path)?;
    for _ in 0..COMMITS {
        file.write_all(&[7; 96])?;
        file.sync_data()?;
    }
    Ok(())
}

fn commit(path: &Path, records: u32) -> Result<(), Box<dyn Error>> {
    let database = Database::create(path)?;
    for number in 0..COMMITS {
        let write = database.begin_write()?;
        {
            let mut table = write.open_table(TABLE)?;
            for record in 0..records {
                let mut key = [0; 32];
                // Scattered as roots are.
                let scattered = (number * records + record).wrapping_mul(0x9e37_79b1);
                key[..4].copy_from_slice(&scattered.to_le_bytes());
                table.insert(&key, &[7; 64])?;
            }
        }
        write.commit()?;
    }
    Ok(())
}

fn copy(folder: &Path, bytes: &[u8], count: u32) -> Result<(), Box<dyn Error>> {
    std::fs::create_dir_all(folder)?;
    for number in 0..count {
        let mut file = File::create(folder.join(number.to_string()))?;
        file.write_all(bytes)?;
        file.sync_all()?;
    }
    Ok(())
}

fn open(path: &Path, disk: Arc<dyn Disk>) -> Result<Store, Box<dyn Error>> {
    let options = StoreOptions {
        path: path.to_path_buf(),
        capacity_bytes: 1 << 40,
        free_reserve_bytes: Some(0),
    };
    Ok(Store::open_on(&options, disk)?.0)
}

/// Takes shards in, each of other bytes.
fn fill(store: &Store, class: ShardClass, numbers: Range<u64>) -> Result<(), Box<dyn Error>> {
    let mut bytes = vec![7; usize::try_from(class.shard_bytes())?];
    let slot = SlotIndex::new(0).ok_or("slot")?;
    for number in numbers {
        bytes[..8].copy_from_slice(&number.to_le_bytes());
        let reservation = ReservationId(number);
        let mut intake = store.begin(class, Claim { reservation, slot })?;
        intake.write(&bytes)?;
        intake.finish()?;
    }
    Ok(())
}

//! `chaos`: faults drawn from a seed, on a network that stores and reads.

use std::{collections::BTreeMap, convert::Infallible, path::Path, time::Duration};

use anyhow::{bail, Context};
use neurostore_client::ProgressSink;
use neurostore_localnet::{
    Deed, FaultLog, FaultPlan, LogLine, Network, NetworkOptions, Person, Place, SampleFile, Scope,
    Stored, Story,
};

use super::{show::headline, Chaos};

/// Seconds of a block.
const BLOCK_SECONDS: u32 = 6;
/// Offered by each member: less than its disk has.
const CAPACITY: &str = "96MiB";
/// Bytes of a stored file: one segment of a few stripes.
const FILE_BYTES: u64 = (1 << 20) + 7;
/// Blocks between two files.
const STORE_EVERY: u32 = 4;
/// Patience with the health of all members after the last fault: two windows and more.
const RECOVERY_PATIENCE: Duration = Duration::from_secs(600);
/// Longest time of the blocks between two files, on a busy machine.
const BLOCKS_PATIENCE: Duration = Duration::from_secs(240);
/// Times that an object is asked for at the end before it counts as lost.
const LAST_READS: u32 = 5;

/// What happened to the files.
#[derive(Default)]
struct Tally {
    stored: Vec<Stored>,
    refused_puts: u32,
    reads: u32,
    failed_reads: u32,
}

/// Does faults to a network; fails unless everything that was stored can be read at the end.
pub(crate) async fn chaos(arguments: &Chaos) -> anyhow::Result<()> {
    headline("starting a network whose daemons have networks, disks and clocks of their own");
    let options = NetworkOptions {
        bridge: true,
        daemon_place: Place::apart(),
        capacity: CAPACITY.into(),
        ..arguments.network.options(None)
    };
    let tell = |what: &str| println!("   waiting for {what}");
    let network = Network::start(options, &tell).await?;
    let plan = plan(arguments, &network)?;
    println!("   logs in {}", network.logs().display());
    let mut story = Story::begin(network).await?;
    let mut tally = Tally::default();

    headline(&format!("{} faults", plan.faults.len()));
    store(story.split().1, &mut tally).await?;
    torment(&mut story, &plan, &mut tally).await?;

    headline("all is mended; waiting until every member proves again");
    story
        .network_mut()
        .wait_until_healthy(RECOVERY_PATIENCE)
        .await?;
    let lost = read_all(story.person(), &tally).await;

    // Whoever replays the log needs it after the end.
    story.network_mut().keep_folder();
    let log = story.network().fault_log().path().to_path_buf();
    report(&plan, &log, &tally, lost.len())?;
    if !lost.is_empty() {
        bail!("{} of {} objects are lost", lost.len(), tally.stored.len());
    }
    if tally.stored.is_empty() {
        bail!("nothing could be stored at all");
    }
    story.end().await?;
    Ok(())
}

fn plan(arguments: &Chaos, network: &Network) -> anyhow::Result<FaultPlan> {
    if let Some(path) = &arguments.replay {
        return FaultPlan::from_log(path)
            .with_context(|| format!("cannot replay {}", path.display()));
    }
    let seed = arguments
        .seed
        .unwrap_or_else(|| u64::from(rand::random::<u32>()));
    println!("   seed {seed}");
    // Validators stay: the chain is what everything is measured by.
    let scope = Scope::new(
        network.daemons().collect(),
        arguments.seconds / BLOCK_SECONDS,
    );
    Ok(FaultPlan::from_seed(seed, &scope))
}

/// Does the plan while files are stored and read.
async fn torment(story: &mut Story, plan: &FaultPlan, tally: &mut Tally) -> anyhow::Result<()> {
    let say = |what: &str| println!("   {what}");
    let (network, person) = story.split();
    let chain = network.chain()?.clone();
    let trouble = plan.run(network, &say);
    let life = async {
        let (mut next, _) = chain.best_block().await?;
        loop {
            next += STORE_EVERY;
            chain.wait_for_block(next, BLOCKS_PATIENCE).await?;
            store(person, tally).await?;
            read(person, tally).await;
        }
    };
    let failed: anyhow::Result<Infallible> = tokio::select! {
        ended = trouble => return Ok(ended?),
        failed = life => failed,
    };
    failed.map(|never| match never {})
}

/// Stores a new file. With too few nodes that is refused: told, counted, no fault of ours.
async fn store(person: &Person, tally: &mut Tally) -> anyhow::Result<()> {
    let number = tally.stored.len();
    let path = person.folder().join(format!("file-{number}"));
    let file = SampleFile::random(&path, FILE_BYTES, number as u64).await?;
    match person.store(&file, ProgressSink::default()).await {
        Ok(stored) => {
            println!("   object {number} is stored");
            tally.stored.push(stored);
        }
        Err(error) => {
            println!("   object {number} is not stored: {error}");
            tally.refused_puts += 1;
        }
    }
    Ok(())
}

/// Reads one of the objects, in turn.
async fn read(person: &Person, tally: &mut Tally) {
    let turn = tally.reads as usize % tally.stored.len().max(1);
    let Some(stored) = tally.stored.get(turn) else {
        return;
    };
    tally.reads += 1;
    if let Err(error) = person.download(stored, ProgressSink::default()).await {
        println!("   object {turn} cannot be read now: {error}");
        tally.failed_reads += 1;
    }
}

/// Reads every object; those that cannot be read.
async fn read_all(person: &Person, tally: &Tally) -> Vec<usize> {
    let mut lost = Vec::new();
    for (number, stored) in tally.stored.iter().enumerate() {
        let mut error = None;
        for _ in 0..LAST_READS {
            let read = person.download(stored, ProgressSink::default()).await;
            error = read.err();
            if error.is_none() {
                break;
            }
        }
        if let Some(error) = error {
            println!("   object {number} is lost: {error}");
            lost.push(number);
        }
    }
    lost
}

fn report(plan: &FaultPlan, log: &Path, tally: &Tally, lost: usize) -> anyhow::Result<()> {
    headline("what it showed");
    let mut done: BTreeMap<&str, [u32; 2]> = BTreeMap::new();
    for line in FaultLog::read(log)? {
        if let LogLine::Fault(entry) = line {
            let [did, refused] = done.entry(entry.fault.name()).or_default();
            match entry.deed {
                Deed::Done => *did += 1,
                Deed::Refused => *refused += 1,
                Deed::Undone => {}
            }
        }
    }
    for (name, [did, refused]) in done {
        println!("   {name:26} {did:3} done and mended, {refused} impossible");
    }
    let Tally {
        stored,
        refused_puts,
        reads,
        failed_reads,
    } = tally;
    let all = stored.len();
    println!("   {all} objects stored, {refused_puts} refused for want of nodes");
    println!("   {reads} reads meanwhile, {failed_reads} of them in vain");
    println!(
        "   at the end {} of {all} objects read back equal, {lost} lost",
        all - lost
    );
    if let Some(seed) = plan.seed {
        println!("   the same again: neurostore-localnet chaos --seed {seed}");
    }
    println!(
        "   or from its log: neurostore-localnet chaos --replay {}",
        log.display()
    );
    Ok(())
}

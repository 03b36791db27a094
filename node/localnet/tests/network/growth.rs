//! A member comes while the network runs, suffers everything that a member can suffer, and goes.

use std::{fs, io::Write, os::unix::fs::FileExt, path::Path, time::Duration};

use neurostore_client::ProgressSink;
use neurostore_localnet::{
    Deed, Fault, FaultLog, LogLine, MemberSpec, Network, Place, SampleFile, Story,
};
use neurostore_primitives::NodeState;

use crate::stage::Stage;

/// As much as the others offer, so that it is drawn as often; its disk has more.
const CAPACITY: &str = "4GiB";
/// Files that are stored until a shard of one is on the newcomer: it is left out of a draw of
/// fifteen among seventeen nodes twice in seventeen times.
const DRAWS: u64 = 6;
/// EIO, as Linux numbers it.
const EIO: i32 = 5;
/// How far its clock is moved.
const AN_HOUR: i64 = 3_600;
/// A log line is this close to the time that the clock shows.
const TOLERANCE: i64 = 1_200;
/// Looks at something that a program does within seconds, on a machine that is busy.
const LOOKS: u32 = 240;
const LOOK_EVERY: Duration = Duration::from_millis(500);

pub(crate) async fn a_daemon_that_joins_a_running_network_stands_every_fault(
    mut stage: Stage,
) -> Option<Stage> {
    let story = &mut stage.story;
    let members = story.network().members().len();
    let number = joins(story).await;
    let network = story.network_mut();
    is_cut_and_healed(network, number).await;
    has_its_clock_moved(network, number).await;
    holds_a_shard(story, number).await;
    let network = story.network_mut();
    has_its_disk_filled_and_emptied(network, number).await;
    has_a_byte_of_a_shard_flipped(network, number).await;
    has_a_shard_that_cannot_be_read(network, number).await;
    is_paused_and_killed(network, number).await;
    everything_was_noted(network, number);

    for file in &stage.files {
        stage
            .story
            .download(file, ProgressSink::default())
            .await
            .unwrap();
    }
    let network = stage.story.network_mut();
    network.remove(number).await.unwrap();
    assert_eq!(network.members().len(), members);
    assert!(network.member(number).is_err());
    Some(stage)
}

async fn joins(story: &mut Story) -> usize {
    let network = story.network_mut();
    let before = network.chain().unwrap().nodes().await.unwrap().len();
    let spec = MemberSpec {
        place: Place::apart(),
        ..MemberSpec::daemon(CAPACITY)
    };
    let number = network.add(&spec).await.unwrap();
    let nodes = network.chain().unwrap().nodes().await.unwrap();
    assert_eq!(nodes.len(), before + 1);
    let member = network.member(number).unwrap();
    let node = nodes.iter().find(|node| Some(node.id) == member.node());
    assert_eq!(node.unwrap().operator, member.operator_account());
    assert_eq!(node.unwrap().state, NodeState::Active);
    number
}

async fn is_cut_and_healed(network: &mut Network, number: usize) {
    let cut = network.inject(number, Fault::Cut).await.unwrap();
    assert!(network.status(number).await.is_err());
    assert!(network.is_running(number).unwrap());
    network.mend(cut).await.unwrap();
    network.wait_until_serving(number).await.unwrap();
    // It follows the chain again.
    let (best, _) = network.chain().unwrap().best_block().await.unwrap();
    until(
        async || {
            network
                .status(number)
                .await
                .is_ok_and(|status| status.best_block > Some(best))
        },
        "a healed member sees new blocks",
    )
    .await;
}

async fn has_its_clock_moved(network: &mut Network, number: usize) {
    let log = network.member(number).unwrap().log().to_path_buf();
    assert!(ahead(&log).abs() < TOLERANCE);
    let fault = Fault::Clock { seconds: AN_HOUR };
    let moved = network.inject(number, fault).await.unwrap();
    // A program that says little is made to say something.
    network.stop(number).await.unwrap();
    network.restart(number).unwrap();
    until(
        async || (ahead(&log) - AN_HOUR).abs() < TOLERANCE,
        "the log of a member shows its clock",
    )
    .await;
    network.mend(moved).await.unwrap();
    network.stop(number).await.unwrap();
    network.restart(number).unwrap();
    until(
        async || ahead(&log).abs() < TOLERANCE,
        "the log shows the time of the machine again",
    )
    .await;
    network.wait_until_serving(number).await.unwrap();
}

/// How far the newest line of a log is ahead of the machine's clock, in seconds. Only the hour and
/// the minute are read: half a day is the farthest.
fn ahead(log: &Path) -> i64 {
    const HALF_A_DAY: i64 = 12 * 3_600;
    let text = fs::read_to_string(log).unwrap();
    // `2026-01-31T12:59:59.123456Z  INFO …`
    let time = text.lines().rev().find_map(|line| {
        let (_, time) = line.split_once('T')?;
        let mut parts = time.get(..8)?.split(':').map(str::parse::<i64>);
        let mut next = || parts.next()?.ok();
        Some(next()? * 3_600 + next()? * 60 + next()?)
    });
    let now = std::time::SystemTime::now();
    let now = now.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let now = i64::try_from(now % (24 * 3_600)).unwrap();
    (time.unwrap() - now + HALF_A_DAY).rem_euclid(2 * HALF_A_DAY) - HALF_A_DAY
}

async fn holds_a_shard(story: &mut Story, number: usize) {
    for draw in 0..DRAWS {
        let path = story.folder().join(format!("drawn-{draw}"));
        let file = SampleFile::random(&path, 1 + draw, draw).await.unwrap();
        story.store(&file, ProgressSink::default()).await.unwrap();
        let member = story.network().member(number).unwrap();
        if !member.shards().unwrap().is_empty() {
            return;
        }
    }
    panic!("the newcomer was drawn by none of {DRAWS} files");
}

async fn has_its_disk_filled_and_emptied(network: &mut Network, number: usize) {
    let write = |network: &Network| {
        let path = network.member(number).unwrap().storage().join("a-file");
        let mut file = fs::File::create(&path).unwrap();
        let written = file.write_all(&[1; 1 << 20]).and_then(|()| file.sync_all());
        fs::remove_file(&path).unwrap();
        written
    };
    write(network).unwrap();
    let full = network.inject(number, Fault::FillDisk).await.unwrap();
    let error = write(network).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
    // A full disk ends nothing.
    assert!(network.status(number).await.unwrap().is_serving);
    network.mend(full).await.unwrap();
    write(network).unwrap();
    network.wait_until_serving(number).await.unwrap();
}

async fn has_a_byte_of_a_shard_flipped(network: &mut Network, number: usize) {
    let path = network.member(number).unwrap().shards().unwrap()[0].clone();
    let before = fs::read(&path).unwrap();
    let fault = Fault::Corrupt { shard: 0, byte: 77 };
    let flipped = network.inject(number, fault).await.unwrap();
    let damaged = fs::read(&path).unwrap();
    let differing: Vec<usize> = (0..before.len())
        .filter(|at| before[*at] != damaged[*at])
        .collect();
    assert_eq!(differing, [77 % before.len()]);
    network.mend(flipped).await.unwrap();
    assert_eq!(fs::read(&path).unwrap(), before);
    network.wait_until_serving(number).await.unwrap();
}

async fn has_a_shard_that_cannot_be_read(network: &mut Network, number: usize) {
    let path = network.member(number).unwrap().shards().unwrap()[0].clone();
    let before = fs::read(&path).unwrap();
    let fault = Fault::Unreadable { shard: 0 };
    let spoiled = network.inject(number, fault).await.unwrap();
    let error = fs::File::open(&path)
        .unwrap()
        .read_at(&mut [0], 0)
        .unwrap_err();
    assert_eq!(error.raw_os_error(), Some(EIO));
    assert!(network.is_running(number).unwrap());
    network.mend(spoiled).await.unwrap();
    assert_eq!(fs::read(&path).unwrap(), before);
    network.wait_until_serving(number).await.unwrap();
}

async fn is_paused_and_killed(network: &mut Network, number: usize) {
    let paused = network.inject(number, Fault::Pause).await.unwrap();
    assert!(network.member(number).unwrap().is_paused());
    assert!(network.status(number).await.is_err());
    network.mend(paused).await.unwrap();
    assert!(network.status(number).await.is_ok());

    let killed = network.inject(number, Fault::Kill).await.unwrap();
    assert!(!network.is_running(number).unwrap());
    network.mend(killed).await.unwrap();
    network.wait_until_serving(number).await.unwrap();
}

fn everything_was_noted(network: &Network, number: usize) {
    let lines = FaultLog::read(network.fault_log().path()).unwrap();
    let deeds: Vec<(Deed, &str)> = lines
        .iter()
        .map(|line| match line {
            LogLine::Fault(entry) => {
                assert_eq!(entry.member, number);
                (entry.deed, entry.fault.name())
            }
            LogLine::Plan(_) => panic!("nothing was planned"),
        })
        .collect();
    let faults = [
        Fault::Cut,
        Fault::Clock { seconds: AN_HOUR },
        Fault::FillDisk,
        Fault::Corrupt { shard: 0, byte: 77 },
        Fault::Unreadable { shard: 0 },
        Fault::Pause,
        Fault::Kill,
    ];
    let expected: Vec<(Deed, &str)> = faults
        .iter()
        .flat_map(|fault| [(Deed::Done, fault.name()), (Deed::Undone, fault.name())])
        .collect();
    assert_eq!(deeds, expected);
}

async fn until(mut holds: impl AsyncFnMut() -> bool, fact: &str) {
    for _ in 0..LOOKS {
        if holds().await {
            return;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    panic!("{fact}: not yet");
}

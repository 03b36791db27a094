//! The journal of an upload: what an interrupted `put` needs to go on.
//!
//! One JSON object a line, each line on disk before the next step is taken. It holds keys, so its
//! file is readable by the owner only. A line that a crash cut off is ignored; it never was
//! confirmed.

use std::{
    collections::BTreeMap,
    fs::{File, TryLockError},
    io::{self, BufRead, BufReader, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use neurostore_files::{append_synced, open_private, sync_name};
use neurostore_format::{cut, SegmentKey};
use neurostore_primitives::{NodeId, Receipt, ReservationId, SegmentId, ShardRoot, SlotIndex};
use serde::{Deserialize, Serialize};

use crate::source::SourceStamp;

/// Version of the lines.
const VERSION: u32 = 1;
/// How the first line begins.
const BEGINNING: &str = "{\"journal\":";
/// The longest line that is read: a receipt has about 300 bytes.
const MAX_LINE_BYTES: u64 = 64 << 10;

/// Why a journal cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// Reading or writing it failed.
    #[error("the journal {path} cannot be used: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is something else.
    #[error("{path} is not a journal of an upload (line {line}); give another path")]
    NotAJournal {
        /// The file.
        path: PathBuf,
        /// The line that cannot be read.
        line: usize,
    },
    /// Another process goes on with the same upload.
    #[error("another upload of this file is running: it holds the journal {path}")]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// It belongs to another upload.
    #[error(
        "the journal {path} belongs to another upload: {difference}. Delete it to start anew; \
         what the earlier run stored stays paid for until its time is over"
    )]
    OtherUpload {
        /// The file.
        path: PathBuf,
        /// What differs.
        difference: &'static str,
    },
}

/// What an upload is: equal in the runs that share a journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Upload {
    pub(crate) journal: u32,
    pub(crate) genesis: String,
    pub(crate) owner: String,
    pub(crate) size: u64,
    pub(crate) windows: u32,
    pub(crate) source: SourceStamp,
}

impl Upload {
    pub(crate) fn new(
        genesis: &[u8; 32],
        owner: &[u8; 32],
        windows: u32,
        source: SourceStamp,
    ) -> Self {
        Self {
            journal: VERSION,
            genesis: hex::encode(genesis),
            owner: hex::encode(owner),
            size: source.size,
            windows,
            source,
        }
    }
}

/// What is known of one segment.
#[derive(Clone, Debug, Default)]
pub(crate) struct SegmentRecord {
    pub(crate) key: Option<SegmentKey>,
    pub(crate) reservation: Option<ReservationId>,
    pub(crate) receipts: BTreeMap<SlotIndex, (NodeId, Receipt)>,
    pub(crate) committed: Option<SegmentId>,
}

/// One line.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Line {
    Upload(Upload),
    Receipt {
        segment: usize,
        slot: u8,
        node: u32,
        root: String,
        signature: String,
    },
    Reserved {
        segment: usize,
        reservation: u64,
        key: String,
    },
    Committed {
        segment: usize,
        committed: String,
    },
}

/// An open journal; without a file it only remembers.
#[derive(Debug)]
pub(crate) struct Journal {
    file: Option<(PathBuf, File)>,
    segments: BTreeMap<usize, SegmentRecord>,
    /// The number of the root of an object of several segments.
    root: usize,
}

impl Journal {
    /// A journal that is lost with the process.
    pub(crate) fn in_memory() -> Self {
        Self {
            file: None,
            segments: BTreeMap::new(),
            root: usize::MAX,
        }
    }

    /// Opens the journal of this upload, or begins it.
    pub(crate) fn open(path: &Path, upload: &Upload) -> Result<Self, JournalError> {
        let failed = |source| JournalError::Io {
            path: path.into(),
            source,
        };
        let file = open_private(path).map_err(failed)?;
        // Held until the journal is dropped.
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => JournalError::InUse { path: path.into() },
            TryLockError::Error(error) => failed(error),
        })?;

        let mut journal = Self {
            file: None,
            segments: BTreeMap::new(),
            // The root comes after all parts.
            root: cut(upload.size).map_or(usize::MAX, |parts| parts.len()),
        };
        let mut reader = BufReader::new(&file);
        let mut good: u64 = 0;
        for number in 1.. {
            let mut line = String::new();
            let mut bounded = io::Read::take(&mut reader, MAX_LINE_BYTES);
            let read = bounded.read_line(&mut line).map_err(failed)?;
            if read == 0 {
                break;
            }
            let Ok(parsed) = serde_json::from_str::<Line>(&line) else {
                let is_torn = !line.ends_with('\n') && (read as u64) < MAX_LINE_BYTES;
                if is_torn && (number > 1 || is_torn_beginning(&line)) {
                    break;
                }
                return Err(JournalError::NotAJournal {
                    path: path.into(),
                    line: number,
                });
            };
            if !line.ends_with('\n') {
                break;
            }
            match (number, parsed) {
                (1, Line::Upload(earlier)) => same_upload(path, &earlier, upload)?,
                (1, _) => {
                    return Err(JournalError::NotAJournal {
                        path: path.into(),
                        line: number,
                    })
                }
                (_, line) => journal
                    .apply(line)
                    .ok_or_else(|| JournalError::NotAJournal {
                        path: path.into(),
                        line: number,
                    })?,
            }
            good = good.saturating_add(read as u64);
        }
        let mut file = file;
        file.set_len(good).map_err(failed)?;
        file.seek(SeekFrom::Start(good)).map_err(failed)?;
        journal.file = Some((path.into(), file));
        if good == 0 {
            journal.write(&Line::Upload(upload.clone()))?;
            sync_name(path).map_err(failed)?;
        }
        Ok(journal)
    }

    /// What is known of a segment.
    pub(crate) fn segment(&self, segment: usize) -> SegmentRecord {
        self.segments.get(&segment).cloned().unwrap_or_default()
    }

    /// A segment got nodes and a key: from here on its content is bound to the key.
    pub(crate) fn reserved(
        &mut self,
        segment: usize,
        reservation: ReservationId,
        key: &SegmentKey,
    ) -> Result<(), JournalError> {
        let key = hex::encode(key.expose());
        self.record(Line::Reserved {
            segment,
            reservation: reservation.0,
            key,
        })
    }

    /// A node stored and proved a shard.
    pub(crate) fn receipt(
        &mut self,
        segment: usize,
        slot: SlotIndex,
        node: NodeId,
        receipt: &Receipt,
    ) -> Result<(), JournalError> {
        self.record(Line::Receipt {
            segment,
            slot: slot.get(),
            node: node.0,
            root: hex::encode(receipt.root.0),
            signature: hex::encode(receipt.signature),
        })
    }

    /// A committed segment is not on the chain any more: what is known of it is worthless, and so
    /// is the root, which names it.
    pub(crate) fn ended(&mut self, segment: usize) {
        self.segments.remove(&segment);
        self.segments.remove(&self.root);
    }

    /// The chain activated a segment.
    pub(crate) fn committed(&mut self, segment: usize, id: SegmentId) -> Result<(), JournalError> {
        self.record(Line::Committed {
            segment,
            committed: hex::encode(id.0),
        })
    }

    fn record(&mut self, line: Line) -> Result<(), JournalError> {
        self.write(&line)?;
        self.apply(line);
        Ok(())
    }

    fn write(&mut self, line: &Line) -> Result<(), JournalError> {
        let Some((path, file)) = &mut self.file else {
            return Ok(());
        };
        let mut write = || {
            let mut bytes = serde_json::to_vec(line)?;
            bytes.push(b'\n');
            append_synced(file, &bytes)
        };
        write().map_err(|source| JournalError::Io {
            path: path.clone(),
            source,
        })
    }

    fn apply(&mut self, line: Line) -> Option<()> {
        match line {
            Line::Upload(_) => return None,
            Line::Reserved {
                segment,
                reservation,
                key,
            } => {
                // A committed segment is stored anew only after it ended.
                let earlier = self.segments.get(&segment);
                if earlier.is_some_and(|record| record.committed.is_some()) {
                    self.ended(segment);
                }
                // A new reservation makes the receipts of an earlier one worthless.
                let record = SegmentRecord {
                    key: Some(SegmentKey::from_bytes(unhex(&key)?)),
                    reservation: Some(ReservationId(reservation)),
                    ..SegmentRecord::default()
                };
                self.segments.insert(segment, record);
            }
            Line::Receipt {
                segment,
                slot,
                node,
                root,
                signature,
            } => {
                let receipt = Receipt {
                    root: ShardRoot(unhex(&root)?),
                    signature: unhex(&signature)?,
                };
                let record = self.segments.get_mut(&segment)?;
                record
                    .receipts
                    .insert(SlotIndex::new(slot)?, (NodeId(node), receipt));
            }
            Line::Committed { segment, committed } => {
                self.segments.get_mut(&segment)?.committed = Some(SegmentId(unhex(&committed)?));
            }
        }
        Some(())
    }
}

/// Whether this is what a crash leaves of a first line: a part of it, or nothing but its length.
fn is_torn_beginning(text: &str) -> bool {
    text.starts_with(BEGINNING) || BEGINNING.starts_with(text) || text.bytes().all(|byte| byte == 0)
}

fn same_upload(path: &Path, earlier: &Upload, now: &Upload) -> Result<(), JournalError> {
    let difference = if earlier.journal != now.journal {
        "another version of the program wrote it"
    } else if earlier.genesis != now.genesis {
        "it went to another chain"
    } else if earlier.owner != now.owner {
        "another account pays for it"
    } else if earlier.windows != now.windows {
        "it was paid for another time"
    } else if earlier.source != now.source {
        "the file is another or has changed"
    } else {
        return Ok(());
    };
    Err(JournalError::OtherUpload {
        path: path.into(),
        difference,
    })
}

fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upload(windows: u32) -> Upload {
        let source = SourceStamp {
            path: "/films/one".into(),
            size: 99,
            modified: 5,
            changed: 6,
            inode: 7,
        };
        Upload::new(&[1; 32], &[2; 32], windows, source)
    }

    fn receipt() -> Receipt {
        Receipt {
            root: ShardRoot([3; 32]),
            signature: [4; 64],
        }
    }

    fn filled(path: &Path) {
        let mut journal = Journal::open(path, &upload(10)).unwrap();
        journal
            .reserved(0, ReservationId(5), &SegmentKey::from_bytes([8; 32]))
            .unwrap();
        journal
            .receipt(0, SlotIndex::new(14).unwrap(), NodeId(9), &receipt())
            .unwrap();
        journal
            .reserved(1, ReservationId(6), &SegmentKey::from_bytes([9; 32]))
            .unwrap();
        journal.committed(0, SegmentId([7; 32])).unwrap();
    }

    #[test]
    fn a_journal_gives_back_what_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        filled(&path);
        let journal = Journal::open(&path, &upload(10)).unwrap();
        let first = journal.segment(0);
        assert_eq!(first.committed, Some(SegmentId([7; 32])));
        assert_eq!(first.key, Some(SegmentKey::from_bytes([8; 32])));
        assert_eq!(
            first.receipts[&SlotIndex::new(14).unwrap()],
            (NodeId(9), receipt())
        );
        assert_eq!(journal.segment(1).reservation, Some(ReservationId(6)));
        assert!(journal.segment(2).key.is_none());
    }

    #[test]
    fn a_line_cut_off_by_a_crash_is_forgotten_and_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        filled(&path);
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, &whole[..whole.len() - 5]).unwrap();
        let mut journal = Journal::open(&path, &upload(10)).unwrap();
        assert_eq!(journal.segment(0).committed, None);
        journal.committed(1, SegmentId([6; 32])).unwrap();
        drop(journal);
        let journal = Journal::open(&path, &upload(10)).unwrap();
        assert_eq!(journal.segment(1).committed, Some(SegmentId([6; 32])));
    }

    #[test]
    fn a_first_line_cut_off_by_a_crash_begins_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        drop(Journal::open(&path, &upload(10)).unwrap());
        let whole = std::fs::read(&path).unwrap();
        for length in 0..whole.len() {
            std::fs::write(&path, &whole[..length]).unwrap();
            drop(Journal::open(&path, &upload(10)).unwrap());
            assert_eq!(std::fs::read(&path).unwrap(), whole, "after {length} bytes");
        }
        std::fs::write(&path, [0; 40]).unwrap();
        drop(Journal::open(&path, &upload(10)).unwrap());
        assert_eq!(std::fs::read(&path).unwrap(), whole);
    }

    #[test]
    fn two_uploads_do_not_share_a_journal() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let first = Journal::open(&path, &upload(10)).unwrap();
        let error = Journal::open(&path, &upload(10)).unwrap_err();
        assert!(matches!(error, JournalError::InUse { .. }), "{error}");
        drop(first);
        Journal::open(&path, &upload(10)).unwrap();
    }

    #[test]
    fn a_new_reservation_forgets_the_receipts_of_the_old_one() {
        let mut journal = Journal::in_memory();
        let key = SegmentKey::from_bytes([8; 32]);
        journal.reserved(0, ReservationId(5), &key).unwrap();
        journal
            .receipt(0, SlotIndex::default(), NodeId(9), &receipt())
            .unwrap();
        journal.reserved(0, ReservationId(6), &key).unwrap();
        assert!(journal.segment(0).receipts.is_empty());
    }

    #[test]
    fn a_segment_that_ended_takes_the_root_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        // So few bytes are one part; segment 1 stands for the root.
        filled(&path);
        let mut journal = Journal::open(&path, &upload(10)).unwrap();
        assert_eq!(journal.segment(0).committed, Some(SegmentId([7; 32])));
        journal.ended(0);
        assert!(journal.segment(0).key.is_none() && journal.segment(1).key.is_none());
        journal
            .reserved(0, ReservationId(8), &SegmentKey::from_bytes([5; 32]))
            .unwrap();
        drop(journal);
        let journal = Journal::open(&path, &upload(10)).unwrap();
        assert_eq!(journal.segment(0).reservation, Some(ReservationId(8)));
        assert_eq!(journal.segment(0).committed, None);
        assert!(journal.segment(1).key.is_none());
    }

    #[test]
    fn the_journal_of_another_upload_is_refused_and_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        filled(&path);
        let error = Journal::open(&path, &upload(11)).unwrap_err();
        assert!(
            error.to_string().contains("it was paid for another time"),
            "{error}"
        );
    }

    #[test]
    fn a_file_that_is_no_journal_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("letter");
        std::fs::write(&path, "Dear reader,\n").unwrap();
        let error = Journal::open(&path, &upload(10)).unwrap_err();
        assert!(matches!(error, JournalError::NotAJournal { line: 1, .. }));
        assert_eq!(std::fs::read(&path).unwrap(), b"Dear reader,\n");
        std::fs::write(&path, "Dear reader").unwrap();
        let error = Journal::open(&path, &upload(10)).unwrap_err();
        assert!(matches!(error, JournalError::NotAJournal { line: 1, .. }));
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read_a_journal() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        filled(&path);
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
}

//! Showing progress: bars on a terminal, a line every few seconds elsewhere, nothing if asked.

use std::{
    io::IsTerminal,
    sync::{
        atomic::{AtomicU64, Ordering},
        Arc,
    },
    time::{Duration, Instant},
};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use neurostore_client::{Capacity, Progress, ProgressSink, TOTAL_SHARDS};
use tokio::task::JoinHandle;

use crate::config::Settings;

/// Between two lines where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(5);
/// Shards of a segment.
const SHARDS: u64 = TOTAL_SHARDS as u64;

/// What was done so far, by stage.
#[derive(Debug, Default)]
struct Tally {
    object_bytes: AtomicU64,
    upload_bytes: AtomicU64,
    segments: AtomicU64,
    encoded: AtomicU64,
    uploaded: AtomicU64,
    verified: AtomicU64,
    committed: AtomicU64,
    downloaded: AtomicU64,
    replaced: AtomicU64,
}

impl Tally {
    fn count(&self, step: &Progress) {
        let add = |counter: &AtomicU64, by: u64| {
            counter.fetch_add(by, Ordering::Relaxed);
        };
        match step {
            Progress::Planned {
                segments,
                object_bytes,
                upload_bytes,
            } => {
                add(&self.segments, *segments as u64);
                add(&self.object_bytes, *object_bytes);
                add(&self.upload_bytes, *upload_bytes);
            }
            Progress::Encoded { bytes, .. } => add(&self.encoded, *bytes),
            Progress::Uploaded { bytes, .. } => add(&self.uploaded, *bytes),
            Progress::Wasted { bytes, .. } => {
                add(&self.upload_bytes, *bytes);
                add(&self.replaced, 1);
            }
            Progress::Verified { .. } => add(&self.verified, 1),
            Progress::Committed { .. } => add(&self.committed, 1),
            Progress::Resumed { upload_bytes, .. } => {
                add(&self.uploaded, *upload_bytes);
                add(&self.verified, SHARDS);
                add(&self.committed, 1);
            }
            Progress::Downloaded { bytes } => add(&self.downloaded, *bytes),
            _ => {}
        }
    }

    fn of(counter: &AtomicU64) -> u64 {
        counter.load(Ordering::Relaxed)
    }
}

/// Progress of one operation on the screen; ends when dropped.
#[derive(Debug)]
pub(crate) struct Display {
    sink: ProgressSink,
    task: Option<JoinHandle<()>>,
    bars: Option<MultiProgress>,
}

/// What is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Upload,
    /// A download of so many bytes.
    Download(u64),
}

impl Display {
    /// Starts showing progress, in the way that fits standard error.
    pub(crate) fn start(kind: Kind, settings: &Settings) -> Self {
        let tally = Arc::new(Tally::default());
        if settings.quiet || settings.json {
            return Self {
                sink: ProgressSink::default(),
                task: None,
                bars: None,
            };
        }
        if std::io::stderr().is_terminal() {
            return Self::bars(kind, tally);
        }
        let shown = Arc::clone(&tally);
        let task = tokio::spawn(async move {
            let begun = Instant::now();
            loop {
                tokio::time::sleep(LINE_EVERY).await;
                eprintln!("{}", line(kind, &shown, begun.elapsed()));
            }
        });
        let sink = ProgressSink::new(move |step| tally.count(&step));
        Self {
            sink,
            task: Some(task),
            bars: None,
        }
    }

    fn bars(kind: Kind, tally: Arc<Tally>) -> Self {
        let all = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
        let bar = |name: &'static str, template: &str| {
            let style = ProgressStyle::with_template(template)
                .unwrap_or_else(|_| ProgressStyle::default_bar());
            all.add(ProgressBar::new(0).with_style(style).with_prefix(name))
        };
        let in_bytes =
            "{prefix:>8} {bar:32} {bytes:>11} of {total_bytes:<11} {bytes_per_sec} {eta}";
        let in_steps = "{prefix:>8} {bar:32} {pos:>7} of {len:<7} {msg}";
        let sink = match kind {
            Kind::Download(size) => {
                let download = bar("download", in_bytes);
                download.set_length(size);
                ProgressSink::new(move |step| {
                    tally.count(&step);
                    download.set_position(Tally::of(&tally.downloaded));
                })
            }
            Kind::Upload => {
                let (encode, upload) = (bar("encode", in_bytes), bar("upload", in_bytes));
                let (verify, chain) = (bar("verify", in_steps), bar("chain", in_steps));
                verify.set_message("shards proved by their nodes");
                chain.set_message("segments active");
                ProgressSink::new(move |step| {
                    tally.count(&step);
                    let segments = Tally::of(&tally.segments);
                    encode.set_length(Tally::of(&tally.object_bytes));
                    encode.set_position(Tally::of(&tally.encoded));
                    upload.set_length(Tally::of(&tally.upload_bytes));
                    upload.set_position(Tally::of(&tally.uploaded));
                    verify.set_length(segments * SHARDS);
                    verify.set_position(Tally::of(&tally.verified));
                    chain.set_length(segments);
                    chain.set_position(Tally::of(&tally.committed));
                })
            }
        };
        Self {
            sink,
            task: None,
            bars: Some(all),
        }
    }

    /// Where the operation reports to.
    pub(crate) fn sink(&self) -> ProgressSink {
        self.sink.clone()
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
        if let Some(bars) = &self.bars {
            // What is left on the screen is the result; a terminal that cannot clear keeps the
            // bars, which harms nobody.
            let _ = bars.clear();
        }
    }
}

/// One line of progress.
fn line(kind: Kind, tally: &Tally, since: Duration) -> String {
    let rate = |done: u64| {
        let seconds = since.as_secs().max(1);
        format!("{}/s", Capacity(done / seconds))
    };
    let share = |done: u64, all: u64| (done.min(all) * 100).checked_div(all).unwrap_or(0);
    match kind {
        Kind::Download(size) => {
            let done = Tally::of(&tally.downloaded);
            format!(
                "download {}% ({} of {}, {})",
                share(done, size),
                Capacity(done),
                Capacity(size),
                rate(done)
            )
        }
        Kind::Upload => {
            let segments = Tally::of(&tally.segments);
            if segments == 0 {
                return "preparing".into();
            }
            let (uploaded, all) = (Tally::of(&tally.uploaded), Tally::of(&tally.upload_bytes));
            let encoded = Tally::of(&tally.encoded);
            format!(
                "encode {}%, upload {}% ({} of {}, {}), verify {} of {} shards, chain {} of {} \
                 segments",
                share(encoded, Tally::of(&tally.object_bytes)),
                share(uploaded, all),
                Capacity(uploaded),
                Capacity(all),
                rate(uploaded),
                Tally::of(&tally.verified),
                segments * SHARDS,
                Tally::of(&tally.committed),
                segments,
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_every_stage() {
        let tally = Tally::default();
        assert_eq!(line(Kind::Upload, &tally, Duration::ZERO), "preparing");
        tally.count(&Progress::Planned {
            segments: 2,
            object_bytes: 100,
            upload_bytes: 3000,
        });
        tally.count(&Progress::Encoded {
            segment: 0,
            bytes: 50,
        });
        let resumed = Progress::Resumed {
            segment: 1,
            upload_bytes: 1500,
        };
        tally.count(&resumed);
        let text = line(Kind::Upload, &tally, Duration::from_secs(2));
        assert!(text.starts_with("encode 50%, upload 50%"), "{text}");
        assert!(
            text.ends_with("verify 15 of 30 shards, chain 1 of 2 segments"),
            "{text}"
        );
    }

    #[test]
    fn bytes_sent_in_vain_do_not_count_as_progress() {
        let tally = Tally::default();
        tally.count(&Progress::Planned {
            segments: 1,
            object_bytes: 100,
            upload_bytes: 1000,
        });
        let slot = neurostore_client::SlotIndex::default();
        tally.count(&Progress::Uploaded {
            segment: 0,
            slot,
            bytes: 500,
        });
        let reason = "gone".into();
        tally.count(&Progress::Wasted {
            segment: 0,
            slot,
            bytes: 500,
            reason,
        });
        assert_eq!(Tally::of(&tally.upload_bytes), 1500);
    }

    #[test]
    fn an_empty_download_does_not_divide_by_zero() {
        let text = line(Kind::Download(0), &Tally::default(), Duration::ZERO);
        assert!(text.starts_with("download 0%"), "{text}");
    }
}

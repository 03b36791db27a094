//! What a person sees while something takes its time.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use neurostore_client::{Progress, ProgressSink};

/// How often a bar moves that has no end.
const SPIN_EVERY: Duration = Duration::from_millis(120);

/// Announces a step.
pub(super) fn headline(text: &str) {
    println!("\n== {text}");
}

/// A bar without an end, for waiting.
pub(super) fn spinner() -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("   {spinner} {elapsed} {msg}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(SPIN_EVERY);
    bar
}

/// A bar of bytes.
pub(super) fn byte_bar(bytes: u64) -> ProgressBar {
    let bar = ProgressBar::new(bytes);
    let template =
        "   {bar:30} {binary_bytes} of {binary_total_bytes}  {binary_bytes_per_sec}  {msg}";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}

/// Moves `bar` with an upload.
pub(super) fn upload(bar: &ProgressBar) -> ProgressSink {
    let bar = bar.clone();
    ProgressSink::new(move |step| match step {
        Progress::Planned { upload_bytes, .. } => bar.set_length(upload_bytes),
        Progress::Uploaded { bytes, .. } => bar.inc(bytes),
        Progress::Wasted { bytes, reason, .. } => {
            bar.set_position(bar.position().saturating_sub(bytes));
            bar.println(format!("   a node is replaced: {reason}"));
        }
        Progress::Committed { id, .. } => bar.println(format!("   active: segment {id}")),
        _ => {}
    })
}

/// Moves `bar` with a download.
pub(super) fn download(bar: &ProgressBar) -> ProgressSink {
    let bar = bar.clone();
    ProgressSink::new(move |step| {
        if let Progress::Downloaded { bytes } = step {
            bar.inc(bytes);
        }
    })
}

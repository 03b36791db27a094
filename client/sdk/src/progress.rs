//! What an operation tells while it runs.

use std::{fmt, sync::Arc};

use neurostore_primitives::{NodeId, ReservationId, SegmentId, SlotIndex};

/// One step of an upload or a download.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress {
    /// An upload was planned.
    Planned {
        /// Segments, the index of a larger object among them.
        segments: usize,
        /// Bytes of the object.
        object_bytes: u64,
        /// Bytes that go to nodes, parity among them.
        upload_bytes: u64,
    },
    /// Fifteen nodes were asked of the chain.
    Reserved {
        /// The segment, in order of upload.
        segment: usize,
        /// The reservation.
        reservation: ReservationId,
    },
    /// Bytes of the object were encrypted and coded.
    Encoded {
        /// The segment.
        segment: usize,
        /// Bytes since the last such message.
        bytes: u64,
    },
    /// Bytes went out to a node.
    Uploaded {
        /// The segment.
        segment: usize,
        /// The slot.
        slot: SlotIndex,
        /// Bytes since the last such message.
        bytes: u64,
    },
    /// Bytes that went to a node were for nothing: the node is replaced.
    Wasted {
        /// The segment.
        segment: usize,
        /// The slot.
        slot: SlotIndex,
        /// Its bytes so far.
        bytes: u64,
        /// What went wrong.
        reason: String,
    },
    /// A node proved that it stores its shard.
    Verified {
        /// The segment.
        segment: usize,
        /// The slot.
        slot: SlotIndex,
        /// The node.
        node: NodeId,
    },
    /// The chain activated a segment.
    Committed {
        /// The segment.
        segment: usize,
        /// Its identity.
        id: SegmentId,
    },
    /// A segment was stored by an earlier run.
    Resumed {
        /// The segment.
        segment: usize,
        /// Its bytes, parity among them.
        upload_bytes: u64,
    },
    /// Bytes of an object were decoded.
    Downloaded {
        /// Bytes since the last such message.
        bytes: u64,
    },
}

/// A function that is told of every step. It must return quickly.
#[derive(Clone)]
pub struct ProgressSink(Arc<dyn Fn(Progress) + Send + Sync>);

impl ProgressSink {
    /// Calls `listener` at every step.
    ///
    /// ```
    /// use neurostore_client::{Progress, ProgressSink, PutOptions};
    ///
    /// let mut options = PutOptions::new(24);
    /// options.progress = ProgressSink::new(|step| match step {
    ///     Progress::Planned { upload_bytes, .. } => println!("{upload_bytes} bytes to send"),
    ///     Progress::Committed { segment, .. } => println!("segment {segment} is stored"),
    ///     _ => {}
    /// });
    /// ```
    pub fn new(listener: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        Self(Arc::new(listener))
    }

    pub(crate) fn tell(&self, step: Progress) {
        (self.0)(step);
    }
}

impl Default for ProgressSink {
    fn default() -> Self {
        Self::new(|_| {})
    }
}

impl fmt::Debug for ProgressSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProgressSink(..)")
    }
}

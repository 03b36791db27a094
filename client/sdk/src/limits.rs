//! Every bound of the client, with its reason.

use std::time::Duration;

/// Leaves of each shard that are asked back after its upload: a node that keeps half of a shard
/// passes one time in 256.
pub(crate) const SPOT_CHECKS: usize = 8;
/// Encoded stripes that wait for the nodes, for each slot: 4 * 15 * 64 KiB = 3.8 MiB a segment.
pub(crate) const UPLOAD_STRIPES: usize = 4;
/// Decoded pieces that wait for the reader.
pub(crate) const DECODED_PIECES: usize = 4;
/// Longest pause before anything is tried again.
pub(crate) const MAX_PAUSE: Duration = Duration::from_secs(10);

/// Patience and parallelism of a client.
#[derive(Clone, Debug)]
pub struct ClientLimits {
    /// Segments that are uploaded at the same time.
    pub segments_in_flight: usize,
    /// Shards that a read asks for at first; ten are enough, the others outrun slow nodes.
    pub first_reads: usize,
    /// Units that are read ahead of each shard: with twelve shards 6 MiB.
    pub stripes_in_flight: usize,
    /// When nine of ten units of a stripe are there and the last one takes longer than this,
    /// another shard is asked as well.
    pub hedge_after: Duration,
    /// Time that a node may make all others wait for it during an upload, in sum. A node that is
    /// as slow as everybody else (a slow uplink of ours) loses nothing. Shorter than the
    /// `upload_window` in which nodes wait for bytes.
    pub straggler_budget: Duration,
    /// How often the nodes of a segment may be replaced during an upload.
    pub redraw_rounds: u32,
    /// Repetitions of all kinds that one operation may make.
    pub retries: u32,
}

impl Default for ClientLimits {
    fn default() -> Self {
        Self {
            segments_in_flight: 2,
            first_reads: 12,
            stripes_in_flight: 8,
            hedge_after: Duration::from_millis(1500),
            straggler_budget: Duration::from_secs(60),
            redraw_rounds: 4,
            retries: 60,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use neurostore_swarm::Limits as SwarmLimits;

    /// Room for bytes that are on their way when the straggler is cut off.
    const MARGIN: Duration = Duration::from_secs(15);

    #[test]
    fn nodes_wait_longer_for_bytes_than_one_node_may_hold_them_up() {
        let longest = ClientLimits::default().straggler_budget + MARGIN;
        assert!(SwarmLimits::default().upload_window >= longest);
    }
}

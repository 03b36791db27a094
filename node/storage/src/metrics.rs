//! Numbers for Prometheus.

use neurostore_swarm::Refusal;
use substrate_prometheus_endpoint::{
    prometheus::{Encoder, TextEncoder},
    register, Counter, CounterVec, Gauge, Histogram, HistogramOpts, Opts, PrometheusError,
    Registry, U64,
};

use crate::store::Occupancy;

/// Seconds in which proofs are made, on small and large machines, for small and large circuits.
const PROVING_BUCKETS: [f64; 9] = [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0];

/// How the service stands, in the numbers that nobody counts step by step.
pub(crate) struct Standing {
    pub(crate) occupancy: Occupancy,
    pub(crate) is_read_only: bool,
    pub(crate) missing_shards: usize,
    pub(crate) peers: usize,
}

/// The numbers of one service.
pub(crate) struct Metrics {
    registry: Registry,
    up: Gauge<U64>,
    shards: Gauge<U64>,
    stored_bytes: Gauge<U64>,
    incoming_bytes: Gauge<U64>,
    removed_bytes: Gauge<U64>,
    capacity_bytes: Gauge<U64>,
    damaged_shards: Gauge<U64>,
    missing_shards: Gauge<U64>,
    read_only: Gauge<U64>,
    peers: Gauge<U64>,
    pub(crate) best_block: Gauge<U64>,
    pub(crate) uploads_running: Gauge<U64>,
    pub(crate) uploads: Counter<U64>,
    pub(crate) reads: Counter<U64>,
    pub(crate) leaf_reads: Counter<U64>,
    pub(crate) swept: Counter<U64>,
    pub(crate) chain_errors: Counter<U64>,
    pub(crate) proofs_accepted: Counter<U64>,
    pub(crate) proofs_withheld: Counter<U64>,
    pub(crate) windows_missed: Counter<U64>,
    pub(crate) sample_failures: Counter<U64>,
    pub(crate) worker_failures: Counter<U64>,
    pub(crate) proving_seconds: Histogram,
    refusals: CounterVec<U64>,
}

impl Metrics {
    pub(crate) fn register(registry: Option<Registry>) -> Result<Self, PrometheusError> {
        let registry = registry.unwrap_or_default();
        let gauge = |name: &str, help: &str| register(Gauge::new(named(name), help)?, &registry);
        let counter =
            |name: &str, help: &str| register(Counter::new(named(name), help)?, &registry);
        Ok(Self {
            up: gauge("up", "1 while the storage service runs")?,
            shards: gauge("shards", "Shards stored")?,
            stored_bytes: gauge("stored_bytes", "Bytes of shards stored")?,
            incoming_bytes: gauge("incoming_bytes", "Bytes of uploads on their way")?,
            removed_bytes: gauge(
                "removed_bytes",
                "Bytes of shards that wait for their removal",
            )?,
            capacity_bytes: gauge("capacity_bytes", "Bytes of shards offered")?,
            damaged_shards: gauge("damaged_shards", "Shards whose bytes are gone or changed")?,
            missing_shards: gauge(
                "missing_shards",
                "Shards the chain expects here that cannot be read",
            )?,
            read_only: gauge("read_only", "1 where the store no longer writes")?,
            peers: gauge("peers", "Connected peers of the swarm")?,
            best_block: gauge("best_block", "Number of the best block")?,
            uploads_running: gauge("uploads_running", "Uploads being taken")?,
            uploads: counter("uploads_total", "Uploads that were receipted")?,
            reads: counter("reads_total", "Range reads served")?,
            leaf_reads: counter("leaf_reads_total", "Leaf reads served")?,
            swept: counter(
                "swept_shards_total",
                "Removed shards whose bytes were deleted",
            )?,
            chain_errors: counter("chain_errors_total", "Questions to the chain that failed")?,
            proofs_accepted: counter("proofs_accepted_total", "Windows proven")?,
            proofs_withheld: counter(
                "proofs_withheld_total",
                "Proofs not sent because the chain would refuse them",
            )?,
            windows_missed: counter("windows_missed_total", "Windows missed")?,
            sample_failures: counter("sample_failures_total", "Samples that could not be read")?,
            worker_failures: counter(
                "worker_failures_total",
                "Panics of workers, which began anew",
            )?,
            proving_seconds: register(
                Histogram::with_opts(
                    HistogramOpts::new(named("proving_seconds"), "Seconds to make a proof")
                        .buckets(PROVING_BUCKETS.to_vec()),
                )?,
                &registry,
            )?,
            refusals: register(
                CounterVec::new(
                    Opts::new(named("refusals_total"), "Requests refused, by reason"),
                    &["reason"],
                )?,
                &registry,
            )?,
            registry,
        })
    }

    pub(crate) fn refused(&self, reason: Refusal) {
        self.refusals
            .with_label_values(&[format!("{reason:?}").as_str()])
            .inc();
    }

    /// Refusals so far, by reason.
    pub(crate) fn refusals(&self) -> std::collections::BTreeMap<String, u64> {
        use substrate_prometheus_endpoint::prometheus::core::Collector;
        let families = self.refusals.collect();
        let metrics = families.iter().flat_map(|family| family.get_metric());
        metrics
            .filter_map(|metric| {
                let reason = metric.get_label().first()?.get_value().to_owned();
                // Counted in whole steps from zero: no fraction is lost.
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                let count = metric.get_counter().get_value() as u64;
                Some((reason, count))
            })
            .collect()
    }

    /// Brings the gauges up to date.
    pub(crate) fn refresh(&self, now: &Standing) {
        let held = &now.occupancy;
        self.up.set(1);
        self.shards.set(held.shards);
        self.stored_bytes.set(held.stored_bytes);
        self.incoming_bytes.set(held.incoming_bytes);
        self.removed_bytes.set(held.removed_bytes);
        self.capacity_bytes.set(held.capacity_bytes);
        self.damaged_shards.set(held.damaged_shards);
        self.missing_shards.set(now.missing_shards as u64);
        self.read_only.set(u64::from(now.is_read_only));
        self.peers.set(now.peers as u64);
    }

    /// The service ends, and with it what its gauges said.
    pub(crate) fn stop(&self) {
        self.up.set(0);
    }

    /// All numbers in Prometheus' text format.
    pub(crate) fn render(&self) -> Result<String, PrometheusError> {
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }
}

fn named(name: &str) -> String {
    format!("neurostore_storage_{name}")
}

//! Loading a prover.

use std::{fmt, path::Path, sync::Arc, thread::available_parallelism};

use neurostore_primitives::CircuitId;
use neurostore_setup::{development_proving_key, KeyFileError, ProvingKey, SetupError};
use neurostore_verifier::{admit, development_key, AdmitError, PreparedKey};
use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};

/// Proves for one circuit. Cheap to clone; proving blocks the calling thread.
#[derive(Clone)]
pub struct Prover {
    circuit: CircuitId,
    pub(crate) proving: Arc<ProvingKey>,
    pub(crate) verifying: Arc<PreparedKey>,
    pub(crate) pool: Arc<ThreadPool>,
}

// The keys are megabytes of points that nobody wants in a log.
impl fmt::Debug for Prover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prover")
            .field("circuit", &self.circuit)
            .finish_non_exhaustive()
    }
}

/// Why there is no prover.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The proving key could neither be read nor derived.
    #[error(transparent)]
    Key(#[from] KeyFileError),
    /// The verifying key of the circuit is not acceptable.
    #[error("the verifying key is refused: {0}")]
    Admit(#[from] AdmitError),
    /// The threads could not be started.
    #[error("the proving threads could not be started: {0}")]
    Threads(#[from] ThreadPoolBuildError),
}

impl Prover {
    /// Loads the prover of a circuit, its key from `key_dir`.
    ///
    /// On first use the development proving key is derived and written there: seconds for circuit
    /// 4, tens of seconds for circuit 24. Blocks; call it where blocking is allowed.
    pub fn load(circuit: CircuitId, key_dir: &Path) -> Result<Self, LoadError> {
        let verifying = development_key(circuit)
            .ok_or(KeyFileError::Setup(SetupError::UnknownCircuit(circuit)))?;
        let verifying = admit(verifying, 1)?;
        let pool = ThreadPoolBuilder::new()
            .num_threads(threads())
            .thread_name(|number| format!("prove-{number}"))
            .build()?;
        let (proving, _) = pool.install(|| development_proving_key(circuit, key_dir))?;
        Ok(Self {
            circuit,
            proving: Arc::new(proving),
            verifying: Arc::new(verifying),
            pool: Arc::new(pool),
        })
    }

    /// The circuit this prover proves.
    pub fn circuit(&self) -> CircuitId {
        self.circuit
    }

    /// Samples a proof covers: by convention the number of the circuit.
    pub fn samples(&self) -> u16 {
        self.circuit.0
    }
}

/// One less than the machine has, so that a node stays responsive; at least one.
fn threads() -> usize {
    available_parallelism().map_or(1, |cores| cores.get().saturating_sub(1).max(1))
}

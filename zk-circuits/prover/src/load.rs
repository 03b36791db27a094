//! Loading a prover.

use std::{fmt, num::NonZeroUsize, path::Path, sync::Arc};

use neurostore_keys::{
    ceremony_file_name, ceremony_verifying_file_name, development_proving_key, read_proving_key,
    DevelopmentKeyError, KeyFileError, ProvingKey,
};
use neurostore_lanes::Backend;
use neurostore_primitives::CircuitId;
use neurostore_verifier::{admit, development_key, AdmitError, PreparedKey};
use rayon::{ThreadPool, ThreadPoolBuildError};

use crate::{groth16::Key, threads};

/// Public inputs of every circuit: the statement.
const PUBLIC_INPUTS: usize = 1;

/// Proves for one circuit. Cheap to clone; proving blocks the calling thread.
#[derive(Clone)]
pub struct Prover {
    circuit: CircuitId,
    pub(crate) proving: Arc<Key>,
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

/// What a prover may use of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Threads that prove; one less than the machine has cores where nothing is said, and at
    /// least one. They run at low priority: see [`crate::NICENESS`].
    pub threads: Option<NonZeroUsize>,
    /// How points are added; the fastest way of this CPU where nothing is said.
    pub backend: Backend,
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
    /// Loads the development prover of a circuit, its key from `key_dir`.
    ///
    /// On first use the proving key is derived and written there: a second for circuit 4, tens of
    /// seconds for circuit 48. Blocks; call it where blocking is allowed.
    pub fn load(circuit: CircuitId, key_dir: &Path) -> Result<Self, LoadError> {
        Self::load_with(circuit, key_dir, Options::default())
    }

    /// As [`Self::load`], with a say in what it may use.
    pub fn load_with(
        circuit: CircuitId,
        key_dir: &Path,
        options: Options,
    ) -> Result<Self, LoadError> {
        let verifying = development_key(circuit)
            .ok_or(DevelopmentKeyError::UnknownCircuit(circuit))
            .map_err(KeyFileError::from)?;
        Self::build(circuit, verifying, options, || {
            development_proving_key(circuit, key_dir).map(|(key, _)| key)
        })
    }

    /// Opens the prover of a circuit with keys of any origin: the proving key out of a file as
    /// [`neurostore_keys::write_proving_key`] makes it, and the verifying key it must belong to,
    /// as the chain has admitted it.
    ///
    /// The points of the file are those its hash stands for, and are not looked at any further: a
    /// key that does not fit its circuit is found by the first proof, which does not verify.
    pub fn open(
        circuit: CircuitId,
        proving_key_file: &Path,
        verifying_key: &[u8],
        options: Options,
    ) -> Result<Self, LoadError> {
        Self::build(circuit, verifying_key, options, || {
            read_proving_key(proving_key_file, circuit, verifying_key)
        })
    }

    /// The prover of a circuit with whatever keys the folder has: those of a ceremony, as
    /// `neurostore-setup import-zkey` writes them, and the development keys where there are none.
    pub fn from_folder(
        circuit: CircuitId,
        key_dir: &Path,
        options: Options,
    ) -> Result<Self, LoadError> {
        let proving = key_dir.join(ceremony_file_name(circuit));
        if !proving.is_file() {
            return Self::load_with(circuit, key_dir, options);
        }
        let path = key_dir.join(ceremony_verifying_file_name(circuit));
        let verifying = std::fs::read(&path).map_err(|source| KeyFileError::Io { path, source })?;
        Self::open(circuit, &proving, &verifying, options)
    }

    fn build(
        circuit: CircuitId,
        verifying: &[u8],
        options: Options,
        proving: impl FnOnce() -> Result<ProvingKey, KeyFileError> + Send,
    ) -> Result<Self, LoadError> {
        let verifying = admit(verifying, PUBLIC_INPUTS)?;
        let pool = threads::pool(options.threads)?;
        let proving =
            pool.install(|| Ok::<_, LoadError>(Key::new(&proving()?, options.backend)))?;
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

    /// Threads that prove.
    pub fn threads(&self) -> usize {
        self.pool.current_num_threads()
    }
}

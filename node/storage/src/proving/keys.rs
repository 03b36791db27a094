//! The provers of the circuits, and the keys that turned out not to be the chain's.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Instant, SystemTime},
};

use neurostore_keys::{ceremony_file_name, ceremony_verifying_file_name, file_name};
use neurostore_primitives::{CircuitId, PROOF_BYTES};
use neurostore_prover::{LoadError, Options as ProverOptions, Prover};
use tokio::sync::Semaphore;

use crate::threads::quietly;

/// Length and time of a key file; `None` where there is none.
type FileMark = Option<(u64, Option<SystemTime>)>;
/// The marks of a circuit's key files: they change where somebody puts another key there.
type FileMarks = [FileMark; 3];

/// A proof that the chain refused, and the key files it was made with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Refused {
    pub(super) statement: [u8; 32],
    pub(super) proof: [u8; PROOF_BYTES],
    files: FileMarks,
}

#[derive(Debug)]
struct Loaded {
    prover: Prover,
    files: FileMarks,
}

/// The provers of the circuits that were asked for, loaded once each.
#[derive(Debug)]
pub(super) struct Provers {
    key_dir: PathBuf,
    loaded: Mutex<HashMap<CircuitId, Loaded>>,
    refused: Mutex<HashMap<CircuitId, Refused>>,
    /// One proof at a time: one whose challenge was left behind runs to its end, and the memory of
    /// a second must not come on top.
    pub(super) turn: Arc<Semaphore>,
}

impl Provers {
    pub(super) fn new(key_dir: PathBuf) -> Arc<Self> {
        Arc::new(Self {
            key_dir,
            loaded: Mutex::default(),
            refused: Mutex::default(),
            turn: Arc::new(Semaphore::new(1)),
        })
    }

    /// The file that the proving key of a circuit is read from.
    pub(super) fn key_file(&self, circuit: CircuitId) -> PathBuf {
        let ceremony = self.key_dir.join(ceremony_file_name(circuit));
        if ceremony.is_file() {
            ceremony
        } else {
            self.key_dir.join(file_name(circuit))
        }
    }

    /// The proof that the chain refused, where the key files are still those that made it.
    pub(super) fn refused(&self, circuit: CircuitId) -> Option<Refused> {
        let mut all = locked(&self.refused);
        let refused = all.get(&circuit).copied()?;
        if refused.files == marks_of(&self.key_dir, circuit) {
            return Some(refused);
        }
        all.remove(&circuit);
        None
    }

    /// Notes that the chain refused a proof, and lets go of the key it was made with, so that one
    /// put in its place is found.
    pub(super) fn refuse(&self, circuit: CircuitId, statement: [u8; 32], proof: [u8; PROOF_BYTES]) {
        let Some(loaded) = locked(&self.loaded).remove(&circuit) else {
            return;
        };
        let refused = Refused {
            statement,
            proof,
            files: loaded.files,
        };
        locked(&self.refused).insert(circuit, refused);
    }

    /// The chain takes the proof that it refused: it has another verifying key now.
    pub(super) fn rehabilitate(&self, circuit: CircuitId) {
        locked(&self.refused).remove(&circuit);
    }

    /// Held while a key is loaded or derived, so that this happens once.
    pub(super) fn get(&self, circuit: CircuitId) -> Result<Prover, LoadError> {
        let mut all = locked(&self.loaded);
        if let Some(loaded) = all.get(&circuit) {
            return Ok(loaded.prover.clone());
        }
        let began = Instant::now();
        tracing::info!(%circuit, "loading the proving key; the first time it has to be derived");
        let prover = Prover::from_folder(circuit, &self.key_dir, ProverOptions::default())?;
        tracing::info!(%circuit, seconds = began.elapsed().as_secs_f32(), "proving key loaded");
        let loaded = Loaded {
            prover: prover.clone(),
            // A derived key lies there only now.
            files: marks_of(&self.key_dir, circuit),
        };
        all.insert(circuit, loaded);
        Ok(prover)
    }

    /// Loads a prover ahead of its first challenge.
    pub(super) async fn warm_up(self: &Arc<Self>, circuit: CircuitId) {
        let provers = Arc::clone(self);
        let loaded = quietly(move || provers.get(circuit).map(drop)).await;
        if let Err(error) = loaded.unwrap_or(Ok(())) {
            tracing::error!(%circuit, %error, "the prover could not be loaded");
        }
    }
}

/// A thread that died under the lock leaves whole entries.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn marks_of(key_dir: &Path, circuit: CircuitId) -> FileMarks {
    [
        ceremony_file_name(circuit),
        ceremony_verifying_file_name(circuit),
        file_name(circuit),
    ]
    .map(|name| {
        let found = std::fs::metadata(key_dir.join(name)).ok()?;
        Some((found.len(), found.modified().ok()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CIRCUIT: CircuitId = CircuitId(4);

    /// Provers whose key's proof was refused.
    fn refused(folder: &Path) -> Arc<Provers> {
        let provers = Provers::new(folder.to_path_buf());
        let refused = Refused {
            statement: [1; 32],
            proof: [2; PROOF_BYTES],
            files: marks_of(folder, CIRCUIT),
        };
        locked(&provers.refused).insert(CIRCUIT, refused);
        provers
    }

    #[test]
    fn a_refused_key_stays_refused_until_a_file_of_it_changes() {
        let folder = tempfile::tempdir().unwrap();
        let provers = refused(folder.path());
        assert!(provers.refused(CIRCUIT).is_some());
        assert!(provers.refused(CircuitId(48)).is_none());
        // The key of another circuit is another matter.
        std::fs::write(folder.path().join(ceremony_file_name(CircuitId(48))), "48").unwrap();
        assert!(provers.refused(CIRCUIT).is_some());
        std::fs::write(folder.path().join(ceremony_file_name(CIRCUIT)), "4").unwrap();
        assert!(provers.refused(CIRCUIT).is_none());
    }

    #[test]
    fn a_refused_key_is_good_again_once_the_chain_takes_its_proof() {
        let folder = tempfile::tempdir().unwrap();
        let provers = refused(folder.path());
        provers.rehabilitate(CIRCUIT);
        assert!(provers.refused(CIRCUIT).is_none());
    }

    #[test]
    fn a_ceremonys_key_goes_before_a_development_key() {
        let folder = tempfile::tempdir().unwrap();
        let provers = Provers::new(folder.path().to_path_buf());
        assert!(provers.key_file(CIRCUIT).ends_with(file_name(CIRCUIT)));
        let ceremony = folder.path().join(ceremony_file_name(CIRCUIT));
        std::fs::write(&ceremony, "4").unwrap();
        assert_eq!(provers.key_file(CIRCUIT), ceremony);
    }
}

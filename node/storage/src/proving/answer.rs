//! One answer: samples, leaves, witness, proof.

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use neurostore_chain::ChainError;
use neurostore_primitives::{ChallengeInfo, CircuitId, SampleInfo, PROOF_BYTES};
use neurostore_prover::{LoadError, ProveError, SampleWitness};
use tokio::sync::oneshot;

use super::keys::Provers;
use crate::{
    chain_access::ChainAccess,
    context::{Context, MissingShard},
    store::{ReadError, Store},
    threads::PROVER,
};

/// How much the proving threads give way to everything else on the machine (0 not at all, 19 most).
#[cfg(unix)]
const NICENESS: i32 = 10;

/// Pause before the chain is asked again for its verdict on a proof.
const VERDICT_PAUSE: Duration = Duration::from_secs(2);

/// Why there is no answer yet.
#[derive(Debug, thiserror::Error)]
pub(super) enum AnswerError {
    #[error(transparent)]
    Chain(#[from] ChainError),
    #[error("the chain gives no samples in the state of block {0}: it left that fork, or its endpoint keeps no state that old")]
    NoSamples(u32),
    #[error("the samples are those of another fork than the challenge")]
    OtherFork,
    #[error("{0} of {1} sampled leaves cannot be read")]
    Shards(usize, usize),
    #[error("{0} of {1} sampled leaves cannot be read yet: shards that the start found unsettled are still being checked")]
    Unchecked(usize, usize),
    #[error("the prover could not be loaded: {0}")]
    Load(#[from] LoadError),
    #[error("proving failed: {0}")]
    Prove(#[from] ProveError),
    #[error("the chain would refuse the proof ({reason}), so it is not sent: the proving key of circuit {circuit} in {} is not the one that the chain's verifying key belongs to; put the ceremony's key there. Until this file or the chain's key changes, nothing is proven for circuit {circuit}", .file.display())]
    OtherKey {
        circuit: CircuitId,
        reason: String,
        file: PathBuf,
    },
    #[error("the proving thread ended badly")]
    Thread,
}

/// A proof and how long it took.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer {
    pub(super) proof: [u8; PROOF_BYTES],
    pub(super) took: Duration,
}

/// Makes the proof that answers `challenge`.
pub(super) async fn answer(
    context: Arc<Context>,
    chain: Arc<dyn ChainAccess>,
    provers: Arc<Provers>,
    challenge: ChallengeInfo,
) -> Result<Answer, AnswerError> {
    check_key(chain.as_ref(), &provers, challenge.circuit).await?;
    let samples = chain
        .samples(challenge.node, challenge.window, challenge.opens_at)
        .await?
        .ok_or(AnswerError::NoSamples(challenge.opens_at))?;
    let roots: Vec<_> = samples.iter().map(|sample| sample.root).collect();
    let leaves: Vec<_> = samples.iter().map(|sample| sample.leaf).collect();
    let stated = neurostore_poseidon::statement(&challenge.context, &roots, &leaves);
    if stated != Some(challenge.statement) {
        return Err(AnswerError::OtherFork);
    }
    let turn = Arc::clone(&provers.turn).acquire_owned().await;
    let turn = turn.map_err(|_| AnswerError::Thread)?;
    let metrics_of = Arc::clone(&context);
    let keys_of = Arc::clone(&provers);
    let answered = quietly(move || {
        // Held until the thread is done, also where nobody waits for it any more.
        let _turn = turn;
        let began = Instant::now();
        let witnesses = read_samples(&context, &samples)?;
        let prover = provers.get(challenge.circuit)?;
        let proven = prover.prove(&challenge.context, &witnesses)?;
        Ok::<_, AnswerError>(Answer {
            proof: proven.proof,
            took: began.elapsed(),
        })
    });
    let answer = answered.await.ok_or(AnswerError::Thread)??;
    metrics_of
        .metrics
        .proving_seconds
        .observe(answer.took.as_secs_f64());
    // An invalid proof that the chain takes on trust costs bond: better to learn it here.
    match verdict(chain.as_ref(), &challenge, &answer).await? {
        Ok(()) => Ok(answer),
        Err(reason) => {
            metrics_of.metrics.proofs_withheld.inc();
            keys_of.refuse(challenge.circuit, challenge.statement, answer.proof);
            Err(other_key(&keys_of, challenge.circuit, reason))
        }
    }
}

/// Refuses to prove with a key whose last proof the chain refused, as long as it still does: a
/// proof takes seconds of all cores, and would be refused like the last one.
async fn check_key(
    chain: &dyn ChainAccess,
    provers: &Provers,
    circuit: CircuitId,
) -> Result<(), AnswerError> {
    let Some(refused) = provers.refused(circuit) else {
        return Ok(());
    };
    let verdict = chain.check_proof(circuit, refused.statement, &refused.proof);
    match verdict.await? {
        Ok(()) => {
            provers.rehabilitate(circuit);
            Ok(())
        }
        Err(reason) => Err(other_key(provers, circuit, reason)),
    }
}

fn other_key(provers: &Provers, circuit: CircuitId, reason: String) -> AnswerError {
    AnswerError::OtherKey {
        circuit,
        reason,
        file: provers.key_file(circuit),
    }
}

/// What the chain would say of the proof. Asked again while the chain is out of reach: the proof
/// stays good, and making it anew would take longer.
async fn verdict(
    chain: &dyn ChainAccess,
    challenge: &ChallengeInfo,
    answer: &Answer,
) -> Result<Result<(), String>, ChainError> {
    let (circuit, statement) = (challenge.circuit, challenge.statement);
    loop {
        match chain.check_proof(circuit, statement, &answer.proof).await {
            Err(error) if error.is_transient() => tokio::time::sleep(VERDICT_PAUSE).await,
            verdict => return verdict,
        }
    }
}

/// Reads every sampled leaf; those that fail are all named before the answer is given up.
fn read_samples(
    context: &Context,
    samples: &[SampleInfo],
) -> Result<Vec<SampleWitness>, AnswerError> {
    let mut witnesses = Vec::with_capacity(samples.len());
    let mut failed = 0usize;
    let mut unchecked = 0usize;
    let is_recovered = context.is_recovered();
    for sample in samples {
        match read_sample(&context.store, sample) {
            Ok(witness) => {
                witnesses.push(witness);
                context.board().missing.remove(&sample.root);
            }
            // Its file may lie here without a record yet.
            Err(ReadError::Unknown) if !is_recovered => unchecked = unchecked.saturating_add(1),
            Err(error) => {
                failed = failed.saturating_add(1);
                context.metrics.sample_failures.inc();
                tracing::error!(
                    segment = %sample.segment, slot = %sample.slot, root = %sample.root,
                    leaf = sample.leaf, %error,
                    "a sampled leaf cannot be read: this window cannot be proven"
                );
                let missing = MissingShard {
                    segment: sample.segment.to_string(),
                    slot: sample.slot.get(),
                    root: sample.root.to_string(),
                    reason: error.to_string(),
                };
                context.board().missing.insert(sample.root, missing);
            }
        }
    }
    if failed > 0 {
        return Err(AnswerError::Shards(failed, samples.len()));
    }
    if unchecked > 0 {
        return Err(AnswerError::Unchecked(unchecked, samples.len()));
    }
    Ok(witnesses)
}

fn read_sample(store: &Store, sample: &SampleInfo) -> Result<SampleWitness, ReadError> {
    let read = store.leaves(&sample.root, &[sample.leaf])?;
    let leaf = read.into_iter().next().ok_or(ReadError::Unknown)?;
    Ok(SampleWitness {
        leaf: leaf.leaf,
        index: leaf.index,
        path: leaf.path,
        root: sample.root,
    })
}

/// Runs `work` on a thread of its own that gives way to others; threads that it starts, such as a
/// prover's pool, inherit that. `None` where the thread died.
pub(super) async fn quietly<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let (reply, answer) = oneshot::channel();
    let started = std::thread::Builder::new()
        .name(PROVER.into())
        .spawn(move || {
            give_way();
            // Whoever asked may have turned to another challenge meanwhile.
            drop(reply.send(work()));
        });
    if let Err(error) = started {
        tracing::error!(%error, "no thread for proving");
        return None;
    }
    answer.await.ok()
}

/// Lowers the priority of the calling thread.
fn give_way() {
    #[cfg(unix)]
    if let Err(error) = rustix::process::setpriority_process(None, NICENESS) {
        tracing::debug!(%error, "proving runs at ordinary priority");
    }
}

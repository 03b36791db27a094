//! One answer: samples, leaves, witness, proof, and the chain's word on it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use neurostore_primitives::{ChallengeInfo, SampleInfo, PROOF_BYTES};

use super::{error::AnswerError, keys::Provers, samples, verdict};
use crate::{chain_access::ChainAccess, context::Context, threads::quietly};

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
    verdict::on_refused_key(chain.as_ref(), &provers, challenge.circuit).await?;
    let samples = samples::ask(chain.as_ref(), &challenge).await?;
    let answer = prove(&context, &provers, challenge, samples).await?;
    let seconds = answer.took.as_secs_f64();
    context.metrics.proving_seconds.observe(seconds);
    // An invalid proof that the chain takes on trust costs bond: better to learn it here.
    let verdict = verdict::on_proof(chain.as_ref(), &provers, &challenge, &answer.proof).await;
    if let Err(AnswerError::OtherKey { .. }) = &verdict {
        context.metrics.proofs_withheld.inc();
    }
    verdict.map(|()| answer)
}

/// Reads the sampled leaves and proves them, on a thread of its own.
async fn prove(
    context: &Arc<Context>,
    provers: &Arc<Provers>,
    challenge: ChallengeInfo,
    samples: Vec<SampleInfo>,
) -> Result<Answer, AnswerError> {
    let turn = Arc::clone(&provers.turn).acquire_owned().await;
    let turn = turn.map_err(|_| AnswerError::Thread)?;
    let (context, provers) = (Arc::clone(context), Arc::clone(provers));
    let proving = quietly(move || {
        // Held until the thread is done, also where nobody waits for it any more.
        let _turn = turn;
        let began = Instant::now();
        let witnesses = samples::read(&context, &samples)?;
        let prover = provers.get(challenge.circuit)?;
        let proven = prover.prove(&challenge.context, &witnesses)?;
        Ok(Answer {
            proof: proven.proof,
            took: began.elapsed(),
        })
    });
    proving.await.unwrap_or(Err(AnswerError::Thread))
}

//! What the chain would say of a proof, and what that means for the key it was made with.

use std::time::Duration;

use neurostore_chain::ChainError;
use neurostore_primitives::{ChallengeInfo, CircuitId, PROOF_BYTES};

use super::{error::AnswerError, keys::Provers};
use crate::chain_access::ChainAccess;

/// Pause before the chain is asked again for its verdict on a proof.
const PAUSE: Duration = Duration::from_secs(2);

/// Refuses to prove with a key whose last proof the chain refused, as long as it still does: a
/// proof takes seconds of all cores, and would be refused like the last one.
pub(super) async fn on_refused_key(
    chain: &dyn ChainAccess,
    provers: &Provers,
    circuit: CircuitId,
) -> Result<(), AnswerError> {
    let Some(refused) = provers.refused(circuit) else {
        return Ok(());
    };
    let verdict = chain.check_proof(circuit, refused.statement, &refused.proof);
    let verdict = verdict.await?;
    if verdict.is_ok() {
        provers.rehabilitate(circuit);
    }
    verdict.map_err(|reason| other_key(provers, circuit, reason))
}

/// Refuses a proof that the chain would refuse, and remembers whose key made it.
pub(super) async fn on_proof(
    chain: &dyn ChainAccess,
    provers: &Provers,
    challenge: &ChallengeInfo,
    proof: &[u8; PROOF_BYTES],
) -> Result<(), AnswerError> {
    let circuit = challenge.circuit;
    let verdict = ask(chain, challenge, proof).await?;
    if verdict.is_err() {
        provers.refuse(circuit, challenge.statement, *proof);
    }
    verdict.map_err(|reason| other_key(provers, circuit, reason))
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
async fn ask(
    chain: &dyn ChainAccess,
    challenge: &ChallengeInfo,
    proof: &[u8; PROOF_BYTES],
) -> Result<Result<(), String>, ChainError> {
    let (circuit, statement) = (challenge.circuit, challenge.statement);
    loop {
        match chain.check_proof(circuit, statement, proof).await {
            Err(error) if error.is_transient() => tokio::time::sleep(PAUSE).await,
            verdict => return verdict,
        }
    }
}

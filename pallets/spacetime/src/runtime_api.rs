//! What nodes and people ask of spacetime.

use alloc::{format, vec::Vec};
use frame_support::traits::Get;
use neurostore_primitives::{
    ChallengeInfo, CircuitId, NodeId, SampleInfo, WindowIndex, WindowOutcome,
};
use neurostore_verifier::{verify, verify_batch, BatchItem, CheckedProof, PreparedKey};

use crate::{pallet::*, types::MOST_REFUSED_ANSWERS, Challenge};

// The macro writes items without documentation of their own.
#[allow(missing_docs)]
mod declaration {
    use super::{ChallengeInfo, CircuitId, NodeId, SampleInfo, Vec, WindowIndex, WindowOutcome};

    sp_api::decl_runtime_apis! {
        /// Challenges and what became of them.
        pub trait SpacetimeApi {
            /// The node's open challenge, or when the next one opens; `None` for a node that is
            /// not registered or while no circuit is active.
            fn next_challenge(node: NodeId) -> Option<ChallengeInfo>;
            /// The samples of an open challenge, in order. Answers only in the state of the block
            /// in which it opened.
            fn samples(node: NodeId, window: WindowIndex) -> Option<Vec<SampleInfo>>;
            /// How one of the latest windows ended.
            fn outcome(node: NodeId, window: WindowIndex) -> Option<WindowOutcome>;
            /// What became of a window, as UTF-8 text that a person can act on.
            fn explain(node: NodeId, window: WindowIndex) -> Vec<u8>;
            /// Checks a proof as the chain would, for whoever wants to know before he pays: a node
            /// with a new proving key, a test. The error is UTF-8 text that says what is wrong.
            fn check_proof(
                circuit: CircuitId,
                statement: [u8; 32],
                proof: Vec<u8>,
            ) -> Result<(), Vec<u8>>;
            /// Checks proofs of one circuit together, each with its statement, as the chain checks
            /// those of a block, and no more of them than a block's batch takes. The error is UTF-8
            /// text.
            fn check_proofs(
                circuit: CircuitId,
                proofs: Vec<([u8; 32], Vec<u8>)>,
            ) -> Result<(), Vec<u8>>;
            /// Blocks of a window, and blocks to answer in.
            fn window_blocks() -> (u32, u32);
        }
    }
}

pub use declaration::*;

impl<T: Config> Pallet<T> {
    /// Answers `SpacetimeApi::next_challenge`.
    pub fn next_challenge(node: NodeId) -> Option<ChallengeInfo> {
        let offset = Offsets::<T>::get(node)?;
        let now = Self::now();
        if let Some(open) = Challenges::<T>::get(node).and_then(|open| Self::open_info(node, open))
        {
            return Some(open);
        }
        let circuit = ActiveCircuit::<T>::get()?;
        let opens_at = Self::next_opening(now, offset);
        Some(ChallengeInfo {
            node,
            window: Self::window_at(opens_at),
            open: false,
            opens_at,
            deadline: opens_at.saturating_add(AnswerBlocks::<T>::get()),
            circuit,
            samples: circuit.0,
            statement: [0; 32],
            context: [0; 31],
        })
    }

    /// The challenge, if an answer in the next block still counts.
    fn open_info(node: NodeId, challenge: Challenge) -> Option<ChallengeInfo> {
        let deadline = Self::deadline_of(&challenge)?;
        let takes_answers = !challenge.answered
            && challenge.refused < MOST_REFUSED_ANSWERS
            && !Self::is_suspended(challenge.circuit);
        (takes_answers && Self::now() < deadline).then_some(ChallengeInfo {
            node,
            window: challenge.window,
            open: true,
            opens_at: challenge.opened_at,
            deadline,
            circuit: challenge.circuit,
            samples: challenge.circuit.0,
            statement: challenge.statement,
            context: challenge.context,
        })
    }

    /// Answers `SpacetimeApi::outcome`.
    pub fn outcome(node: NodeId, window: WindowIndex) -> Option<WindowOutcome> {
        Outcomes::<T>::get(node)
            .into_iter()
            .find_map(|(kept, outcome)| (kept == window).then_some(outcome))
    }

    /// Answers `SpacetimeApi::check_proof`.
    pub fn check_proof(
        circuit: CircuitId,
        statement: [u8; 32],
        proof: &[u8],
    ) -> Result<(), Vec<u8>> {
        let key = Self::key_or_words(circuit)?;
        verify(&key, &[statement], proof).map_err(|error| format!("{error}").into_bytes())
    }

    /// Answers `SpacetimeApi::check_proofs`.
    pub fn check_proofs(circuit: CircuitId, proofs: &[([u8; 32], Vec<u8>)]) -> Result<(), Vec<u8>> {
        let most = T::MaxProofsPerBatch::get();
        if u32::try_from(proofs.len()).map_or(true, |count| count > most) {
            return Err(format!("a batch takes {most} proofs at most").into_bytes());
        }
        let key = Self::key_or_words(circuit)?;
        let mut items = Vec::with_capacity(proofs.len());
        for (position, (statement, proof)) in proofs.iter().enumerate() {
            let proof = CheckedProof::decode(proof)
                .map_err(|error| format!("proof {position}: {error}").into_bytes())?;
            items.push(BatchItem {
                inputs: core::slice::from_ref(statement),
                proof,
            });
        }
        let parent = frame_system::Pallet::<T>::parent_hash();
        verify_batch(&key, &items, &parent.0).map_err(|error| format!("{error}").into_bytes())
    }

    /// Whoever asks has time: where the prepared key cannot be read, one is made for the question.
    fn key_or_words(circuit: CircuitId) -> Result<PreparedKey, Vec<u8>> {
        Self::prepared_key(circuit)
            .or_else(|| Self::key_from_raw(circuit))
            .ok_or_else(|| format!("there is no verifying key for circuit {circuit}").into_bytes())
    }

    /// Answers `SpacetimeApi::window_blocks`.
    pub fn window_and_answer_blocks() -> (u32, u32) {
        (WindowBlocks::<T>::get(), AnswerBlocks::<T>::get())
    }
}

//! The answer to a challenge.

use frame_support::{
    dispatch::{DispatchResultWithPostInfo, Pays},
    ensure,
};
use neurostore_primitives::{
    CircuitId, NodeHealth, NodeId, NodeRegistry, WindowIndex, WindowLedger, WindowOutcome,
    PROOF_BYTES,
};
use neurostore_verifier::{verify_checked, CheckedProof, PreparedKey, VerifyError};
use sp_runtime::AccountId32;

use crate::{pallet::*, types::MOST_REFUSED_ANSWERS, Challenge, TakenProof};

impl<T: Config> Pallet<T> {
    pub(crate) fn do_submit_proof(
        account: &AccountId32,
        window: WindowIndex,
        statement: &[u8; 32],
        proof: &[u8],
    ) -> DispatchResultWithPostInfo {
        let (node, challenge) = Self::awaited(account, window, statement)?;
        ensure!(proof.len() == PROOF_BYTES, Error::<T>::ProofLength);
        let proof = CheckedProof::decode(proof).map_err(Error::<T>::from)?;
        ensure!(
            PreparedKeys::<T>::contains_key(challenge.circuit),
            Error::<T>::UnknownCircuit
        );
        let taken = TakenProof {
            node,
            window,
            taken_at: Self::now(),
            circuit: challenge.circuit,
            statement: challenge.statement,
            proof: proof.to_bytes(),
        };
        if let Some(weight) = Self::join_batch(&taken) {
            let answered = Challenge {
                answered: true,
                ..challenge
            };
            Challenges::<T>::insert(node, answered);
            return Ok((Some(weight), Pays::No).into());
        }
        let key = Self::prepared_key(challenge.circuit).ok_or(Error::<T>::UnknownCircuit)?;
        verify_checked(&key, &[challenge.statement], &proof).map_err(Error::<T>::from)?;
        Self::accept(&taken);
        Ok(Pays::No.into())
    }

    /// The window is proven, as of the block in which its proof came.
    pub(crate) fn accept(proven: &TakenProof) {
        let (node, window) = (proven.node, proven.window);
        let at = proven.taken_at;
        Self::forget_challenge(node, window);
        Self::remember(node, window, WindowOutcome::Proven { at });
        T::Ledger::proven(node, window, WindowBlocks::<T>::get());
        T::Health::proven(node);
        Self::deposit_event(Event::ProofAccepted { node, window });
    }

    /// Ends the challenge of this window, not that of a later one.
    pub(crate) fn forget_challenge(node: NodeId, window: WindowIndex) {
        if Challenges::<T>::get(node).is_some_and(|open| open.window == window) {
            Challenges::<T>::remove(node);
        }
    }

    /// The node that signs with `account` and its open challenge, if an answer that proves
    /// `statement` counts now.
    pub(crate) fn awaited(
        account: &AccountId32,
        window: WindowIndex,
        statement: &[u8; 32],
    ) -> Result<(NodeId, Challenge), Error<T>> {
        let node = T::Registry::node_of(account).ok_or(Error::<T>::UnknownNode)?;
        let challenge = Self::answerable(node, window)?;
        ensure!(
            challenge.statement == *statement,
            Error::<T>::OtherChallenge
        );
        Ok((node, challenge))
    }

    /// The node's open challenge, if an answer for `window` counts now.
    fn answerable(node: NodeId, window: WindowIndex) -> Result<Challenge, Error<T>> {
        match Self::outcome(node, window) {
            Some(WindowOutcome::Proven { .. }) => return Err(Error::AlreadyProven),
            Some(WindowOutcome::Missed { .. }) => return Err(Error::AnswerTooLate),
            None => {}
        }
        let challenge = Challenges::<T>::get(node).ok_or(Error::NoOpenChallenge)?;
        ensure!(challenge.window == window, Error::WrongWindow);
        ensure!(!challenge.answered, Error::AlreadyAnswered);
        ensure!(
            challenge.refused < MOST_REFUSED_ANSWERS,
            Error::RefusedTooOften
        );
        let deadline = Self::deadline_of(&challenge).ok_or(Error::NoOpenChallenge)?;
        ensure!(Self::now() <= deadline, Error::AnswerTooLate);
        Ok(challenge)
    }

    /// The last block in which an answer to this challenge counts, as far as blocks are known.
    pub(crate) fn deadline_of(challenge: &Challenge) -> Option<u32> {
        let cohort = Cohorts::<T>::get(challenge.opened_at)?;
        Some(Self::deadline(challenge.opened_at, &cohort))
    }

    pub(crate) fn prepared_key(circuit: CircuitId) -> Option<PreparedKey> {
        let bytes = PreparedKeys::<T>::get(circuit)?;
        PreparedKey::from_bytes_trusted(&bytes).ok()
    }
}

impl<T> From<VerifyError> for Error<T> {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::WrongLength(_) => Self::ProofLength,
            VerifyError::MalformedPoint(_)
            | VerifyError::IdentityPoint(_)
            | VerifyError::WrongSubgroup(_) => Self::ProofMalformed,
            VerifyError::WrongInputCount { .. }
            | VerifyError::InputNotCanonical(_)
            | VerifyError::Degenerate
            | VerifyError::Rejected => Self::ProofRejected,
        }
    }
}

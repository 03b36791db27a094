//! The answer to a challenge.

use frame_support::{ensure, pallet_prelude::DispatchResult};
use neurostore_primitives::{
    NodeHealth, NodeId, NodeRegistry, WindowIndex, WindowLedger, WindowOutcome, PROOF_BYTES,
};
use neurostore_verifier::{verify, PreparedKey, VerifyError};
use sp_runtime::AccountId32;

use crate::{pallet::*, Challenge};

impl<T: Config> Pallet<T> {
    pub(crate) fn do_submit_proof(
        account: &AccountId32,
        window: WindowIndex,
        proof: &[u8],
    ) -> DispatchResult {
        let node = T::Registry::node_of(account).ok_or(Error::<T>::UnknownNode)?;
        let challenge = Self::answerable(node, window)?;
        ensure!(proof.len() == PROOF_BYTES, Error::<T>::ProofLength);
        let key = Self::prepared_key(&challenge).ok_or(Error::<T>::UnknownCircuit)?;
        verify(&key, &[challenge.statement], proof).map_err(Error::<T>::from)?;

        let now = Self::now();
        Challenges::<T>::remove(node);
        Self::remember(node, window, WindowOutcome::Proven { at: now });
        T::Ledger::proven(node, window, WindowBlocks::<T>::get());
        T::Health::proven(node);
        Self::deposit_event(Event::ProofAccepted { node, window });
        Ok(())
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
        let deadline = Self::deadline_of(&challenge).ok_or(Error::NoOpenChallenge)?;
        ensure!(Self::now() <= deadline, Error::AnswerTooLate);
        Ok(challenge)
    }

    /// The last block in which an answer to this challenge counts, as far as blocks are known.
    pub(crate) fn deadline_of(challenge: &Challenge) -> Option<u32> {
        let cohort = Cohorts::<T>::get(challenge.opened_at)?;
        Some(Self::deadline(challenge.opened_at, &cohort))
    }

    fn prepared_key(challenge: &Challenge) -> Option<PreparedKey> {
        let bytes = PreparedKeys::<T>::get(challenge.circuit)?;
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

//! The answer to a challenge.

use frame_support::{
    dispatch::{DispatchErrorWithPostInfo, DispatchResultWithPostInfo, Pays},
    ensure,
};
use neurostore_primitives::{NodeId, NodeRegistry, WindowIndex, WindowOutcome, PROOF_BYTES};
use neurostore_verifier::{verify_checked, CheckedProof, VerifyError};
use sp_runtime::AccountId32;

use crate::{pallet::*, types::MOST_REFUSED_ANSWERS, Challenge, Grounds, TakenProof};

impl<T: Config> Pallet<T> {
    pub(crate) fn do_submit_proof(
        account: &AccountId32,
        window: WindowIndex,
        statement: &[u8; 32],
        proof: &[u8],
    ) -> DispatchResultWithPostInfo {
        let (node, challenge) = Self::awaited(account, window, statement)?;
        let wire: [u8; PROOF_BYTES] = proof.try_into().map_err(|_| Error::<T>::ProofLength)?;
        let proof = CheckedProof::decode(proof).map_err(Error::<T>::from)?;
        ensure!(
            VerifyingKeys::<T>::contains_key(challenge.circuit),
            Error::<T>::UnknownCircuit
        );
        let taken = TakenProof {
            node,
            window,
            taken_at: Self::now(),
            circuit: challenge.circuit,
            statement: challenge.statement,
            proof: wire,
            // Only a batch takes it on trust.
            grounds: Grounds::NoKey,
        };
        if let Some(weight) = Self::join_batch(&taken, &proof) {
            Self::note_answer(node, challenge);
            return Ok((Some(weight), Pays::No).into());
        }
        match Self::key_of(challenge.circuit) {
            Ok(key) => {
                verify_checked(&key, &[challenge.statement], &proof).map_err(Error::<T>::from)?;
                Self::accept(&taken);
            }
            Err(_) => return Self::put_off(taken, challenge),
        }
        Ok(Pays::No.into())
    }

    /// The key of the challenge cannot be read: the answer waits until it can, free of charge
    /// whatever comes of it.
    fn put_off(taken: TakenProof, challenge: Challenge) -> DispatchResultWithPostInfo {
        if !Self::queue_has_room() {
            return Err(DispatchErrorWithPostInfo {
                post_info: Pays::No.into(),
                error: Error::<T>::KeyUnreadable.into(),
            });
        }
        Self::note_answer(taken.node, challenge);
        Self::enqueue([taken]);
        Ok(Pays::No.into())
    }

    /// The window has its answer, which is still to be checked.
    fn note_answer(node: NodeId, challenge: Challenge) {
        let answered = Challenge {
            answered: true,
            ..challenge
        };
        Challenges::<T>::insert(node, answered);
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
        ensure!(
            !Self::is_suspended(challenge.circuit),
            Error::<T>::CircuitSuspended
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

//! Who may use the room that is kept for answers, and the note that an answer came and was not
//! valid.
//!
//! Answers are operational, so users' calls cannot crowd them out. Calls that carry others are
//! operational where those are, and refused answers take room as valid ones do: the room is only
//! kept where nobody but a node with an open window gets in. That is decided before the call.
//!
//! A call that fails leaves nothing behind, and a refused proof must fail: whoever sent it has to
//! see the error, and pays. What happens after the call is kept, so the note is taken there, by an
//! extension that carries no data.

use alloc::vec;
use codec::{Decode, DecodeWithMemTracking, Encode};
use core::marker::PhantomData;
use frame_support::{
    dispatch::{DispatchClass, DispatchInfo, PostDispatchInfo},
    pallet_prelude::{
        InvalidTransaction, TransactionSource, TransactionValidityError, ValidTransaction, Weight,
    },
    traits::{Contains, IsSubType, OriginTrait},
};
use neurostore_primitives::{NodeId, NodeRegistry, WindowIndex};
use scale_info::TypeInfo;
use sp_runtime::{
    traits::{
        DispatchInfoOf, Dispatchable, Implication, PostDispatchInfoOf, TransactionExtension,
        ValidateResult,
    },
    AccountId32, DispatchError, DispatchResult, ModuleError,
};

use crate::{pallet::*, Challenge, WeightInfo};

/// Keeps the tags of answers apart from those of every other kind of transaction.
const POOL_TAG: &[u8; 19] = b"neurostore/answer/1";

/// Keeps out operational transactions that are neither answers which count now nor sent by a
/// maintainer. Notes refused proofs on the challenge that they were meant for, so that a window that
/// is missed after them says why.
///
/// An answer that does not count is refused with `InvalidTransaction::Custom` and the number of the
/// pallet's error that its call would end with, any other call with `InvalidTransaction::Call`.
///
/// Answers of one node for one window provide the same tag, so a pool holds one of them at a time.
/// Without it an account could fill the pool with answers of consecutive nonces: each counts as long
/// as none is in a block, and no other transaction outbids them.
#[derive(Clone, Eq, PartialEq, Default)]
#[derive(Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[scale_info(skip_type_params(T))]
pub struct NoteRefusedProofs<T>(PhantomData<T>);

impl<T> NoteRefusedProofs<T> {
    /// The extension; it has no data.
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T> core::fmt::Debug for NoteRefusedProofs<T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("NoteRefusedProofs")
    }
}

impl<T> TransactionExtension<T::RuntimeCall> for NoteRefusedProofs<T>
where
    T: Config + Send + Sync,
    T::RuntimeCall: Dispatchable<Info = DispatchInfo, PostInfo = PostDispatchInfo>,
    T::RuntimeCall: IsSubType<Call<T>>,
{
    const IDENTIFIER: &'static str = "NoteRefusedProofs";
    type Implicit = ();
    type Val = ();
    /// Who answers for which window, where the call is an answer.
    type Pre = Option<(AccountId32, WindowIndex)>;

    fn weight(&self, call: &T::RuntimeCall) -> Weight {
        match call.is_sub_type() {
            Some(Call::submit_proof { .. }) => T::WeightInfo::note_refused_proof(),
            _ => Weight::zero(),
        }
    }

    fn validate(
        &self,
        origin: T::RuntimeOrigin,
        call: &T::RuntimeCall,
        info: &DispatchInfoOf<T::RuntimeCall>,
        _: usize,
        (): Self::Implicit,
        _: &impl Implication,
        _: TransactionSource,
    ) -> ValidateResult<Self::Val, T::RuntimeCall> {
        let valid = if info.class == DispatchClass::Operational {
            Pallet::<T>::operational(origin.as_signer(), call.is_sub_type())?
        } else {
            ValidTransaction::default()
        };
        Ok((valid, (), origin))
    }

    fn prepare(
        self,
        (): Self::Val,
        origin: &T::RuntimeOrigin,
        call: &T::RuntimeCall,
        _: &DispatchInfoOf<T::RuntimeCall>,
        _: usize,
    ) -> Result<Self::Pre, TransactionValidityError> {
        Ok(match call.is_sub_type() {
            Some(Call::submit_proof { window, .. }) => {
                origin.as_signer().map(|account| (account.clone(), *window))
            }
            _ => None,
        })
    }

    fn post_dispatch_details(
        pre: Self::Pre,
        _: &DispatchInfoOf<T::RuntimeCall>,
        _: &PostDispatchInfoOf<T::RuntimeCall>,
        _: usize,
        result: &DispatchResult,
    ) -> Result<Weight, TransactionValidityError> {
        if let (Some((account, window)), Err(error)) = (pre, result) {
            if is_refusal::<T>(error) {
                Pallet::<T>::note_refusal(&account, window);
            }
        }
        Ok(Weight::zero())
    }
}

fn is_refusal<T: Config>(error: &DispatchError) -> bool {
    [
        Error::<T>::ProofLength,
        Error::<T>::ProofMalformed,
        Error::<T>::ProofRejected,
    ]
    .map(DispatchError::from)
    .contains(error)
}

/// An error of a call, as a transaction is told that is refused before its call.
fn before_the_call<T: Config>(error: Error<T>) -> InvalidTransaction {
    match DispatchError::from(error) {
        DispatchError::Module(ModuleError {
            error: [number, ..],
            ..
        }) => InvalidTransaction::Custom(number),
        _ => InvalidTransaction::Call,
    }
}

impl<T: Config> Pallet<T> {
    /// What a pool is told of an operational transaction of `signer`, where it may be let in; `call`
    /// where it is one of this pallet's.
    fn operational(
        signer: Option<&AccountId32>,
        call: Option<&Call<T>>,
    ) -> Result<ValidTransaction, InvalidTransaction> {
        let signer = signer.ok_or(InvalidTransaction::Call)?;
        match call {
            Some(Call::submit_proof {
                window, statement, ..
            }) => Self::awaited(signer, *window, statement)
                .map(|(node, challenge)| Self::pooled(node, &challenge))
                .map_err(before_the_call),
            _ if T::Maintainers::contains(signer) => Ok(ValidTransaction::default()),
            _ => Err(InvalidTransaction::Call),
        }
    }

    /// An answer in a pool: it keeps others of its window out, and leaves with the last block in
    /// which it could count if all blocks until then were full. Its priority is that of its fee, as
    /// for every operational transaction.
    fn pooled(node: NodeId, challenge: &Challenge) -> ValidTransaction {
        let last = Self::last_block_of(challenge.opened_at);
        let blocks = last.saturating_sub(Self::now()).saturating_add(1);
        ValidTransaction {
            provides: vec![(POOL_TAG, node, challenge.window).encode()],
            longevity: blocks.into(),
            ..Default::default()
        }
    }

    fn note_refusal(account: &AccountId32, window: WindowIndex) {
        let Some(node) = T::Registry::node_of(account) else {
            return;
        };
        Challenges::<T>::mutate_extant(node, |open| {
            if open.window == window {
                open.refused = open.refused.saturating_add(1);
            }
        });
    }
}

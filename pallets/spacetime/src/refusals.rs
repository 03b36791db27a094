//! The note that an answer came and was not valid.
//!
//! A call that fails leaves nothing behind, and a refused proof must fail: whoever sent it has to
//! see the error, and pays. What happens after the call is kept, so the note is taken there, by an
//! extension that carries no data.

use codec::{Decode, DecodeWithMemTracking, Encode};
use core::marker::PhantomData;
use frame_support::{
    dispatch::{DispatchInfo, PostDispatchInfo},
    pallet_prelude::{TransactionSource, TransactionValidityError, ValidTransaction, Weight},
    traits::{IsSubType, OriginTrait},
};
use neurostore_primitives::{NodeRegistry, WindowIndex};
use scale_info::TypeInfo;
use sp_runtime::{
    traits::{
        DispatchInfoOf, Dispatchable, Implication, PostDispatchInfoOf, TransactionExtension,
        ValidateResult,
    },
    AccountId32, DispatchError, DispatchResult,
};

use crate::{pallet::*, WeightInfo};

/// Notes refused proofs on the challenge that they were meant for, so that a window that is missed
/// after them says why. Takes part in no decision about a transaction.
#[derive(Encode, Decode, DecodeWithMemTracking, Clone, Eq, PartialEq, Default, TypeInfo)]
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
        _: &T::RuntimeCall,
        _: &DispatchInfoOf<T::RuntimeCall>,
        _: usize,
        (): Self::Implicit,
        _: &impl Implication,
        _: TransactionSource,
    ) -> ValidateResult<Self::Val, T::RuntimeCall> {
        Ok((ValidTransaction::default(), (), origin))
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

impl<T: Config> Pallet<T> {
    fn note_refusal(account: &AccountId32, window: WindowIndex) {
        let Some(node) = T::Registry::node_of(account) else {
            return;
        };
        Challenges::<T>::mutate_extant(node, |open| {
            if open.window == window {
                open.refused = true;
            }
        });
    }
}

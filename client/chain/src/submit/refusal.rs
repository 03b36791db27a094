//! Why a transaction did not do what it should: the words of the pool and of the runtime.

use subxt::{
    error::{BackendError, DispatchError, ExtrinsicError, RpcError as BackendRpcError, TokenError},
    rpcs::{Error as RpcError, UserError},
};

use super::{AtBlock, Attempt};
use crate::{
    call::Call,
    connection::Chain,
    error::ChainError,
    names::{
        calls::CallName,
        errors::{BalancesError, PalletError},
    },
};

impl Chain {
    /// What it means that a transaction with `call` could not be handed in.
    pub(super) fn submission_error(
        &self,
        at: &AtBlock,
        call: &Call,
        error: ExtrinsicError,
    ) -> Attempt {
        match error {
            ExtrinsicError::ErrorSubmittingTransaction(BackendError::Rpc(
                BackendRpcError::ClientError(RpcError::User(user)),
            )) => own_error(at, call, &user)
                .map_or_else(|| pool_error(call.name(), &user), Attempt::Failed),
            ExtrinsicError::ErrorSubmittingTransaction(BackendError::Rpc(
                BackendRpcError::ClientError(error),
            )) => Attempt::Failed(self.rpc_error(&call.name().to_string(), error)),
            other => Attempt::Failed(ChainError::Rejected {
                call: call.name(),
                reason: other.to_string(),
            }),
        }
    }
}

/// An error of the call's own pallet, where the chain refused the transaction with its number before
/// the call: as it does with answers that do not count (`NoteRefusedProofs` of the runtime).
fn own_error(at: &AtBlock, call: &Call, user: &UserError) -> Option<ChainError> {
    if call.name() != CallName::SubmitProof {
        return None;
    }
    let number = custom_number(user)?;
    let metadata = at.metadata();
    let pallet = metadata.pallet_by_name(call.name().name().pallet.name())?;
    let variant = pallet.error_variant_by_index(number)?;
    Some(ChainError::Refused {
        error: PalletError::named(pallet.name(), &variant.name),
        docs: variant.docs.join(" ").trim().into(),
    })
}

/// The number of `InvalidTransaction::Custom`, as the pool words it.
fn custom_number(user: &UserError) -> Option<u8> {
    let detail = user.data.as_ref()?.get().trim_matches('"');
    let number = detail.strip_prefix("Custom error: ")?;
    (user.code == 1010).then_some(number)?.parse().ok()
}

/// The pool's refusals: codes 1010 (invalid) and 1014 (another with this nonce is there already).
fn pool_error(call: CallName, user: &UserError) -> Attempt {
    let detail = user
        .data
        .as_ref()
        .map(|data| data.get().trim_matches('"'))
        .unwrap_or_default();
    let reason = if detail.is_empty() {
        user.message.clone()
    } else {
        format!("{}: {detail}", user.message)
    };
    let nonce_taken = user.code == 1014
        || user.code == 1013
        || (user.code == 1010 && (detail.contains("outdated") || detail.contains("Stale")));
    if nonce_taken {
        return Attempt::NonceTaken(reason);
    }
    if user.code == 1010 && (detail.contains("pay some fees") || detail.contains("Payment")) {
        return Attempt::Failed(ChainError::NotEnoughFunds {
            reason: "it cannot pay the transaction fee".into(),
        });
    }
    Attempt::Failed(ChainError::Rejected { call, reason })
}

/// What a failed call means: the pallet's error with its documentation from the metadata.
pub(crate) fn refusal(error: &DispatchError) -> ChainError {
    let runtime = |reason: String| ChainError::NotDispatched { reason };
    match error {
        DispatchError::Module(module) => match module.details() {
            Ok(details) => {
                let docs = details.variant.docs.join(" ").trim().to_owned();
                match PalletError::named(details.pallet.name(), &details.variant.name) {
                    PalletError::Balances(BalancesError::InsufficientBalance) => {
                        ChainError::NotEnoughFunds { reason: docs }
                    }
                    error => ChainError::Refused { error, docs },
                }
            }
            Err(_) => runtime(module.details_string()),
        },
        DispatchError::Token(TokenError::FundsUnavailable | TokenError::NotExpendable) => {
            ChainError::NotEnoughFunds {
                reason: "its free balance does not cover the amount".into(),
            }
        }
        DispatchError::Token(TokenError::BelowMinimum) => ChainError::NotEnoughFunds {
            reason: "the balance would fall below the minimum of an account".into(),
        },
        other => runtime(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user_error(code: i32, data: &str) -> UserError {
        let json = format!(r#"{{"code":{code},"message":"Invalid Transaction","data":"{data}"}}"#);
        serde_json::from_str(&json).unwrap()
    }

    #[test]
    fn a_taken_nonce_is_signed_anew() {
        for error in [
            user_error(1010, "Transaction is outdated"),
            user_error(1014, "The transaction has too low priority"),
            user_error(1013, "Transaction Already Imported"),
        ] {
            assert!(matches!(
                pool_error(CallName::Reserve, &error),
                Attempt::NonceTaken(_)
            ));
        }
    }

    #[test]
    fn a_refusal_before_the_call_has_a_number() {
        let refused = |code, data| custom_number(&user_error(code, data));
        assert_eq!(refused(1010, "Custom error: 5"), Some(5));
        assert_eq!(refused(1010, "Custom error: 256"), None);
        assert_eq!(refused(1010, "Custom error: -1"), None);
        assert_eq!(refused(1010, "Transaction call is not expected"), None);
        assert_eq!(refused(1012, "Custom error: 5"), None);
    }

    #[test]
    fn an_empty_purse_is_told_from_other_refusals() {
        let broke = user_error(
            1010,
            "Inability to pay some fees (e.g. account balance too low)",
        );
        assert!(matches!(
            pool_error(CallName::Reserve, &broke),
            Attempt::Failed(ChainError::NotEnoughFunds { .. })
        ));
        let other = user_error(1010, "Transaction call is not expected");
        let Attempt::Failed(error) = pool_error(CallName::Reserve, &other) else {
            panic!()
        };
        assert!(error
            .to_string()
            .contains("Placement.reserve: Invalid Transaction: Transaction call"));
    }
}

//! Accounts: balances and transfers.

use codec::{Compact, Decode, Encode};
use subxt::ext::scale_decode::DecodeAsType;

use crate::{
    blocks::BlockId,
    call::Call,
    connection::{undecodable, Chain},
    error::ChainError,
    signer::Signer,
    submit::Included,
    AccountId, Balance,
};

/// What kind of chain the endpoint says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChainKind {
    /// One machine, well-known keys.
    Development,
    /// Several nodes for trying things out, well-known keys.
    Local,
    /// A chain whose tokens are worth something.
    Live,
}

/// The purse of an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccountState {
    /// Transactions sent so far.
    pub nonce: u32,
    /// What it can spend, apart from locks.
    pub free: Balance,
    /// What is held: rent of open reservations, deposits, bonds.
    pub held: Balance,
    /// The part of the free balance that locks keep from being spent.
    pub frozen: Balance,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct StoredAccount {
    nonce: u32,
    data: StoredBalances,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct StoredBalances {
    free: u128,
    reserved: u128,
    frozen: u128,
}

/// The runtime's address of an account: variant 0 of `MultiAddress`.
#[allow(
    clippy::cast_possible_truncation,
    reason = "the derived code of the encoding"
)]
#[derive(Encode, Decode)]
enum Address {
    #[codec(index = 0)]
    Id([u8; 32]),
}

impl Chain {
    /// What the account can spend.
    pub async fn balance(&self, account: &AccountId) -> Result<Balance, ChainError> {
        let state = self.account(account).await?;
        Ok(state.free.saturating_sub(state.frozen))
    }

    /// The purse of the account; all zero where the chain never heard of it.
    pub async fn account(&self, account: &AccountId) -> Result<AccountState, ChainError> {
        let what = "System.Account";
        let (_, hash): BlockId = self.best_block().await?;
        let reading = async {
            let at = self
                .client()
                .at_block(subxt::backend::BlockRef::from_hash(hash.into()))
                .await
                .map_err(|error| self.subxt_error(what, error))?;
            let address =
                subxt::dynamic::storage::<([u8; 32],), StoredAccount>("System", "Account");
            let found = at
                .storage()
                .try_fetch(address, (account.0,))
                .await
                .map_err(|error| self.subxt_error(what, error))?;
            let Some(found) = found else {
                return Ok(AccountState::default());
            };
            let stored = found
                .decode()
                .map_err(|error| undecodable(what, error.to_string()))?;
            Ok(AccountState {
                nonce: stored.nonce,
                free: stored.data.free,
                held: stored.data.reserved,
                frozen: stored.data.frozen,
            })
        };
        self.in_time(what, reading).await?
    }

    /// Sends NEURO to another account, leaving the sender's account alive.
    pub async fn transfer(
        &self,
        signer: &Signer,
        to: &AccountId,
        amount: Balance,
    ) -> Result<Included, ChainError> {
        let call = Call::new("Balances", "transfer_keep_alive")
            .with("dest", Address::Id(to.0))
            .with("value", Compact(amount));
        self.submit(signer, call).await
    }

    /// What kind of chain this is.
    pub async fn kind(&self) -> Result<ChainKind, ChainError> {
        let what = "system_chainType";
        let kind = self.within(what, || self.rpc_json(what)).await?;
        Ok(match kind.as_str() {
            Some("Development") => ChainKind::Development,
            Some("Local") => ChainKind::Local,
            _ => ChainKind::Live,
        })
    }

    /// The name of the chain.
    pub async fn name(&self) -> Result<String, ChainError> {
        self.within("system_chain", || self.legacy().system_chain())
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_its_variant_and_the_account() {
        let mut expected = vec![0];
        expected.extend([7; 32]);
        assert_eq!(Address::Id([7; 32]).encode(), expected);
    }
}

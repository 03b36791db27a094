//! Accounts: balances and transfers.

use crate::{
    blocks::BlockId,
    call::Call,
    connection::Chain,
    error::ChainError,
    layout::Layout,
    names::state::StorageItem,
    purse::{AccountState, StoredAccount},
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

impl Chain {
    /// What the account can spend, in plancks.
    ///
    /// # Errors
    /// Where the endpoint cannot be asked or its answer not be read.
    pub async fn balance(&self, account: &AccountId) -> Result<Balance, ChainError> {
        let state = self.account(account).await?;
        Ok(state.free.saturating_sub(state.frozen))
    }

    /// The purse of the account; all zero where the chain never heard of it.
    ///
    /// # Errors
    /// Where the endpoint cannot be asked or its answer not be read.
    pub async fn account(&self, account: &AccountId) -> Result<AccountState, ChainError> {
        let what = StorageItem::Account.name();
        let (_, hash): BlockId = self.best_block().await?;
        let title = what.to_string();
        let reading = async {
            let at = self
                .client()
                .at_block(subxt::backend::BlockRef::from_hash(hash.into()))
                .await
                .map_err(|error| self.subxt_error(&title, error))?;
            let address = subxt::dynamic::storage::<([u8; 32],), StoredAccount>(
                what.pallet.name(),
                what.name,
            );
            let found = at
                .storage()
                .try_fetch(address, (account.0,))
                .await
                .map_err(|error| self.subxt_error(&title, error))?;
            found.map_or_else(
                || Ok(AccountState::default()),
                |found| Layout::from(at.metadata()).account(found.bytes()),
            )
        };
        self.in_time(&title, reading).await?
    }

    /// Sends plancks to another account, leaving the sender's account alive.
    ///
    /// # Errors
    /// [`ChainError::NotEnoughFunds`], or whatever kept the transaction from a block: see
    /// [`Chain::submit`].
    pub async fn transfer(
        &self,
        signer: &Signer,
        to: &AccountId,
        amount: Balance,
    ) -> Result<Included, ChainError> {
        self.submit(signer, Call::transfer(to, amount)).await
    }

    /// What kind of chain this is.
    ///
    /// # Errors
    /// Where the endpoint cannot be asked or its answer not be read.
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
    ///
    /// # Errors
    /// Where the endpoint cannot be asked or its answer not be read.
    pub async fn name(&self) -> Result<String, ChainError> {
        self.within("system_chain", || self.legacy().system_chain())
            .await
    }
}

//! Members that come and go while the network runs.

use neurostore_chain::{Balance, Signer};

use super::Network;
use crate::{
    error::NetworkError,
    ports,
    spec::{MemberKind, MemberSpec},
};

/// Who endows the operators whom the genesis does not know: a development account.
const RICH: &str = "Alice";
/// Plancks that a member's operator needs for bond and fees; below this he is endowed.
const PURSE: Balance = 10_000_000_000_000_000;

impl Network {
    /// Adds a daemon and waits until it works: it is registered, and its storage service knows
    /// others. Its operator is given what he needs where the genesis did not. Its number.
    ///
    /// Validators are those of the genesis: none is added later.
    pub async fn add(&mut self, spec: &MemberSpec) -> Result<usize, NetworkError> {
        if spec.program == MemberKind::Validator {
            let sentence = "validators are those of the genesis, none is added later";
            return Err(NetworkError::Size(sentence));
        }
        let ports = ports::choose(1, None)?
            .pop()
            .ok_or(NetworkError::NoPorts(1))?;
        let site = self.site(spec, ports)?;
        let number = self.raise_one(spec, site)?;
        // It asks again and again until its operator can pay the bond.
        self.endow(number).await?;
        self.wait_until_registered(number).await?;
        self.wait_until_serving(number).await?;
        Ok(number)
    }

    async fn endow(&self, number: usize) -> Result<(), NetworkError> {
        let chain = self.chain()?;
        let operator = self.member(number)?.operator_account();
        if chain.balance(&operator).await? >= PURSE {
            return Ok(());
        }
        let rich = Signer::development(RICH).map_err(|error| NetworkError::Key {
            name: RICH.into(),
            reason: error.to_string(),
        })?;
        chain.transfer(&rich, &operator, PURSE).await?;
        Ok(())
    }

    /// Ends a member for good. Its folder and log stay; the chain still counts it as a node, which
    /// answers no more.
    pub async fn remove(&mut self, number: usize) -> Result<(), NetworkError> {
        // Who is paused hears nothing.
        self.resume(number)?;
        if let Err(NetworkError::NotReady { .. }) = self.stop(number).await {
            self.kill(number).await?;
        }
        let member = self.member(number)?;
        if let Some(disk) = &member.disk {
            disk.remove()?;
        }
        if let Some(namespace) = &member.namespace {
            namespace.remove()?;
        }
        self.members.retain(|member| member.number != number);
        Ok(())
    }
}

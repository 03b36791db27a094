//! What the node account pays fees from.

use neurostore_chain::{Balance, Signer};
use neurostore_primitives::{Neuro, NEURO};

use super::obstacle::Obstacle;
use crate::{chain_access::ChainAccess, context::Context};

/// What the node account is given for fees. An accepted proof gets its fee back, so this pays for
/// what is refused, and lasts.
const FEE_FLOAT: Balance = NEURO;
/// Below this it is topped up.
const FEE_FLOOR: Balance = FEE_FLOAT / 10;

/// Gives the node account NEURO for fees where it has too little.
pub(super) async fn top_up(context: &Context, chain: &dyn ChainAccess) -> Result<(), Obstacle> {
    let account = context.keys.account.account_id();
    let balance = chain.balance(&account).await?;
    if balance >= FEE_FLOOR {
        return Ok(());
    }
    let operator: Signer = match context.operator() {
        Some(Ok(operator)) => operator,
        Some(Err(error)) => return Err(Obstacle::Person(error.to_string())),
        None => {
            tracing::warn!(
                %account,
                balance = %Neuro(balance),
                "the node account has too little NEURO for fees; send it {}, or start once with \
                 --operator-key-file",
                Neuro(FEE_FLOAT)
            );
            return Ok(());
        }
    };
    let amount = FEE_FLOAT.saturating_sub(balance);
    tracing::info!(%account, amount = %Neuro(amount), "sending the node account NEURO for fees");
    chain.transfer(&operator, &account, amount).await?;
    Ok(())
}

//! Questions to the chain about this node.

use anyhow::Context;
use neurostore_chain::{Chain, Signer};
use neurostore_primitives::{Neuro, NodeId, WindowIndex};
use neurostore_storage::NodeKeys;

use crate::cli::{ChainArguments, ExplainArguments, WithdrawArguments};

/// Shows what the node earned.
pub(crate) async fn earnings(arguments: &ChainArguments) -> anyhow::Result<()> {
    let (chain, node) = find(arguments).await?;
    let earned = chain.earnings(node).await?;
    println!("node                     {node}");
    println!("can be withdrawn         {}", Neuro(earned.withdrawable));
    println!("streaming out            {}", Neuro(earned.streaming));
    println!("a proven window brings   {}", Neuro(earned.rate_per_window));
    println!("credited in all          {}", Neuro(earned.credited_total));
    println!("withdrawn in all         {}", Neuro(earned.withdrawn_total));
    Ok(())
}

/// Says what became of a window.
pub(crate) async fn explain(arguments: &ExplainArguments) -> anyhow::Result<()> {
    let (chain, node) = find(&arguments.chain).await?;
    println!(
        "{}",
        chain.explain(node, WindowIndex(arguments.window)).await?
    );
    Ok(())
}

/// Pays out what was earned.
pub(crate) async fn withdraw(arguments: &WithdrawArguments) -> anyhow::Result<()> {
    let operator = Signer::from_file(&arguments.operator_key_file)?;
    let (chain, node) = find(&arguments.chain).await?;
    let amount = chain.withdraw(&operator, node).await?;
    println!("{} paid to {}", Neuro(amount), operator.account_id());
    Ok(())
}

/// The chain, and this node's number there.
async fn find(arguments: &ChainArguments) -> anyhow::Result<(Chain, NodeId)> {
    let keys = NodeKeys::load(&arguments.place.path()?)?;
    let chain = Chain::connect(&arguments.endpoint.chain_rpc).await?;
    let account = keys.account.account_id();
    let node = chain.node_of(&account).await?.with_context(|| {
        format!(
            "the chain at {} knows no node with the account {account}: start it once with \
             --operator-key-file",
            arguments.endpoint.chain_rpc
        )
    })?;
    Ok((chain, node))
}

//! The capacity and the bond on the chain.

use neurostore_chain::Node;
use neurostore_primitives::Neuro;

use super::obstacle::Obstacle;
use crate::{chain_access::ChainAccess, context::Context};

/// Brings the capacity on the chain to the one the node was started with, and the bond to what
/// that needs: a slashed one is filled up.
pub(super) async fn follow(
    context: &Context,
    chain: &dyn ChainAccess,
    node: &Node,
) -> Result<(), Obstacle> {
    let offered = context.options.capacity.leaves();
    let due = chain.bond_for(offered).await?;
    if node.capacity_leaves == offered && node.bond >= due {
        return Ok(());
    }
    match context.operator() {
        Some(Ok(operator)) => {
            tracing::info!(
                from = node.capacity_leaves,
                to = offered,
                bond = %Neuro(node.bond),
                bond_due = %Neuro(due),
                "bringing capacity and bond on the chain up to date"
            );
            // The node serves on with the old capacity where the chain refuses.
            if let Err(error) = chain.set_capacity(&operator, node.id, offered).await {
                context.chain_failed("changing the capacity", &error);
            }
        }
        Some(Err(error)) => tracing::warn!(%error, "the capacity on the chain stays as it is"),
        None => tracing::warn!(
            on_chain = node.capacity_leaves,
            here = offered,
            bond = %Neuro(node.bond),
            bond_due = %Neuro(due),
            "the chain has another capacity than this start, or bond was slashed and the node gets \
             no new shards; start once with --operator-key-file to bring both up to date"
        ),
    }
    Ok(())
}

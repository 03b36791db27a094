//! Registering the node, where its operator's key is here.

use neurostore_chain::Registration;
use neurostore_primitives::{node_account_payload, peer_key_payload, Neuro, NodeId};

use super::obstacle::Obstacle;
use crate::{chain_access::ChainAccess, context::Context};

/// Registers the node, or says what a person has to do for it.
pub(super) async fn register(
    context: &Context,
    chain: &dyn ChainAccess,
) -> Result<NodeId, Obstacle> {
    let options = &context.options;
    let account = context.keys.account.account_id();
    let operator = match context.operator() {
        Some(Ok(operator)) => operator,
        Some(Err(error)) => return Err(Obstacle::Person(error.to_string())),
        None => {
            return Err(Obstacle::Person(format!(
                "the chain does not know this node yet. Start it once with --operator-key-file \
                 FILE, whose first line is the secret of an account with enough NEURO for the \
                 bond of {}; the node then registers itself (node account {account}, peer id {})",
                Neuro(chain.bond_for(options.capacity.leaves()).await?),
                context.keys.identity.peer_id(),
            )));
        }
    };
    let leaves = options.capacity.leaves();
    let bond = chain.bond_for(leaves).await?;
    tracing::info!(
        operator = %operator.account_id(),
        %account,
        capacity = %options.capacity,
        "registering this node; a bond of {} will be held on the operator's account",
        Neuro(bond)
    );
    let genesis = chain.genesis();
    let operator_bytes = operator.account_id().0;
    let peer_key = context.keys.identity.peer_key();
    let registration = Registration {
        node_account: account,
        peer_key,
        class: options.class,
        country: options.country,
        capacity_leaves: leaves,
        peer_proof: context.keys.identity.sign(&peer_key_payload(
            &genesis,
            &operator_bytes,
            &account.0,
        )),
        account_proof: context.keys.account.sign(&node_account_payload(
            &genesis,
            &operator_bytes,
            &peer_key,
        )),
    };
    let id = chain.register(&operator, registration).await?;
    tracing::info!(node = %id, bond = %Neuro(bond), "registered");
    Ok(id)
}

//! Becoming and staying a node of the chain.

use std::{sync::Arc, time::Duration};

use neurostore_chain::{Balance, ChainError, Node, Registration, Signer};
use neurostore_primitives::{node_account_payload, peer_key_payload};

use crate::{
    chain_access::ChainAccess,
    context::Context,
    present,
    status::{Earned, Stage},
    store::UpdateError,
};

/// What the node account is given for fees. An accepted proof gets its fee back, so this pays for
/// what is refused, and lasts.
const FEE_FLOAT: Balance = 1_000_000_000_000;
/// Below this it is topped up.
const FEE_FLOOR: Balance = FEE_FLOAT / 10;
/// Pause between two looks at the chain's record: a block.
const PAUSE: Duration = Duration::from_secs(6);
/// Pause after a refused registration or transfer: what is missing has to be brought by a person.
const REFUSED_PAUSE: Duration = Duration::from_secs(30);

/// Why the node is not registered yet.
enum Obstacle {
    Chain(ChainError),
    Person(String),
    Past,
}

impl From<ChainError> for Obstacle {
    fn from(error: ChainError) -> Self {
        Self::Chain(error)
    }
}

/// Registers the node where it can, and keeps what the chain says of it up to date.
pub(crate) async fn run(context: Arc<Context>) {
    let Some(chain) = context.wait_for_chain().await else {
        return;
    };
    loop {
        let pause = match round(&context, chain.as_ref()).await {
            Ok(()) => PAUSE,
            Err(Obstacle::Chain(error)) if error.is_transient() => {
                context.chain_failed("looking after the registration", &error);
                PAUSE
            }
            Err(Obstacle::Chain(error)) => {
                if context.node_id().is_none() {
                    let said = format!("the node cannot be registered: {error}");
                    context.say(Stage::WaitingForRegistration, said);
                } else {
                    context.chain_failed("looking after the registration", &error);
                }
                REFUSED_PAUSE
            }
            Err(Obstacle::Past) => {
                let said = "the chain's endpoint is more than ten minutes behind the clock: until \
                            it has caught up, nothing is registered and no shard is removed";
                context.say(Stage::WaitingForChain, said);
                PAUSE
            }
            Err(Obstacle::Person(what)) => {
                context.say(Stage::WaitingForRegistration, what);
                PAUSE
            }
        };
        tokio::time::sleep(pause).await;
    }
}

async fn round(context: &Context, chain: &dyn ChainAccess) -> Result<(), Obstacle> {
    if present::behind(chain).await?.is_some() {
        return Err(Obstacle::Past);
    }
    let account = context.keys.account.account_id();
    let id = match chain.node_of(&account).await? {
        Some(id) => id,
        None => {
            context.node_known(None);
            register(context, chain).await?
        }
    };
    let Some(node) = chain.node(id).await? else {
        // On another fork than a moment ago.
        return Ok(());
    };
    if node.peer_key != context.keys.identity.peer_key() {
        return Err(Obstacle::Person(format!(
            "node {id} is registered with another swarm identity than the one in {}/keys; put the \
             file swarm-identity of the registered node back, or start with another --path",
            context.options.path.display()
        )));
    }
    let is_new = context.node_id() != Some(id);
    if is_new {
        // Before the first shard: shards are taken for a known node only.
        bind_store(context, chain.genesis()).await?;
    }
    context.node_known(Some(node.clone()));
    if is_new {
        follow_capacity(context, chain, &node).await?;
    }
    top_up(context, chain).await?;
    let earned = chain.earnings(id).await?;
    context.board().earned = Some(Earned::from(earned));
    context.say(
        Stage::Serving,
        format!("serving as node {id} of operator {}", node.operator),
    );
    Ok(())
}

/// Binds the store to the chain that knows the node: one that was merely connected to may be the
/// wrong one.
async fn bind_store(context: &Context, genesis: [u8; 32]) -> Result<(), Obstacle> {
    let store = context.store.clone();
    match tokio::task::spawn_blocking(move || store.bind_chain(&genesis)).await {
        Ok(Ok(())) => {}
        Ok(Err(error @ UpdateError::OtherChain(_))) => {
            return Err(Obstacle::Person(error.to_string()));
        }
        // A store that does not write takes no shards either, and its shards are still proven.
        Ok(Err(error)) => tracing::warn!(%error, "the store could not be bound to the chain"),
        Err(error) => tracing::error!(%error, "binding the store to the chain ended badly"),
    }
    Ok(())
}

async fn register(
    context: &Context,
    chain: &dyn ChainAccess,
) -> Result<neurostore_primitives::NodeId, Obstacle> {
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
                neuro(chain.bond_for(options.capacity.leaves()).await?),
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
        neuro(bond)
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
    tracing::info!(node = %id, bond = neuro(bond), "registered");
    Ok(id)
}

/// Brings the capacity on the chain to the one the node was started with, and the bond to what
/// that needs: a slashed one is filled up.
async fn follow_capacity(
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
                bond = neuro(node.bond),
                bond_due = neuro(due),
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
            bond = neuro(node.bond),
            bond_due = neuro(due),
            "the chain has another capacity than this start, or bond was slashed and the node gets \
             no new shards; start once with --operator-key-file to bring both up to date"
        ),
    }
    Ok(())
}

/// Gives the node account NEURO for fees where it has too little.
async fn top_up(context: &Context, chain: &dyn ChainAccess) -> Result<(), Obstacle> {
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
                balance = neuro(balance),
                "the node account has too little NEURO for fees; send it {}, or start once with \
                 --operator-key-file",
                neuro(FEE_FLOAT)
            );
            return Ok(());
        }
    };
    let amount = FEE_FLOAT.saturating_sub(balance);
    tracing::info!(%account, amount = neuro(amount), "sending the node account NEURO for fees");
    chain.transfer(&operator, &account, amount).await?;
    Ok(())
}

/// An amount as people read it.
pub fn neuro(plancks: Balance) -> String {
    const NEURO: Balance = 1_000_000_000_000;
    let (whole, rest) = (plancks / NEURO, plancks % NEURO);
    let fraction = format!("{rest:012}");
    match fraction.trim_end_matches('0') {
        "" => format!("{whole} NEURO"),
        digits => format!("{whole}.{digits} NEURO"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_shown_in_neuro() {
        assert_eq!(neuro(0), "0 NEURO");
        assert_eq!(neuro(1_500_000_000_000), "1.5 NEURO");
        assert_eq!(neuro(1), "0.000000000001 NEURO");
    }
}

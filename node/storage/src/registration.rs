//! Becoming and staying a node of the chain.

mod capacity;
mod fees;
mod join;
mod obstacle;

use std::{sync::Arc, time::Duration};

use self::obstacle::Obstacle;
use crate::{
    chain_access::ChainAccess,
    context::Context,
    present,
    status::{Earned, Stage},
    store::UpdateError,
};

/// Pause between two looks at the chain's record: a block.
const PAUSE: Duration = Duration::from_millis(neurostore_primitives::MILLISECONDS_PER_BLOCK);
/// Pause after a refused registration or transfer: what is missing has to be brought by a person.
const REFUSED_PAUSE: Duration = Duration::from_secs(30);

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
            join::register(context, chain).await?
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
        capacity::follow(context, chain, &node).await?;
    }
    fees::top_up(context, chain).await?;
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

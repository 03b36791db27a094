//! The connection to the chain: made once, retried until it stands, and then listened to.

use std::{sync::Arc, time::Duration};

use futures::StreamExt;

use crate::{
    chain_access::{ChainAccess, Connector},
    context::Context,
    status::Stage,
    store::UpdateError,
};

/// First pause after a failed attempt to connect.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The pause doubles up to this: an endpoint that is just starting should not be waited for long.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// Without a block for so long the chain is asked directly.
const BLOCK_PATIENCE: Duration = Duration::from_secs(20);

/// Connects and then tells every best block, for ever.
pub(crate) async fn run(context: Arc<Context>, connector: Connector) {
    let chain = connect(&context, &connector).await;
    let genesis = chain.genesis();
    let store = context.store.clone();
    let checked = tokio::task::spawn_blocking(move || store.check_chain(&genesis)).await;
    match checked {
        Ok(Ok(())) => {}
        Ok(Err(UpdateError::OtherChain(bound))) => {
            context.say(
                Stage::Blocked,
                format!(
                    "{} holds shards of another chain (genesis 0x{}) than the one at {} (genesis \
                     0x{}); start with another --path, or connect to the chain it belongs to",
                    context.options.path.display(),
                    hex::encode(bound),
                    context.options.chain_url,
                    hex::encode(genesis),
                ),
            );
            // Its shards may be worth something: they are left alone, but nothing is served.
            return;
        }
        Ok(Err(error)) => tracing::warn!(%error, "the chain of the store could not be read"),
        Err(error) => tracing::error!(%error, "reading the chain of the store ended badly"),
    }
    context.chain_reached(Arc::clone(&chain));
    follow(&context, chain).await;
}

async fn connect(context: &Context, connector: &Connector) -> Arc<dyn ChainAccess> {
    let mut pause = FIRST_PAUSE;
    loop {
        match connector().await {
            Ok(chain) => match other_chain(context, chain.genesis()) {
                None => {
                    tracing::info!(
                        url = context.options.chain_url,
                        genesis = hex::encode(chain.genesis()),
                        "connected to the chain"
                    );
                    return chain;
                }
                Some(said) => context.say(Stage::WaitingForChain, said),
            },
            Err(error) => context.say(Stage::WaitingForChain, error.to_string()),
        }
        tokio::time::sleep(pause).await;
        pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
    }
}

/// What is wrong with a chain that is not the one to serve.
fn other_chain(context: &Context, genesis: [u8; 32]) -> Option<String> {
    let own = context.options.genesis.filter(|own| *own != genesis)?;
    Some(format!(
        "the chain at {} (genesis 0x{}) is not this node's own (genesis 0x{}): another program may \
         have taken the port of its RPC; free the port, or choose another with --rpc-port, and \
         start the node again",
        context.options.chain_url,
        hex::encode(genesis),
        hex::encode(own),
    ))
}

async fn follow(context: &Context, chain: Arc<dyn ChainAccess>) {
    let mut blocks = chain.subscribe_best();
    loop {
        match tokio::time::timeout(BLOCK_PATIENCE, blocks.next()).await {
            Ok(Some(block)) => context.block_seen(block),
            Ok(None) => {
                tokio::time::sleep(FIRST_PAUSE).await;
                blocks = chain.subscribe_best();
            }
            // A quiet chain and a broken subscription look alike: ask.
            Err(_) => match chain.best_block().await {
                Ok(block) if Some(block) == context.best() => {
                    tracing::warn!(block = block.0, "no new block for {BLOCK_PATIENCE:?}");
                }
                Ok(block) => context.block_seen(block),
                Err(error) => context.chain_failed("asking for the best block", &error),
            },
        }
    }
}

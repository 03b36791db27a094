//! Whole networks of real processes, end to end. Each test starts one of its own, which takes
//! both cores of a small machine: they run one after the other.
#![cfg(unix)]
#![allow(clippy::unwrap_used)] // Tests panic where they fail, their helpers too.

mod clients;
mod listener;
mod polkadot_js;
mod processes;
mod production;
mod survival;

use neurostore_localnet::{Network, NetworkOptions};

/// Starts a network and says on the way what it waits for.
async fn start(options: NetworkOptions) -> Network {
    let tell = |what: &str| eprintln!("waiting for {what}");
    Network::start(options, &tell)
        .await
        .unwrap_or_else(|error| panic!("no network: {error}"))
}

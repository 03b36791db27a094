//! `up`: a network to look at.

use std::path::PathBuf;

use anyhow::Context;
use neurostore_localnet::{MemberKind, Network};

use super::{
    interrupted,
    show::{headline, spinner},
    Up,
};

/// A development account with NEURO, for whoever tries things out.
const ACCOUNT: &str = "//Eve";

/// Starts a network, says what is where, and waits.
pub(crate) async fn up(arguments: &Up) -> anyhow::Result<()> {
    headline("starting the network; this takes a minute or two");
    let bar = spinner();
    let tell = |what: &str| {
        bar.set_message(what.to_owned());
        bar.println(format!("   waiting for {what}"));
    };
    let options = arguments.network.options(Some(arguments.first_port));
    let mut network = Network::start(options, &tell).await?;
    bar.finish_and_clear();
    let key = account_file(&network)?;
    describe(&network, &key);
    let watching = async {
        loop {
            let ended = network.next_end().await;
            println!("\n{ended}");
        }
    };
    // The only end there is: nothing went wrong, so nothing is kept.
    tokio::select! {
        () = watching => {}
        () = interrupted() => {}
    }
    network.shut_down().await?;
    println!("\nall processes were ended");
    Ok(())
}

/// The funded account in a file, for `neuro --key-file`.
fn account_file(network: &Network) -> anyhow::Result<PathBuf> {
    let path = network.folder().join("account.key");
    neurostore_files::replace_private(&path, format!("{ACCOUNT}\n").as_bytes())
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}

fn describe(network: &Network, key: &std::path::Path) {
    let count = |kind| {
        network
            .members()
            .iter()
            .filter(|member| member.kind() == kind)
            .count()
    };
    headline(&format!(
        "the network is up: {} validators that store, {} storage daemons",
        count(MemberKind::Validator),
        count(MemberKind::Daemon)
    ));
    println!(
        "   {:18} {:>5}  {:24} {:27} class",
        "member", "node", "JSON-RPC", "status page"
    );
    for member in network.members() {
        let node = member
            .node()
            .map(|node| node.to_string())
            .unwrap_or_default();
        println!(
            "   {:18} {node:>5}  {:24} {:27} {:?}",
            member.name(),
            member.rpc_url(),
            member.status_url(),
            member.class()
        );
    }
    let neuro = network.programs().neuro.display();
    let chain = network.chain_url();
    println!("\n   logs      {}", network.logs().display());
    println!(
        "   account   {ACCOUNT}, a development key with NEURO, in {}",
        key.display()
    );
    headline("what to type next, in another terminal");
    println!("   export NEURO_CHAIN={chain}");
    println!("   export NEURO_KEY_FILE={}", key.display());
    println!(
        "   export NEURO_CONFIG_DIR={}",
        network.folder().join("neuro").display()
    );
    println!("   {neuro} account balance");
    println!("   {neuro} put README.md");
    println!("   {neuro} stat README.md");
    println!("   {neuro} get README.md --output /tmp/copy.md && cmp README.md /tmp/copy.md");
    println!("   {neuro} node list");
    println!("\n   In the browser: https://polkadot.js.org/apps/?rpc={chain}");
    println!("   (Developer > Runtime calls > placementApi, spacetimeApi, paymentsApi)");
    println!("   With @polkadot/api, in node/localnet/tests/polkadot-js after `npm ci`:");
    println!("   node look.js {chain}");
    println!("\n   Ctrl-C ends everything.");
}

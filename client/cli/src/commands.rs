//! The commands.

mod account;
mod agreements;
mod fetch;
mod list;
mod nodes;
mod stat;
mod store;

use std::time::Duration;

use anyhow::Context;
use neurostore_client::{parse_bootnode, Chain, Client, ClientOptions, Locator, SegmentId, Signer};

use crate::{
    args::{Arguments, Command},
    config::Settings,
    exit::Usage,
    locators::Named,
};

/// Longest wait for the block of a transaction to be final: some rounds of votes.
const FINALITY_PATIENCE: Duration = Duration::from_secs(60);

/// Does what the arguments say.
pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let settings = Settings::new(&arguments.global)?;
    match arguments.command {
        Command::Put(put) => store::put(put, &settings).await,
        Command::Get(get) => fetch::get(get, &settings).await,
        Command::Cat(cat) => fetch::cat(cat, &settings).await,
        Command::Stat { object } => stat::stat(&object, &settings).await,
        Command::Ls => list::ls(&settings),
        Command::Rm { object } => agreements::rm(&object, &settings).await,
        Command::Extend {
            object,
            windows,
            until,
        } => {
            let time = until.map_or_else(
                || agreements::Time::Windows(windows.unwrap_or(settings.windows)),
                agreements::Time::Until,
            );
            agreements::extend(&object, time, &settings).await
        }
        Command::Quote { size, windows } => {
            agreements::quote(size, windows.unwrap_or(settings.windows), &settings).await
        }
        Command::Account(command) => account::run(command, &settings).await,
        Command::Node(command) => nodes::run(command, &settings).await,
        // Handled before a runtime is made.
        Command::Completions { .. } | Command::Man { .. } => Ok(()),
    }
}

/// The key of the account, from its file.
fn signer(settings: &Settings) -> anyhow::Result<Signer> {
    Signer::from_file(&settings.key_file).with_context(|| {
        "no account to pay with: make one with `neuro account new`, or name its file with \
         --key-file"
    })
}

/// A connection to the chain alone.
async fn chain(settings: &Settings) -> anyhow::Result<Chain> {
    Ok(Chain::connect(&settings.chain).await?)
}

/// A client that can read.
async fn reader(settings: &Settings) -> anyhow::Result<Client> {
    client(settings, None).await
}

/// A client that can also pay.
async fn payer(settings: &Settings) -> anyhow::Result<Client> {
    client(settings, Some(signer(settings)?)).await
}

async fn client(settings: &Settings, signer: Option<Signer>) -> anyhow::Result<Client> {
    let bootnodes = settings
        .bootnodes
        .iter()
        .map(|address| parse_bootnode(address))
        .collect::<Result<Vec<_>, _>>()?;
    let options = ClientOptions {
        signer,
        bootnodes,
        ..ClientOptions::default()
    };
    Ok(Client::connect(&settings.chain, options).await?)
}

/// Waits until no fork can undo that the payer pays for each segment until the block beside it.
/// Returns whether it came to that. If not, it is done all the same, in a block that is not final.
async fn wait_final(
    client: &Client,
    paid: impl IntoIterator<Item = (SegmentId, u32)>,
    settings: &Settings,
) -> bool {
    if !settings.json && !settings.quiet {
        eprintln!("waiting for finality");
    }
    match client.wait_final(paid, FINALITY_PATIENCE).await {
        Ok(is_final) => is_final,
        Err(error) => {
            eprintln!("neuro: cannot see whether it is final: {error}");
            false
        }
    }
}

/// The segments of an object: from the catalogue, else by reading its root.
async fn segments_of(client: &Client, named: &Named) -> anyhow::Result<Vec<SegmentId>> {
    match named.known_segments() {
        Some(segments) => Ok(segments),
        None => Ok(client.open(&named.locator).await?.segments()),
    }
}

/// The chain that a client is connected to, as the catalogue has it: 64 hexadecimal digits.
fn genesis(client: &Client) -> String {
    SegmentId(client.chain().genesis()).to_string()
}

/// What an object is called on the screen: never by its key.
fn title(named: &Named) -> String {
    named
        .entry
        .as_ref()
        .map_or_else(|| short(&named.locator), |entry| entry.name.clone())
}

/// A locator without its key.
fn short(locator: &Locator) -> String {
    locator.public()
}

/// Refuses a number of windows that nobody can mean.
fn check_windows(windows: u32) -> anyhow::Result<u32> {
    if windows == 0 {
        return Err(Usage("pay for at least one window".into()).into());
    }
    Ok(windows)
}

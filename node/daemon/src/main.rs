//! neuro-node: a storage node without a full node.
//!
//! Stores shards, proves them every window and earns NEURO for it, against the RPC of a chain node
//! that may run anywhere.
#![forbid(unsafe_code)]

mod chain;
mod cli;
mod format;
mod package;
mod run;
mod status;

use std::{process::ExitCode, time::Duration};

use clap::Parser;

use crate::cli::{Cli, Command};

/// Time for threads on the disk to end.
const GOODBYE: Duration = Duration::from_secs(2);

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: no threads to run on: {error}");
            return ExitCode::FAILURE;
        }
    };
    let ended = runtime.block_on(dispatch(cli));
    // Work on the disk that is still under way is crash-safe: nothing waits for it.
    runtime.shutdown_timeout(GOODBYE);
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn dispatch(cli: Cli) -> anyhow::Result<()> {
    match cli.command {
        None => run::run(cli.run).await,
        Some(Command::Run(arguments)) => run::run(*arguments).await,
        Some(Command::Status(arguments)) => status::show(&arguments).await,
        Some(Command::Earnings(arguments)) => chain::earnings(&arguments).await,
        Some(Command::Explain(arguments)) => chain::explain(&arguments).await,
        Some(Command::Withdraw(arguments)) => chain::withdraw(&arguments).await,
        Some(Command::Identity(place)) => run::identity(&place),
        Some(Command::Completions { shell }) => {
            package::completions(shell);
            Ok(())
        }
        Some(Command::Man { folder }) => package::manual(&folder),
    }
}

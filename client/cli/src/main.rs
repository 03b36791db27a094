//! neuro: store, fetch and look after files from the command line.
#![forbid(unsafe_code)]

mod amounts;
mod args;
mod catalogue;
mod commands;
mod config;
mod exit;
mod locators;
mod output;
mod package;
mod progress;

use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use tracing_subscriber::EnvFilter;

use args::{Arguments, Command};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    log_to_stderr(arguments.global.verbose);
    let json = arguments.global.json;
    match &arguments.command {
        Command::Completions { shell } => {
            package::completions(*shell);
            return ExitCode::SUCCESS;
        }
        Command::Man { folder } => {
            let written = package::manual(folder)
                .with_context(|| format!("cannot write manual pages into {}", folder.display()));
            return match written {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => exit::report(&error, json),
            };
        }
        _ => {}
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return exit::report(&anyhow::Error::new(error), json),
    };
    let outcome = runtime.block_on(async {
        tokio::select! {
            outcome = commands::run(arguments) => outcome,
            _ = tokio::signal::ctrl_c() => Err(exit::Interrupted.into()),
        }
    });
    // A reader of standard input may sit in a system call that nothing interrupts.
    runtime.shutdown_background();
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => exit::report(&error, json),
    }
}

/// Warnings are shown; `NEURO_LOG` (for example `neurostore_client=debug`) or `-v` shows more.
fn log_to_stderr(verbose: u8) {
    let default = match verbose {
        0 => "warn",
        1 => "info",
        2 => "neurostore_client=debug,neurostore_chain=debug,neurostore_swarm=debug,info",
        _ => "debug",
    };
    let filter = EnvFilter::try_from_env("NEURO_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // Nobody else sets a subscriber in this process.
    let _ = subscriber
        .with_target(verbose > 1)
        .without_time()
        .try_init();
}

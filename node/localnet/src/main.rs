//! `neurostore-localnet`: a whole network of processes on one machine, to look at or as a proof.
#![forbid(unsafe_code)]
#![cfg(unix)]

mod command;

use std::process::ExitCode;

use clap::Parser;
use tracing_subscriber::EnvFilter;

use command::{interrupted, Arguments, Command};

/// As shells have it: 128 + SIGINT.
const INTERRUPTED: u8 = 130;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("error"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();

    let running = async {
        match &arguments.command {
            Command::Up(up) => command::up(up).await,
            Command::Demo(demo) => command::demo(demo).await,
            Command::Load(load) => command::load(load).await,
            Command::Chaos(chaos) => command::chaos(chaos).await,
        }
    };
    // Whatever runs when the signal comes is dropped, and a dropped network ends its processes.
    let ended = tokio::select! {
        ended = running => ended,
        () = interrupted() => {
            eprintln!("interrupted: all processes were ended");
            return ExitCode::from(INTERRUPTED);
        }
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("neurostore-localnet: {error:#}");
            ExitCode::FAILURE
        }
    }
}
